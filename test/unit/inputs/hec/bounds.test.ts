/** What hostile or broken senders cost: memory, connections and time are bounded, and others are served. */
import { once } from "node:events";
import { connect } from "node:net";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { is_long, long, sampled } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { bufferBytes, buffersSince, heldBytes } from "../../../support/machine/memory.ts";
import { authorization, requestText, startReceiver } from "../../../support/hec/receiver.ts";

const MiB = 1024 * 1024;
const event = '{"event":"a"}';
const too_large = { text: "The request body is larger than this server takes.", code: 413 };

describe("bodies", () => {
  test("hec - a body that says that it is too large is refused before it comes", async () => {
    const receiver = await startReceiver({ max_body: "1MiB" });
    const client = await receiver.connect();
    client.write(requestText("", { "Content-Length": String(MiB + 1) }));
    await client.until(/^HTTP\/1\.1 413 /);
    const least = await receiver.post(`{"event":"${"x".repeat(MiB - 12)}"}`);
    expect(least.status).toBe(200);
    expect(receiver.input.notices.count("too_large")).toBe(1);
  });

  test("hec - a body in chunks is refused when it becomes too large, and the next request served", async () => {
    const receiver = await startReceiver({ max_body: "1MiB" });
    const client = await receiver.connect();
    const head = requestText("", { "Transfer-Encoding": "chunked" });
    client.write(head.replace("Content-Length: 0\r\n", ""));
    const chunk = Buffer.concat([
      Buffer.from("10000\r\n"),
      Buffer.alloc(65_536, "x"),
      Buffer.from("\r\n"),
    ]);
    for (let number = 0; number < 17; number += 1) client.write(chunk);
    await client.until(/^HTTP\/1\.1 413 /);
    client.write("0\r\n\r\n");
    client.write(requestText(event));
    await client.until(/HTTP\/1\.1 200 OK/);
    expect(receiver.intake.texts).toEqual(["a"]);
  });

  const endless = (mebibytes: number): string =>
    `hec - ${mebibytes} MiB without a line end are refused, and leave no trace in the memory`;
  sampled(endless, { sample: 90, all: 1024 }, async (mebibytes) => {
    const receiver = await startReceiver();
    const before = bufferBytes();
    const client = await receiver.connect();
    client.write(
      requestText("", { "Transfer-Encoding": "chunked" }).replace(/Content-L.*\r\n/, ""),
    );
    const chunk = Buffer.concat([
      Buffer.from("100000\r\n"),
      Buffer.alloc(MiB, "x"),
      Buffer.from("\r\n"),
    ]);
    for (let number = 0; number < mebibytes; number += 1) {
      if (!client.socket.write(chunk)) await once(client.socket, "drain");
      if (number % 50 === 0) await eventually(() => buffersSince(before, 64 * MiB) < 64 * MiB);
    }
    await client.until(/^HTTP\/1\.1 413 /);
    expect((await receiver.post(event)).status).toBe(200);
  });

  const bombs = { sample: { bodies: 2, members: 64 }, all: { bodies: 8, members: 1024 } };
  sampled("hec - bodies of zeros are refused while they are unpacked", bombs, async (bomb) => {
    const receiver = await startReceiver();
    const member = gzipSync(Buffer.alloc(10 * MiB));
    const gzip_bomb = Buffer.concat(Array.from({ length: bomb.members }, () => member));
    const deflate_bomb = deflateSync(Buffer.alloc((bomb.members / 2) * MiB));
    const before = bufferBytes();
    const answers = await Promise.all([
      ...Array.from({ length: bomb.bodies }, () =>
        receiver.post(gzip_bomb, undefined, { "content-encoding": "gzip" }),
      ),
      receiver.post(deflate_bomb, undefined, { "content-encoding": "deflate" }),
      receiver.post(event),
    ]);
    const last = answers.pop()!;
    expect(last.status).toBe(200);
    for (const answer of answers) {
      expect([answer.status, answer.json]).toEqual([413, too_large]);
    }
    expect(receiver.intake.texts).toEqual(["a"]);
    await eventually(() => buffersSince(before, 64 * MiB) < 64 * MiB);
  });

  test(
    "hec - more bodies at once than there is memory for wait for each other, and all are kept",
    long,
    async () => {
      const receiver = await startReceiver();
      receiver.intake.is_counting = true;
      const count = is_long ? 12 : 5;
      const body = Buffer.from(`{"event":"${"x".repeat(15 * MiB)}"}`);
      const clients = await Promise.all(Array.from({ length: count }, () => receiver.connect()));
      // Each has sent all but its last byte, as far as it is read.
      for (const client of clients) {
        client.write(requestText("", { "Content-Length": String(body.length) }));
        client.write(body.subarray(0, -1));
      }
      const other = await receiver.connect();
      other.write(requestText("", {}, "GET /services/collector/health HTTP/1.1"));
      await other.until(/HTTP\/1\.1 200 OK/);
      for (const client of clients) client.write(body.subarray(-1));
      for (const client of clients) await client.until(/HTTP\/1\.1 200 OK/);
      expect(receiver.intake.count).toBe(count);
    },
  );
});

describe("connections", () => {
  test("hec - slow strangers are closed, the oldest first, for whoever comes; a known sender stays", async () => {
    const receiver = await startReceiver({ max_connections: 10 });
    const sender = await receiver.connect();
    sender.write(requestText(event));
    await sender.until(/HTTP\/1\.1 200 OK/);
    const slow = [];
    for (let number = 0; number < 100; number += 1) {
      const client = await receiver.connect();
      client.write("POST / HTTP/1.1\r\nX: ");
      slow.push(client);
    }
    expect((await receiver.post(event)).status).toBe(200);
    await Promise.all(slow.slice(0, 90).map((client) => client.closed));
    sender.write(requestText(event));
    await sender.until(/HTTP\/1\.1 200 OK/, 2);
    expect(receiver.intake.count).toBe(3);
    expect(slow.slice(-5).map((client) => client.socket.destroyed)).toEqual(
      Array.from({ length: 5 }, () => false),
    );
  });

  test("hec - a new connection is closed where all others are of known senders", async () => {
    const receiver = await startReceiver({ max_connections: 3 });
    const senders = await Promise.all([1, 2, 3].map(() => receiver.connect()));
    for (const sender of senders) {
      sender.write(requestText(event));
      await sender.until(/HTTP\/1\.1 200 OK/);
    }
    const late = await receiver.connect();
    await late.closed;
    senders[0]!.socket.destroy();
    await eventually(async () => {
      const next = connect(receiver.port, "127.0.0.1");
      next.on("error", () => undefined);
      next.write(requestText(event, { Connection: "close" }));
      const chunks = await next.toArray().catch(() => []);
      return Buffer.concat(chunks as Buffer[])
        .toString()
        .startsWith("HTTP/1.1 200");
    });
  });

  test("hec - a body that does not come is waited for no longer than request_timeout", async () => {
    const receiver = await startReceiver({ request_timeout: "1s" });
    const client = await receiver.connect();
    client.write(requestText("", { "Content-Length": "1000" }));
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 408 /);
    expect(receiver.intake.deliveries).toBe(0);
  });

  sampled(
    (connections) => `hec - ${connections} connections that open and close leave nothing behind`,
    // 100,000 of them meet the real daemon, in test/e2e/receiving/hostile-clients.test.ts.
    { sample: 400, all: 20_000 },
    async (connections) => {
      const receiver = await startReceiver();
      const before = heldBytes();
      const { promise: all_gone, resolve } = Promise.withResolvers<void>();
      const others: Promise<void>[] = [];
      let left = connections;
      let open = 0;
      const openAndClose = (): void => {
        if (left === 0) {
          if (open === 0) resolve();
          return;
        }
        left -= 1;
        open += 1;
        if (left % 1000 === 0) others.push(postEvent());
        const socket = connect(receiver.port, "127.0.0.1", () => {
          if (left % 10 === 0)
            socket.write(`POST / HTTP/1.1\r\nAuthorization: ${authorization}\r\n`);
          // Reset, as else the ports of this machine would be used up.
          socket.resetAndDestroy();
        });
        socket.on("error", () => undefined);
        socket.on("close", () => {
          open -= 1;
          openAndClose();
        });
      };
      const postEvent = async (): Promise<void> => {
        expect((await receiver.post(event)).status).toBe(200);
      };
      for (let number = 0; number < 100; number += 1) openAndClose();
      await all_gone;
      await Promise.all(others);
      expect(receiver.intake.count).toBe(Math.ceil(connections / 1000));
      await eventually(async () => {
        expect((await receiver.post(event)).status).toBe(200);
        return receiver.input.connections <= others.length + 1;
      });
      await eventually(() => heldBytes() - before < 64 * MiB);
    },
  );
});
