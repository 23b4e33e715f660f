/** An output of lines that is retired: what is not written goes to another one, in its order. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { LogEvent } from "../../../../src/event/log-event.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { ArchiveFile } from "../../../../src/output/file/archive-file.ts";
import { fileOutputOptions } from "../../../../src/output/file/options.ts";
import {
  LineOutput,
  waiting_bytes_max,
  type LineSink,
} from "../../../../src/output/lines/line-output.ts";
import type { Clock } from "../../../../src/platform/clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { makeEvents } from "../../../support/events/events.ts";
import { eventually } from "../../../support/eventually.ts";
import { CountingClock } from "../../../support/clocks/fast-clock.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
import { OutputRig } from "../../../support/events/output-rig.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const group_bytes = 4096;

/** Ends each write when the test says how. */
class SlowSink implements LineSink {
  readonly writes: { lines: string; end: PromiseWithResolvers<void> }[] = [];

  write(lines: Buffer, stop: AbortSignal): Promise<void> {
    const end = Promise.withResolvers<void>();
    this.writes.push({ lines: lines.toString(), end });
    stop.addEventListener("abort", () => end.reject(new Error("stopped")));
    return end.promise;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class Rig {
  readonly ledger = new Ledger();
  readonly log = new CollectedLog();
  readonly output: LineOutput;
  readonly inherited: string[] = [];
  readonly successor = { add: (event: LogEvent) => void this.inherited.push(event.text) };

  constructor(sink: LineSink, clock: Clock = new CountingClock()) {
    const { ledger, log } = this;
    this.output = new LineOutput("archive", { sink, group_bytes, ledger, clock, log });
    onTestFinished(() => this.output.close());
  }

  /** Adds numbered events of about 1 KiB each, in one block. */
  add(from: number, to: number): string[] {
    const records = Array.from({ length: to - from }, (_, place) => {
      return JSON.stringify({ number: from + place, padding: "x".repeat(1000) });
    });
    for (const event of makeEvents(this.ledger, records)) this.output.add(event);
    return records;
  }

  get delivered(): number {
    return this.ledger.books().total.delivered;
  }
}

function archive(path: string, log = new CollectedLog()): ArchiveFile {
  return new ArchiveFile(fileOutputOptions().parse({ type: "file", path }), log);
}

test("line output - one that has written all has finished", async () => {
  const clock = new CountingClock();
  const rig = new Rig(archive(join(temporaryDirectory(), "archive.jsonl")), clock);
  rig.add(0, 10);
  await rig.output.drain(new AbortController().signal);
  await rig.output.retire(rig.successor);
  expect(rig.inherited).toEqual([]);
  expect(rig.delivered).toBe(10);
  expect(clock.waiting).toBe(0);
});

test("line output - the write under way is booked when it works, and what waits goes at once", async () => {
  const sink = new SlowSink();
  const rig = new Rig(sink);
  const records = rig.add(0, 10);
  await eventually(() => sink.writes.length === 1);
  const through = rig.output.retire(rig.successor);
  const { events, bytes } = rig.output.held;
  expect(events).toBe(3);
  expect(bytes).toBe(Buffer.byteLength(sink.writes[0]!.lines));
  expect(rig.inherited).toEqual(records.slice(3));
  expect(rig.delivered).toBe(0);
  sink.writes[0]!.end.resolve();
  await through;
  expect(rig.delivered).toBe(3);
  expect(rig.inherited).toHaveLength(7);
  expect(rig.output.held).toEqual({ events: 0, bytes: 0 });
  expect(sink.writes).toHaveLength(1);
});

test("line output - the write under way goes to the successor when it fails, and is not tried again", async () => {
  const sink = new SlowSink();
  const rig = new Rig(sink);
  const records = rig.add(0, 10);
  await eventually(() => sink.writes.length === 1);
  const through = rig.output.retire(rig.successor);
  sink.writes[0]!.end.reject(new Error("EIO"));
  await through;
  expect(rig.inherited.toSorted()).toEqual(records.toSorted());
  expect(rig.delivered).toBe(0);
  expect(sink.writes).toHaveLength(1);
});

test("line output - a write that never ends is given up after a while", async () => {
  const sink = new SlowSink();
  const clock = new ManualClock();
  const rig = new Rig(sink, clock);
  const records = rig.add(0, 10);
  await eventually(() => sink.writes.length === 1);
  const through = rig.output.retire(rig.successor);
  clock.pass(9999);
  await Promise.resolve();
  expect(rig.inherited).toHaveLength(7);
  clock.pass(1);
  await through;
  expect(rig.inherited.toSorted()).toEqual(records.toSorted());
});

test("line output - what could not be written goes at once, and those who wait for room are let go", async () => {
  const clock = new CountingClock();
  const path = join(temporaryDirectory(), "archive.jsonl");
  mkdirSync(path);
  const rig = new Rig(archive(path), clock);
  const count = Math.ceil(waiting_bytes_max / 1000);
  const records = rig.add(0, count);
  await eventually(() => rig.log.of("output_unwritable").length > 0);
  const room = rig.output.room();
  expect(room).toBeDefined();
  const through = rig.output.retire(rig.successor);
  expect(rig.inherited).toEqual(records);
  await Promise.all([room, through]);
  expect(rig.output.room()).toBeUndefined();
  expect(clock.waiting).toBe(0);
  expect(rig.ledger.books().total.in_flight).toBe(count);
});

test("line output - nothing is handed over or settled once it is closed", async () => {
  const sink = new SlowSink();
  const rig = new Rig(sink);
  rig.add(0, 10);
  await eventually(() => sink.writes.length === 1);
  const through = rig.output.retire(rig.successor);
  await rig.output.close();
  await through;
  expect(rig.inherited).toHaveLength(7);
  expect(rig.delivered).toBe(0);
});

test.skipIf(process.getuid?.() !== 0)(
  "line output - from a full disk events go to Splunk, those that the disk took do not",
  async () => {
    const folder = temporaryDirectory();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
    onTestFinished(() => {
      execFileSync("umount", ["-l", folder]);
    });
    const path = join(folder, "archive.jsonl");
    const splunk_rig = await OutputRig.start({ timeout: "1h" });
    const { ledger, log, splunk, output: next } = splunk_rig;
    const sink = archive(path, log);
    const output = new LineOutput("archive", {
      sink,
      group_bytes,
      ledger,
      clock: new CountingClock(),
      log,
    });
    onTestFinished(() => output.close());
    const records = Array.from({ length: 100 }, (_, number) => {
      return JSON.stringify({ number, padding: "x".repeat(1000) });
    });
    for (const event of makeEvents(ledger, records)) output.add(event);
    await eventually(() => log.of("output_unwritable").length > 0);
    await output.retire({ add: (event) => next.inherit(event) });
    await next.drain(new AbortController().signal);
    const written = readFileSync(path, "utf8").trimEnd().split("\n");
    const kept = written.map((line) => /"event":(.*)\}$/.exec(line)![1]!);
    expect(kept.length).toBeGreaterThan(10);
    expect([...kept, ...splunk.events]).toEqual(records);
    const { delivered } = ledger.books().inputs["audit"]!;
    expect(delivered).toEqual({ archive: kept.length, splunk: splunk.events.length });
    expect(ledger.books()).toMatchObject({ balanced: true, total: { in_flight: 0 } });
  },
);

test("line output - events that Splunk has not taken are in the file that follows it", async () => {
  const path = join(temporaryDirectory(), "archive.jsonl");
  const splunk_rig = await OutputRig.start();
  await splunk_rig.splunk.refuse();
  const records = splunk_rig.add(50);
  splunk_rig.output.idle();
  const { ledger, log } = splunk_rig;
  const facts = { sink: archive(path), ledger, clock: new CountingClock(), log };
  const output = new LineOutput("archive", facts);
  onTestFinished(() => output.close());
  await splunk_rig.output.retire({ add: (event) => output.inherit(event) });
  await output.drain(new AbortController().signal);
  expect(existsSync(path)).toBe(true);
  const written = readFileSync(path, "utf8").trimEnd().split("\n");
  expect(written.map((line) => /"event":(.*)\}$/.exec(line)![1])).toEqual(records);
  expect(ledger.books().inputs["audit"]!.delivered).toEqual({ archive: 50 });
});
