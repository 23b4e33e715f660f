/** Streams on their way to the intake: the memory they share, and connections that break. */
import { hash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { PassThrough } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { framings } from "../../../../src/inputs/framing/framings.ts";
import { GatherMemory, type MemoryUser } from "../../../../src/inputs/lines/gather-memory.ts";
import { LineFeed, LineFeeds } from "../../../../src/inputs/lines/line-feed.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { type Clock, systemClock } from "../../../../src/platform/clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { longTest } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { CountingClock, fastClock } from "../../../support/clocks/fast-clock.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { MemoryIntake } from "../../../support/events/memory-intake.ts";

function feeds(clock = systemClock) {
  const intake = new MemoryIntake();
  const log = new CollectedLog();
  const origin = { input: "lines", stream: "test", metadata: {} };
  const max_event_bytes = 1024 * 1024;
  const framer = framings.lines.framer({}, "stream");
  const encoding = "auto" as const;
  const shared = new LineFeeds({ origin, framer, encoding, max_event_bytes, intake, clock, log });
  return { intake, log, feeds: shared };
}

/** The server's side of a TCP connection, and the client's. */
async function connection(): Promise<[Socket, Socket]> {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const accepted = once(server, "connection");
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const [socket] = (await accepted) as [Socket];
  return [socket, client];
}

/** A stream of statements that end with a semicolon, of which one is given out after a second without anything new. */
function statements(clock: Clock) {
  const intake = new MemoryIntake();
  const origin = { input: "lines", stream: "test", metadata: {} };
  const options = framings.multiline.options.parse({ end: ";$", flush_after: "1s" });
  const framer = framings.multiline.framer(options, "stream");
  const log = new CollectedLog();
  const deps = {
    origin,
    framer,
    encoding: "auto" as const,
    max_event_bytes: 1024,
    intake,
    clock,
    log,
  };
  return { intake, feeds: new LineFeeds(deps) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("line feed", () => {
  it("line feed - a group whose end does not come is given out after a pause, and not while its writer goes on", async () => {
    const clock = new ManualClock();
    const { intake, feeds: shared } = statements(clock);
    const stream = new PassThrough();
    const feed = new LineFeed(stream, shared);
    for (const text of ["a\n", "b\n", "c\nd", "e\n"]) {
      stream.write(text);
      await turn();
      clock.pass(900);
      await turn();
    }
    expect(intake.texts).toEqual([]);
    clock.pass(100);
    await eventually(() => intake.count === 1);
    stream.write("f;\ng\nh");
    await turn();
    // In the middle of a line its writer is about to go on.
    clock.pass(10_000);
    await eventually(() => intake.count === 2);
    stream.end("i\n");
    await feed.done;
    expect(intake.texts).toEqual(["a\nb\nc\nde", "f;", "g\nhi"]);
    expect(intake.events.map(({ metadata }) => metadata.fields)).toEqual([
      undefined,
      { tallyman_group_cut: true },
      undefined,
    ]);
  });

  it("line feed - one timer waits for a pause, however much comes in, and none behind the end", async () => {
    const clock = new CountingClock();
    const { feeds: shared } = statements(clock);
    const stream = new PassThrough();
    const feed = new LineFeed(stream, shared);
    for (let number = 0; number < 50; number += 1) {
      stream.write(`${number}\n`);
      await turn();
    }
    expect(clock.waiting).toBe(1);
    stream.end();
    await feed.done;
    expect(clock.waiting).toBe(0);
  });

  it("line feed - a group that waits is given out by the feed that goes on with its stream", async () => {
    const clock = new ManualClock();
    const { intake, feeds: shared } = statements(clock);
    const stream = new PassThrough();
    const feed = new LineFeed(stream, shared);
    stream.write("a\nb\n");
    await turn();
    const handed = await shared.handOver([feed]);
    const next = statements(clock);
    const successor = new LineFeed(stream, next.feeds, handed.get(feed));
    clock.pass(1000);
    await eventually(() => next.intake.count === 1);
    expect([intake.texts, next.intake.texts]).toEqual([[], ["a\nb"]]);
    stream.end();
    await successor.done;
  });

  it("line feed - a connection that is reset leaves what had come in", async () => {
    const { intake, log, feeds: shared } = feeds();
    const [socket, client] = await connection();
    const feed = new LineFeed(socket, shared);
    client.write("whole\nbroken o");
    await eventually(() => intake.count === 1);
    client.resetAndDestroy();
    await feed.done;
    expect(intake.texts).toEqual(["whole", "broken o"]);
    expect(intake.events[1]!.metadata.fields).toEqual({ tallyman_unfinished: true });
    expect(log.codesAt("debug")).toEqual(["connection_interrupted"]);
  });

  longTest(
    "line feed - unfinished lines that fill the memory are finished one by one, and short ones go on",
    async () => {
      const { intake, feeds: shared } = feeds();
      const line = Buffer.alloc(900_000, "x");
      const streams = Array.from({ length: 100 }, () => new PassThrough({ highWaterMark: 4096 }));
      const all = streams.map((stream) => new LineFeed(stream, shared));
      // Each sends the beginning of a long line and waits for the others to be as far, or to be held up.
      const rests = streams.map(
        (stream) => new Promise<void>((resolve) => void stream.write(line, () => resolve())),
      );
      await eventually(() => shared.memory.is_full);
      const short = new PassThrough();
      const feed = new LineFeed(short, shared);
      short.end("short\n");
      await feed.done;
      expect(intake.texts).toEqual(["short"]);
      for (const stream of streams) stream.end("end\n");
      await Promise.all(rests);
      await Promise.all(all.map(({ done }) => done));
      expect(intake.count).toBe(101);
      expect(new Set(intake.events.slice(1).map(({ bytes }) => bytes.length))).toEqual(
        new Set([900_003]),
      );
      expect(shared.memory.used_bytes).toBe(0);
    },
  );

  longTest(
    "line feed - a line that never ends while others wait for memory is cut off, flagged and logged",
    async () => {
      const { intake, log, feeds: shared } = feeds(fastClock(1000));
      const streams = Array.from({ length: 100 }, () => new PassThrough());
      const all = streams.map((stream) => new LineFeed(stream, shared));
      for (const stream of streams) stream.write(Buffer.alloc(900_000, "x"));
      await eventually(() => intake.count > 20 && !shared.memory.is_full);
      expect(intake.events.every(({ metadata }) => metadata.fields?.["tallyman_unfinished"])).toBe(
        true,
      );
      expect(log.at("warn").length).toBe(intake.count);
      for (const feed of all) feed.end();
      await shared.finish(all, new Ledger());
      expect(intake.count).toBe(100);
    },
  );
});

describe("giving up", () => {
  it("line feed - what is given up is not delivered when the intake answers after all", async () => {
    const { intake, feeds: shared } = feeds(fastClock(100));
    let answer: () => void = () => undefined;
    intake.beforeAnswer = () => new Promise((resolve) => (answer = resolve));
    const source = new PassThrough();
    const feed = new LineFeed(source, shared);
    source.write("under way\n");
    await eventually(() => intake.count === 1);
    source.write("gathered\n");
    await eventually(() => feed.undelivered_bytes === 19);
    feed.end();
    const ledger = new Ledger();
    await shared.finish([feed], ledger);
    expect(ledger.books().total.lost_bytes).toBe(19);
    answer();
    await feed.done;
    expect(intake.texts).toEqual(["under way"]);
    expect(shared.memory.used_bytes).toBe(0);
  });
});

describe("gather memory", () => {
  class User implements MemoryUser {
    proceeded = 0;
    cut = 0;
    proceed(): void {
      this.proceeded += 1;
    }
    cutOff(): void {
      this.cut += 1;
    }
  }

  it("gather memory - admits all while there is room, then one, and the next when that one leaves", () => {
    const memory = new GatherMemory(100, systemClock);
    const [first, second, third] = [new User(), new User(), new User()];
    expect(memory.admits(first)).toBe(true);
    memory.change(100);
    expect([first, second, third].map((user) => memory.admits(user))).toEqual([true, false, false]);
    memory.leave(first);
    expect([second.proceeded, third.proceeded]).toEqual([1, 0]);
    expect(memory.admits(second)).toBe(true);
    memory.change(-1);
    expect(third.proceeded).toBe(1);
  });

  it("gather memory - whoever is favoured is not cut off once there is room again", () => {
    const clock = new CountingClock();
    const memory = new GatherMemory(100, clock);
    memory.change(100);
    expect(memory.admits(new User())).toBe(true);
    expect(clock.waiting).toBe(1);
    memory.change(-1);
    expect(clock.waiting).toBe(0);
  });

  it.each<[string, string[], string[]]>([
    ["in one chunk", ["\xef\xbb\xbfone\ntwo\n"], ["one", "two"]],
    ["byte by byte", ["\xef", "\xbb", "\xbf", "one\n", "two\n"], ["one", "two"]],
    ["before an empty line", ["\xef\xbb\xbf\none\n"], ["one"]],
    ["alone", ["\xef\xbb\xbf"], []],
    ["before an unfinished line", ["\xef\xbb\xbf", "one"], ["one"]],
    ["later", ["one\n\xef\xbb\xbftwo\n"], ["one", "\ufefftwo"]],
    ["cut short", ["\xef\xbbone\n"], ["\ufffdone"]],
  ])("line feed - a byte order mark %s", async (_, chunks, expected) => {
    const { intake, feeds: shared } = feeds();
    const stream = new PassThrough();
    const feed = new LineFeed(stream, shared);
    for (const chunk of chunks) {
      stream.write(Buffer.from(chunk, "latin1"));
      await new Promise((resolve) => setImmediate(resolve));
    }
    stream.end();
    await feed.done;
    expect(intake.texts).toEqual(expected);
  });

  it("line feed - NUL bytes, more than a line may be long, are no lines", async () => {
    const { intake, feeds: shared } = feeds();
    const stream = new PassThrough();
    const feed = new LineFeed(stream, shared);
    for (let written = 0; written < 48; written += 1) stream.write(Buffer.alloc(64 * 1024));
    stream.end("one\n");
    await feed.done;
    expect(intake.texts).toEqual(["one"]);
    expect(shared.memory.used_bytes).toBe(0);
  });

  it("line feed - a byte order mark before a line that is too long is no part of it", async () => {
    const { intake, feeds: shared } = feeds();
    const stream = new PassThrough();
    const feed = new LineFeed(stream, shared);
    const line = "x".repeat(1024 * 1024 + 10);
    stream.end(`\ufeff${line}\nnext\n`);
    await feed.done;
    const [first, second] = intake.events;
    expect(first!.text).toBe(line.slice(0, 1024 * 1024));
    expect(first!.truncation).toEqual({
      original_bytes: line.length,
      original_sha256: hash("sha256", line),
    });
    expect(second!.text).toBe("next");
  });
});
