/** One socket input after the other in one process: their clients stay connected, and go on where they are. */
import { once } from "node:events";
import { readdirSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { is_long, long } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import {
  client,
  closed,
  receive,
  SocketReceiving,
  type ReceivingServices,
} from "../../../support/sockets/socket-receiving.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

/** Replaces a socket input by another, with other options; what it delivers is told apart. */
async function replace(
  former: SocketReceiving,
  options: object = {},
  services: ReceivingServices = {},
): Promise<SocketReceiving> {
  const handed = await former.input.handOver();
  const { path, ledger } = former;
  const next = new SocketReceiving({ path, ...options }, { handed, ledger, ...services });
  next.acceptance = former.acceptance;
  onTestFinished(() => next.input.stop());
  await next.input.start(next);
  return next;
}

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Writes, and waits until all of it has been read. */
async function writeAll(socket: Socket, text: string | Buffer): Promise<void> {
  await new Promise<void>((resolve) => socket.write(text, () => resolve()));
}

describe("hand-over", () => {
  it("socket - a client in the middle of a line goes on with it", async () => {
    const first = await receive();
    const socket = await client(first.path);
    await writeAll(socket, "one\ntwo and a ");
    await first.received(1);
    const second = await replace(first);
    await writeAll(socket, "half\nthree");
    const third = await replace(second, { path: join(temporaryDirectory(), "other.sock") });
    const end = closed(socket);
    socket.end(" and a half\nunfinished");
    await end;
    expect([...first.texts, ...second.texts, ...third.texts]).toEqual([
      "one",
      "two and a half",
      "three and a half",
      "unfinished",
    ]);
    expect(third.events.at(-1)!.metadata.fields).toEqual({ tallyman_unfinished: true });
    expect(third.ledger.books().total.lost_bytes).toBe(0);
  });

  it("socket - a client that is connected keeps its framing when that is changed, and new ones have the other", async () => {
    const first = await receive();
    const socket = await client(first.path);
    await writeAll(socket, "one\ntwo and a ");
    await first.received(1);
    const framing = { lines: { separator: ";" } };
    const second = await replace(first, { framing });
    await writeAll(socket, "half;\n");
    const other = await client(second.path);
    await writeAll(other, "three\n;four;");
    await second.received(3);
    expect(second.texts.toSorted()).toEqual(["four", "three\n", "two and a half;"]);
    expect(second.log.of("socket_framing_kept")[0]!.facts).toMatchObject({ clients: 1 });
    const third = await replace(second, { framing });
    expect(third.log.of("socket_framing_kept")[0]!.facts).toMatchObject({ clients: 1 });
  });

  it("socket - a client that ends between two inputs is closed when all of it is accepted", async () => {
    const first = await receive();
    const socket = await client(first.path);
    await writeAll(socket, "one\ntwo");
    await first.received(1);
    const handed = await first.input.handOver();
    const end = closed(socket);
    socket.end();
    await once(handed[0]!.socket, "end");
    const second = new SocketReceiving({ path: first.path }, { handed });
    onTestFinished(() => second.input.stop());
    await second.input.start(second);
    await end;
    expect([...first.texts, ...second.texts]).toEqual(["one", "two"]);
  });

  it("socket - while nothing is accepted nothing is lost, in however many hands", async () => {
    let receiving = await receive({ max_event_bytes: "1KiB" });
    receiving.acceptance = "full";
    const sockets = await Promise.all([1, 2, 3].map(() => client(receiving.path)));
    await eventually(() => receiving.input.connections === 3);
    const line = "x".repeat(5000);
    await writeAll(sockets[0]!, `first\n${line}`);
    await writeAll(sockets[1]!, `${line}\nafter\n`);
    sockets[2]!.end("the last line");
    for (let turn = 0; turn < 10; turn += 1) {
      await writeAll(sockets[0]!, `${turn}`);
      await writeAll(sockets[1]!, `${turn}\n`);
      receiving = await replace(receiving, { max_event_bytes: "1KiB" });
    }
    expect(receiving.input.connections).toBe(3);
    receiving.acceptance = "accepted";
    const ends = sockets.map((socket) => closed(socket));
    sockets[0]!.end("\n");
    sockets[1]!.end();
    await Promise.all(ends);
    const { texts, events } = receiving;
    const digits = Array.from({ length: 10 }, (_, turn) => String(turn));
    const cut = "x".repeat(1024);
    expect(texts.toSorted()).toEqual(
      ["first", cut, cut, "after", ...digits, "the last line"].toSorted(),
    );
    const lengths = events.flatMap(({ truncation }) => truncation?.original_bytes ?? []);
    expect(new Set(lengths)).toEqual(new Set([5000, 5010]));
    const unfinished = events.filter(({ metadata }) => metadata.fields !== undefined);
    expect(unfinished.map(({ text }) => text)).toEqual(["the last line"]);
    expect(receiving.ledger.books().total.lost_bytes).toBe(0);
  });

  it("socket - a delivery under way is waited for, and not delivered again", async () => {
    const first = await receive();
    const answer = Promise.withResolvers<void>();
    first.beforeAnswer = () => answer.promise;
    const socket = await client(first.path);
    await writeAll(socket, "one\n");
    await first.received(1);
    await writeAll(socket, "two\n");
    const replaced = replace(first);
    setTimeout(answer.resolve, 100);
    const second = await replaced;
    await eventually(() => first.count + second.count === 2);
    expect([...first.texts, ...second.texts]).toEqual(["one", "two"]);
  });

  it("socket - a delivery that does not end is given up, and booked as lost", async () => {
    const first = await receive();
    first.beforeAnswer = () => new Promise(() => undefined);
    const socket = await client(first.path);
    await writeAll(socket, "one\n");
    await first.received(1);
    const end = closed(socket);
    const second = await replace(first);
    await end;
    expect(second.input.connections).toBe(0);
    expect(second.ledger.books().total.lost_bytes).toBe(4);
  });

  const turns = is_long ? 100 : 25;
  it(`socket - ${turns} times under load, and nothing grows`, long, async () => {
    let receiving = await receive();
    const { path } = receiving;
    const texts: string[] = [];
    const sockets = await Promise.all([0, 1, 2, 3].map(() => client(path)));
    await eventually(() => receiving.input.connections === 4);
    const before = openFiles();
    const lines = is_long ? 20_000 : 5000;
    const writing = Promise.all(sockets.map((socket, number) => writeLines(socket, number, lines)));
    for (let turn = 0; turn < turns; turn += 1) {
      const next = await replace(receiving);
      texts.push(...receiving.texts);
      receiving = next;
    }
    await writing;
    expect(openFiles()).toBe(before);
    const ends = sockets.map((socket) => closed(socket));
    for (const socket of sockets) socket.end();
    await Promise.all(ends);
    texts.push(...receiving.texts);
    expect(texts.length).toBe(4 * lines);
    for (let number = 0; number < 4; number += 1) {
      const own = texts.filter((text) => text.startsWith(`${number} `));
      expect(own).toEqual(Array.from({ length: lines }, (_, line) => `${number} ${line}`));
    }
    expect(receiving.ledger.books().total.lost_bytes).toBe(0);
  });

  it("socket - who is handed over counts among max_connections", async () => {
    const first = await receive({ max_connections: 2 });
    await client(first.path);
    await client(first.path);
    await eventually(() => first.input.connections === 2);
    const second = await replace(first, { max_connections: 2 });
    await closed(await client(second.path));
    expect(second.input.connections).toBe(2);
  });

  it("socket - one that could not start gives on what it was given", async () => {
    const first = await receive();
    const other = await receive();
    const socket = await client(first.path);
    await writeAll(socket, "one\nhal");
    await first.received(1);
    const handed = await first.input.handOver();
    const { ledger, path } = first;
    const wrong = new SocketReceiving({ path: other.path }, { handed, ledger });
    await expect(wrong.input.start(wrong)).rejects.toMatchObject({ code: "socket_in_use" });
    const again = new SocketReceiving({ path }, { handed: await wrong.input.handOver(), ledger });
    onTestFinished(() => again.input.stop());
    await again.input.start(again);
    await wrong.input.stop();
    await writeAll(socket, "f\n");
    await again.received(1);
    expect(again.texts).toEqual(["half"]);
  });

  it("socket - what is handed over to nobody is booked as lost", async () => {
    const first = await receive();
    const socket = await client(first.path);
    await writeAll(socket, "one\nhalf");
    await first.received(1);
    const { ledger, path } = first;
    const handed = await first.input.handOver();
    const second = new SocketReceiving({ path }, { handed, ledger });
    const end = closed(socket);
    await second.input.stop();
    await end;
    expect(ledger.books().total.lost_bytes).toBe(4);
  });
});

describe("metadata", () => {
  it("socket - other metadata holds for connections that are open, and for lines that have begun", async () => {
    const receiving = await receive();
    const socket = await client(receiving.path);
    await writeAll(socket, "one\ntw");
    await receiving.received(1);
    receiving.input.describe({ metadata: { index: "audit" } });
    const end = closed(socket);
    socket.end("o\nthree");
    await end;
    const { path } = receiving;
    expect(receiving.events.map(({ metadata }) => metadata)).toEqual([
      { source: path, host: "here" },
      { source: path, index: "audit" },
      { source: path, index: "audit", fields: { tallyman_unfinished: true } },
    ]);
  });
});

async function writeLines(socket: Socket, number: number, lines: number): Promise<void> {
  for (let line = 0; line < lines; line += 1) {
    // In pieces that end anywhere in a line.
    const text = `${number} ${line}\n`;
    const half = line % text.length;
    socket.write(text.slice(0, half));
    if (line % 50 === 0) await writeAll(socket, text.slice(half));
    else socket.write(text.slice(half));
  }
}
