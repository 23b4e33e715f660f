/** The socket input on real sockets: framing, clients that go in every way, backpressure, and stopping. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { is_long, long, sampled } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { bufferBytes, buffersSince } from "../../../support/machine/memory.ts";
import {
  client,
  closed,
  receive,
  type SocketReceiving,
} from "../../../support/sockets/socket-receiving.ts";

/** Writes until no more goes out though both sides had their turns; how many lines that were. */
async function writeUntilBlocked(socket: Socket, line: Buffer): Promise<number> {
  let lines = 0;
  for (;;) {
    lines += 1;
    if (!socket.write(line) && !(await goesOn(socket))) return lines;
  }
}

async function goesOn(socket: Socket): Promise<boolean> {
  const waiting_bytes = socket.writableLength;
  for (let round = 0; round < 200; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (socket.writableLength < waiting_bytes) return true;
  }
  return false;
}

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

function lineOf(number: number, length: number): Buffer {
  return Buffer.from(`${String(number).padStart(length - 1, "0")}\n`);
}

describe("lines", () => {
  it("socket - lines arrive byte for byte, with the socket's path as their source", async () => {
    const receiving = await receive();
    const socket = await client(receiving.path);
    const bytes = Buffer.from([0x61, 0xff, 0xfe, 0x01, 0x62, 0x0d, 0x63]);
    socket.write(Buffer.concat([bytes, Buffer.from("\r\nsecond\n\n \nthird\n")]));
    await receiving.received(3);
    expect(receiving.events[0]!.bytes).toEqual(bytes);
    expect(receiving.texts.slice(1)).toEqual(["second", "third"]);
    expect(receiving.events[0]!.metadata).toEqual({ source: receiving.path, host: "here" });
  });

  it("socket - NUL ends a message as LF does, and a length before a syslog message is not a part of it", async () => {
    const receiving = await receive();
    const socket = await client(receiving.path);
    socket.write("<13>one\0<13>two\n<13>three\r\n\0\0");
    socket.write('21 <13>four\n  of 2 lines9 <13>five\n200 {"six":6}\n');
    await receiving.received(6);
    expect(receiving.texts).toEqual([
      "<13>one",
      "<13>two",
      "<13>three",
      "<13>four\n  of 2 lines",
      "<13>five\n",
      '200 {"six":6}',
    ]);
  });

  it("socket - a separator of its own ends an event, and nothing else does", async () => {
    const receiving = await receive({ framing: { lines: { separator: "\r" } } });
    const socket = await client(receiving.path);
    socket.write("one\rtwo\nand more\r\r\n\rthree\r");
    await receiving.received(3);
    expect(receiving.texts).toEqual(["one", "two\nand more", "three"]);
  });

  it("socket - a line that comes byte by byte is one event", async () => {
    const receiving = await receive();
    const socket = await client(receiving.path);
    for (const byte of Buffer.from("slowly\n")) {
      await new Promise<void>((resolve) => socket.write(Buffer.of(byte), () => resolve()));
    }
    await receiving.received(1);
    expect(receiving.texts).toEqual(["slowly"]);
  });

  it("socket - many clients at once are not mixed", async () => {
    const receiving = await receive();
    const clients = await Promise.all(Array.from({ length: 40 }, () => client(receiving.path)));
    await Promise.all(
      clients.map(async (socket, number) => {
        for (let line = 0; line < 50; line += 1) {
          const text = `${number}:${line}:${"x".repeat((line * 97) % 3000)}\n`;
          const half = text.length >> 1;
          socket.write(text.slice(0, half));
          await new Promise<void>((resolve) => socket.write(text.slice(half), () => resolve()));
        }
        socket.end();
        await closed(socket);
      }),
    );
    expect(receiving.count).toBe(40 * 50);
    for (let number = 0; number < clients.length; number += 1) {
      const lines = receiving.texts.filter((text) => text.startsWith(`${number}:`));
      expect(lines).toEqual(
        Array.from(
          { length: 50 },
          (_, line) => `${number}:${line}:${"x".repeat((line * 97) % 3000)}`,
        ),
      );
    }
  });

  it(
    "socket - a line beyond max_event_bytes is cut, with its length and hash, in bounded memory",
    long,
    async () => {
      const receiving = await receive({ max_event_bytes: "64KiB" });
      const socket = await client(receiving.path);
      const hash = createHash("sha256");
      const chunk = Buffer.alloc(1024 * 1024, "y");
      socket.write("before\n");
      const before = bufferBytes();
      const mib = is_long ? 200 : 110;
      const most_allowed = 100 * 1024 * 1024;
      let most = 0;
      for (let count = 0; count < mib; count += 1) {
        hash.update(chunk);
        await new Promise<void>((resolve) => socket.write(chunk, () => resolve()));
        if (count % 20 === 0) most = Math.max(most, buffersSince(before, most_allowed));
      }
      socket.write("\r\nafter\n");
      await receiving.received(3);
      expect(receiving.events.map(({ bytes }) => bytes.length)).toEqual([6, 64 * 1024, 5]);
      expect(receiving.events[1]!.truncation).toEqual({
        original_bytes: mib * chunk.length,
        original_sha256: hash.digest("hex"),
      });
      expect(most).toBeLessThan(most_allowed);
    },
  );

  it("socket - a line as long as max_event_bytes is whole, wherever its CRLF is torn", async () => {
    const receiving = await receive({ max_event_bytes: "1KiB" });
    const socket = await client(receiving.path);
    const line = "z".repeat(1024);
    socket.write(`${line}\r`);
    // The first chunk is in when an event of another client is.
    const other = await client(receiving.path);
    other.write("other\n");
    await receiving.received(1);
    socket.write("\n");
    await receiving.received(2);
    expect(receiving.texts).toEqual(["other", line]);
    expect(receiving.events[1]!.truncation).toBeUndefined();
  });
});

describe("clients", () => {
  it("socket - a half-closed client is answered with the end of the connection, once all is accepted", async () => {
    const receiving = await receive();
    let accept: () => void = () => undefined;
    receiving.beforeAnswer = () => new Promise((resolve) => (accept = resolve));
    const socket = await client(receiving.path);
    let state: "open" | "closed" = "open";
    const end = closed(socket).then(() => (state = "closed"));
    socket.end("one\ntwo\n");
    await receiving.received(2);
    expect(state).toBe("open");
    accept();
    await end;
    expect(receiving.texts).toEqual(["one", "two"]);
  });

  it("socket - an unfinished last line is an event, and flagged", async () => {
    const receiving = await receive({ metadata: { fields: { site: "a" } } });
    const socket = await client(receiving.path);
    socket.end("whole\nunfini");
    await receiving.received(2);
    expect(receiving.texts).toEqual(["whole", "unfini"]);
    expect(receiving.events.map(({ metadata }) => metadata.fields)).toEqual([
      undefined,
      { tallyman_unfinished: true },
    ]);
  });

  it("socket - an unfinished line beyond max_event_bytes is cut and flagged", async () => {
    const receiving = await receive({ max_event_bytes: "1KiB" });
    const socket = await client(receiving.path);
    socket.end("u".repeat(5000));
    await receiving.received(1);
    const [event] = receiving.events;
    expect(event!.bytes.length).toBe(1024);
    expect(event!.truncation!.original_bytes).toBe(5000);
    expect(event!.metadata.fields).toEqual({ tallyman_unfinished: true });
  });

  sampled(
    (clients) => `socket - ${clients} clients that open and close leave nothing behind`,
    { sample: 1000, all: 10_000 },
    async (count) => {
      const receiving = await receive();
      const before = descriptors();
      for (let round = 0; round < count / 100; round += 1) {
        const clients = await Promise.all(
          Array.from({ length: 100 }, () => client(receiving.path)),
        );
        await Promise.all(
          clients.map((socket, number) => {
            if (number % 2 === 0) socket.end();
            else socket.destroy();
            return new Promise((resolve) => socket.once("close", resolve).resume());
          }),
        );
      }
      await eventually(() => receiving.input.connections === 0);
      await eventually(() => descriptors() <= before);
      const last = await client(receiving.path);
      last.write("still there\n");
      await receiving.received(1);
      expect(receiving.log.at("warn")).toEqual([]);
    },
  );

  it("socket - clients beyond max_connections are turned away, and that is logged", async () => {
    const receiving = await receive({ max_connections: 2 });
    const served = [await client(receiving.path), await client(receiving.path)];
    await eventually(() => receiving.input.connections === 2);
    await closed(await client(receiving.path));
    served[0]!.write("one\n");
    await receiving.received(1);
    expect(receiving.log.at("warn").map(({ facts }) => facts)).toEqual([
      { input: "apps", clients: 1, cause: "max_connections" },
    ]);
  });
});

describe("backpressure", () => {
  it.each(["full", "unavailable"] as const)(
    "socket - while the intake is %s the writer blocks, others too, and nothing is lost",
    async (acceptance) => {
      const receiving = await receive();
      receiving.acceptance = acceptance;
      const sockets = [await client(receiving.path), await client(receiving.path)];
      const line = lineOf(0, 1000);
      const counts: number[] = [];
      for (const socket of sockets) counts.push(await writeUntilBlocked(socket, line));
      const kept_bytes = sockets.map((socket) => socket.bytesWritten - socket.writableLength);
      // The kernel holds some, the input its share.
      for (const bytes of kept_bytes) expect(bytes).toBeLessThan(4 * 1024 * 1024);
      expect(receiving.count).toBe(0);
      receiving.acceptance = "accepted";
      const ends = sockets.map((socket) => closed(socket));
      for (const socket of sockets) socket.end();
      await Promise.all(ends);
      expect(receiving.count).toBe(counts[0]! + counts[1]!);
    },
  );

  it("socket - what comes in while a delivery is under way goes as one delivery", async () => {
    const receiving = await receive();
    let accept: (() => void) | undefined;
    receiving.beforeAnswer = () =>
      accept === undefined ? new Promise((resolve) => (accept = resolve)) : undefined;
    const socket = await client(receiving.path);
    socket.write("first\n");
    await receiving.received(1);
    for (let line = 0; line < 20; line += 1) {
      await new Promise<void>((resolve) => socket.write(`line ${line}\n`, () => resolve()));
    }
    const other = await client(receiving.path);
    other.write("other\n");
    await receiving.received(2);
    expect(receiving.texts).toEqual(["first", "other"]);
    accept!();
    await receiving.received(22);
    expect(receiving.deliveries).toBe(3);
  });
});

describe("stopping", () => {
  it("socket - what clients had sent is delivered, an unfinished line too, and the socket's file goes", async () => {
    const receiving = await receive();
    const socket = await client(receiving.path);
    await eventually(() => receiving.input.connections === 1);
    socket.write(Buffer.concat(Array.from({ length: 100 }, (_, n) => lineOf(n, 1000))));
    socket.write("unfinished");
    const unaccepted = await client(receiving.path);
    unaccepted.write("not accepted yet\n");
    await receiving.input.stop();
    expect(receiving.texts).toHaveLength(102);
    expect(receiving.texts).toContain("not accepted yet");
    expect(receiving.texts).toContain("unfinished");
    expect(() => statSync(receiving.path)).toThrow("ENOENT");
    expect(receiving.log.at("error")).toEqual([]);
    await closed(socket);
    await expect(client(receiving.path)).rejects.toThrow("ENOENT");
  });

  it("socket - what cannot be kept in time is booked as lost, and logged", async () => {
    const receiving = await receive();
    receiving.acceptance = "full";
    const socket = await client(receiving.path);
    socket.write("lost\nlost too\n");
    await eventually(() => socket.bytesWritten === 14 && receiving.input.connections === 1);
    await receiving.input.stop();
    expect(receiving.ledger.books().total.lost_bytes).toBe(14);
    expect(receiving.log.at("error")[0]!.facts).toEqual({ input: "apps", lost_bytes: 14 });
  });

  it("socket - while an answer is slow a stop goes on reading what clients had sent", async () => {
    const receiving = await receive();
    let accept: (() => void) | undefined;
    receiving.beforeAnswer = () =>
      accept === undefined ? new Promise((resolve) => (accept = resolve)) : undefined;
    const socket = await client(receiving.path);
    const line = lineOf(0, 1000);
    socket.write(line);
    await receiving.received(1);
    const lines = 1 + (await writeUntilBlocked(socket, line));
    const sent = once(socket, "drain");
    const stopped = receiving.input.stop();
    accept!();
    await sent;
    await stopped;
    expect(receiving.count).toBe(lines);
    expect(receiving.log.at("warn")).toEqual([]);
  });

  it("socket - says so when clients are still held up at a stop", async () => {
    const receiving = await receive();
    receiving.acceptance = "unavailable";
    const socket = await client(receiving.path);
    await writeUntilBlocked(socket, lineOf(0, 1000));
    await receiving.input.stop();
    expect(receiving.log.at("warn").map(({ facts }) => facts)).toEqual([
      { input: "apps", clients: 1 },
    ]);
    expect(receiving.ledger.books().total.lost_bytes).toBeGreaterThan(100_000);
  });

  it("socket - stops twice, and without having been started", async () => {
    const receiving: SocketReceiving = await receive();
    await receiving.input.stop();
    await receiving.input.stop();
    expect(receiving.count).toBe(0);
  });
});
