/**
 * Clients that mean harm: slow ones, a gzip bomb, a storm of connections, a line without end. The memory stays bounded,
 * and others are served all the while.
 */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { writeConfig } from "../../support/agent-config.ts";
import { readNumbered, Tally } from "../../support/files/audit-files.ts";
import { Daemon } from "../../support/daemon.ts";
import { is_long, long, longTest, sampled } from "../../support/effort.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { HecLoad } from "../../support/hec/hec-load.ts";
import { Splunk } from "../../support/splunk.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const MiB = 1024 * 1024;
const rss_max = 250 * MiB;

interface Target {
  port: number;
  socket_path: string;
}

/** Attacks a daemon while others use it as they should, and holds that these lost nothing and it grew little. */
async function survives(attack: (target: Target) => Promise<void>): Promise<void> {
  const directory = temporaryDirectory();
  const tally = new Tally(10_000_000);
  const splunk = await Splunk.start({
    // What an attack has brought has no number.
    read: readNumbered((number) => {
      if (!Number.isNaN(number)) tally.add(number);
    }),
  });
  const target = { port: await freePort(), socket_path: join(directory, "audit.sock") };
  const inputs = [
    `http: { type: hec, listen: "127.0.0.1:${target.port}", tokens: [webhook] }`,
    `apps: { type: socket, path: ${target.socket_path} }`,
  ];
  const daemon = await Daemon.start(writeConfig({ directory, url: splunk.url, inputs }));
  const load = new HecLoad({ port: target.port, token: "webhook", clients: 2, pause_ms: 5 });
  let rss_most = 0;
  const watch = setInterval(() => (rss_most = Math.max(rss_most, daemon.rss())), 100);
  try {
    await attack(target);
    const before = load.acknowledged.size;
    await load.finish(load.begun + 100);
    expect(load.acknowledged.size).toBeGreaterThan(before);
  } finally {
    clearInterval(watch);
  }
  await splunk.until(() => tally.distinct >= load.acknowledged.size || !daemon.alive);
  expect(await daemon.stop()).toBe(0);
  expect(daemon.books.balanced).toBe(true);
  expect([...load.acknowledged].filter((number) => tally.counts[number] === 0)).toEqual([]);
  expect(load.refusals).toEqual(new Map());
  expect(rss_most).toBeLessThan(rss_max);
}

async function connect(port: number): Promise<Socket> {
  const socket = createConnection(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

function head(more: string): string {
  return `POST /services/collector/event HTTP/1.1\r\nHost: x\r\nAuthorization: Splunk webhook\r\n${more}\r\n`;
}

test("hostile clients - slow ones that never finish a request", long, async () => {
  await survives(async ({ port }) => {
    const sockets = await Promise.all(
      Array.from({ length: is_long ? 500 : 200 }, () => connect(port)),
    );
    for (const [number, socket] of sockets.entries()) {
      socket.write(number % 2 === 0 ? "POST / HT" : head("Content-Length: 1000000\r\n"));
    }
    for (let round = 0; round < 20; round += 1) {
      for (const socket of sockets) if (socket.writable) socket.write("x");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    for (const socket of sockets) socket.destroy();
  });
});

// Smaller bombs meet the input alone, in test/unit/inputs/hec/bounds.test.ts.
longTest("hostile clients - a body of 10 GB that was packed into 10 MB", async () => {
  const parts = 100;
  await survives(async ({ port }) => {
    const part = gzipSync(Buffer.alloc(100 * MiB, " "), { level: 9 });
    const socket = await connect(port);
    const answered = once(socket, "data") as Promise<[Buffer]>;
    socket.write(head(`Content-Length: ${parts * part.length}\r\nContent-Encoding: gzip\r\n`));
    for (let count = 0; count < parts; count += 1) socket.write(part);
    const [answer] = await answered;
    expect(answer.toString("latin1")).toContain(" 413 ");
    socket.destroy();
  });
});

sampled(
  (connections) => `hostile clients - ${connections} connections that are opened and closed`,
  { all: 100_000 },
  async (connections) => {
    await survives(async ({ port, socket_path }) => {
      const storm = async (connectOne: () => Socket): Promise<void> => {
        for (let count = 0; count < connections / 40; count += 1) {
          const socket = connectOne();
          socket.on("error", () => undefined);
          socket.once("connect", () => socket.destroy());
          // Where more come at once than the kernel lets wait, some are refused.
          await new Promise((resolve) => socket.once("close", resolve));
        }
      };
      await Promise.all([
        ...Array.from({ length: 20 }, () => storm(() => createConnection(port, "127.0.0.1"))),
        ...Array.from({ length: 20 }, () => storm(() => createConnection(socket_path))),
      ]);
    });
  },
);

// A shorter one meets the input alone, in test/unit/inputs/socket/socket-input.test.ts.
longTest("hostile clients - a line of 1024 MiB without an end", async () => {
  const length = 1024;
  await survives(async ({ socket_path }) => {
    const socket = createConnection(socket_path);
    await once(socket, "connect");
    const part = Buffer.alloc(MiB, "x");
    for (let mebibytes = 0; mebibytes < length; mebibytes += 1) {
      if (!socket.write(part)) await once(socket, "drain");
    }
    const closed = once(socket, "close");
    socket.end();
    await closed;
  });
});
