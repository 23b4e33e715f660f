/** The quarantine on a real disk: nothing is settled before it is written, and no line is ever torn. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Verdict } from "../../../../src/event/event.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import type { QuarantineRecord } from "../../../../src/output/quarantine/record.ts";
import { Quarantine, type QuarantineDeps } from "../../../../src/output/quarantine/quarantine.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { makeEvents, type EventsFacts } from "../../../support/events/events.ts";
import { eventually } from "../../../support/eventually.ts";
import { CountingClock, fastClock } from "../../../support/clocks/fast-clock.ts";
import { linesLeft, linesToReplay } from "../../../support/quarantine/quarantine-lines.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const never = new AbortController().signal;
const unreadable = new Verdict("quarantined", "unreadable", "unexpected byte at 4");

class Rig {
  readonly ledger = new Ledger();
  readonly log = new CollectedLog();
  readonly directory: string;
  readonly quarantine: Quarantine;

  constructor(directory: string, facts: Partial<QuarantineDeps> = {}) {
    this.directory = directory;
    this.quarantine = new Quarantine(directory, {
      ledger: this.ledger,
      clock: fastClock(50),
      log: this.log,
      mask: (text) => text.replaceAll("hunter2", "***"),
      ...facts,
    });
    onTestFinished(() => this.quarantine.close());
  }

  static start(facts: Partial<QuarantineDeps> = {}): Rig {
    return new Rig(join(temporaryDirectory(), "quarantine"), facts);
  }

  add(records: (string | Buffer)[], facts: EventsFacts = {}): void {
    for (const event of makeEvents(this.ledger, records, facts)) {
      this.quarantine.add(event, unreadable, "redact");
    }
  }

  get file(): string {
    return join(this.directory, "quarantine.jsonl");
  }

  get records(): QuarantineRecord[] {
    return recordsIn(this.file);
  }

  get settled(): number {
    return this.ledger.books().total.quarantined;
  }
}

function recordsIn(file: string): QuarantineRecord[] {
  const text = readFileSync(file, "utf8");
  expect(text.endsWith("\n")).toBe(true);
  const lines = text.slice(0, -1).split("\n");
  return lines.map((line) => JSON.parse(line) as QuarantineRecord);
}

test("quarantine - a line says where the event came from, why it is here, and what it was", async () => {
  const rig = Rig.start();
  rig.add(["first", "password hunter2"]);
  await rig.quarantine.drain(never);
  const { time, ...record } = rig.records[1]!;
  expect(record).toEqual({
    input: "audit",
    stream: "/var/log/audit.log",
    offset: 6,
    reason: "unreadable",
    detail: "unexpected byte at 4",
    step: "redact",
    original_bytes: 16,
    sha256: createHash("sha256").update("password hunter2").digest("hex"),
    masked: true,
    metadata: { time: "1742539047.915", host: "web-1", sourcetype: "weka:s3:audit" },
    text: "password ***",
  });
  expect(new Date(time).toISOString()).toBe(time);
  expect(rig.settled).toBe(2);
  expect(rig.ledger.books().inputs["audit"]!.quarantined).toEqual({ unreadable: 2 });
});

test("quarantine - a line says which chain the event's input had, also once the input is gone", async () => {
  const rig = Rig.start({ chainOf: (input) => (input === "audit" ? "own" : undefined) });
  const origins = [
    { input: "audit", chain: "common" },
    { input: "gone", chain: "own" },
    { input: "gone", chain: undefined },
  ] as const;
  for (const origin of origins) {
    const [event] = makeEvents(rig.ledger, ["x"]);
    Object.assign(event!.block, { origin: { ...event!.block.origin, ...origin } });
    rig.quarantine.add(event!, unreadable);
  }
  await rig.quarantine.drain(never);
  expect(rig.records.map(({ chain }) => chain)).toEqual(["own", "own", undefined]);
});

test("quarantine - step and detail are left out where there are none", async () => {
  const rig = Rig.start();
  const [event] = makeEvents(rig.ledger, ["x"]);
  rig.quarantine.add(event!, new Verdict("quarantined", "refused"));
  await rig.quarantine.drain(never);
  expect(rig.records[0]).not.toHaveProperty("step");
  expect(rig.records[0]).not.toHaveProperty("detail");
});

test("quarantine - any bytes make one line", async () => {
  const rig = Rig.start();
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  rig.add([all, "\u2028\u2029\r\n", ""]);
  await rig.quarantine.drain(never);
  expect(rig.records.map(({ text }) => text)).toEqual([all.toString(), "\u2028\u2029\r\n", ""]);
  expect(rig.records[0]).toMatchObject({ original_bytes: 256 });
});

test("quarantine - a truncated event keeps the length and digest of the whole", async () => {
  const rig = Rig.start();
  const truncations = new Map([[0, { original_bytes: 9_000_000, original_sha256: "ab12" }]]);
  rig.add(["begin"], { truncations });
  await rig.quarantine.drain(never);
  expect(rig.records[0]).toMatchObject({
    original_bytes: 9_000_000,
    sha256: "ab12",
    text: "begin",
  });
});

test("quarantine - edits so far are kept, the digest is of the original", async () => {
  const rig = Rig.start();
  const original = '{"secret":"s3cret","n":1}';
  const [event] = makeEvents(rig.ledger, [original]);
  event!.replace("secret", "***");
  rig.quarantine.add(event!, unreadable);
  await rig.quarantine.drain(never);
  expect(rig.records[0]).toMatchObject({
    text: '{"secret":"***","n":1}',
    sha256: createHash("sha256").update(original).digest("hex"),
  });
});

test("quarantine - an event that cannot be masked or written out is kept without its text", async () => {
  const rig = Rig.start({
    mask: () => {
      throw new Error("a mask's bug");
    },
  });
  rig.add(["password hunter2"]);
  const [event] = makeEvents(rig.ledger, ['{"a":1}']);
  const record = event!.record as Record<string, unknown>;
  record["itself"] = record;
  rig.quarantine.add(event!, unreadable);
  await rig.quarantine.drain(never);
  expect(rig.records.map(({ text }) => text)).toEqual([null, null]);
  expect(rig.settled).toBe(2);
});

test("quarantine - only its owner may read it", async () => {
  const rig = Rig.start();
  mkdirSync(rig.directory);
  writeFileSync(rig.file, "", { mode: 0o644 });
  rig.add(["x"]);
  await rig.quarantine.drain(never);
  expect(statSync(rig.file).mode & 0o777).toBe(0o600);
  const fresh = Rig.start();
  fresh.add(["x"]);
  await fresh.quarantine.drain(never);
  expect(statSync(fresh.directory).mode & 0o777).toBe(0o700);
  expect(statSync(fresh.file).mode & 0o777).toBe(0o600);
});

test("quarantine - a symlink in its place is not followed", async () => {
  const rig = Rig.start();
  const target = join(temporaryDirectory(), "target");
  mkdirSync(rig.directory);
  symlinkSync(target, rig.file);
  rig.add(["x"]);
  await eventually(() => rig.log.of("quarantine_unwritable").length > 0);
  expect(existsSync(target)).toBe(false);
  expect(rig.settled).toBe(0);
});

test("quarantine - nothing is made on the disk before the first event", async () => {
  const rig = Rig.start();
  await rig.quarantine.drain(never);
  await rig.quarantine.close();
  expect(existsSync(rig.directory)).toBe(false);
});

test("quarantine - while the disk takes nothing, events wait, and are settled when it does", async () => {
  const rig = Rig.start();
  // A file where the directory should be.
  writeFileSync(rig.directory, "");
  rig.add(["one", "two"]);
  await eventually(() => rig.log.of("quarantine_unwritable").length > 0);
  rig.add(["three"]);
  expect(rig.settled).toBe(0);
  rmSync(rig.directory);
  await rig.quarantine.drain(never);
  expect(rig.records.map(({ text }) => text)).toEqual(["one", "two", "three"]);
  expect(rig.settled).toBe(3);
  expect(rig.log.codesAt("info").at(-1)).toBe("quarantine_writable");
});

test("quarantine - what waits is bounded: room asks the inputs to wait, and gives way again", async () => {
  const rig = Rig.start();
  writeFileSync(rig.directory, "");
  const record = "x".repeat(1_000_000);
  let blocks = 0;
  while (rig.quarantine.room() === undefined) {
    rig.add([record]);
    blocks += 1;
    expect(blocks).toBeLessThan(10);
  }
  rmSync(rig.directory);
  await rig.quarantine.room();
  expect(rig.settled).toBe(blocks);
});

test("quarantine - drain and close end while the disk takes nothing, and settle nothing", async () => {
  const clock = new CountingClock();
  const rig = Rig.start({ clock });
  writeFileSync(rig.directory, "");
  rig.add(["one"]);
  const stop = new AbortController();
  const draining = rig.quarantine.drain(stop.signal);
  await eventually(() => rig.log.of("quarantine_unwritable").length > 0);
  stop.abort();
  await draining;
  await rig.quarantine.close();
  expect(clock.waiting).toBe(0);
  expect(rig.settled).toBe(0);
  expect(rig.ledger.books().total.in_flight).toBe(1);
});

test("quarantine - a line that a crash cut short stays alone", async () => {
  const rig = Rig.start();
  mkdirSync(rig.directory);
  writeFileSync(rig.file, '{"time":"whole"}\n{"time":"cu');
  rig.add(["next"]);
  await rig.quarantine.drain(never);
  const lines = readFileSync(rig.file, "utf8").split("\n");
  expect(lines.slice(0, 2)).toEqual(['{"time":"whole"}', '{"time":"cu']);
  expect(JSON.parse(lines[2]!)).toMatchObject({ text: "next" });
  expect(lines[3]).toBe("");
});

test("quarantine - goes on in the same file after a restart", async () => {
  const directory = join(temporaryDirectory(), "quarantine");
  for (const text of ["one", "two", "three"]) {
    const rig = new Rig(directory);
    rig.add([text]);
    await rig.quarantine.drain(never);
    await rig.quarantine.close();
  }
  const file = join(directory, "quarantine.jsonl");
  expect(recordsIn(file).map(({ text }) => text)).toEqual(["one", "two", "three"]);
});

test("quarantine - a file that is moved or removed meanwhile is made again", async () => {
  const rig = Rig.start();
  const moved = join(temporaryDirectory(), "moved.jsonl");
  rig.add(["one"]);
  await rig.quarantine.drain(never);
  renameSync(rig.file, moved);
  rig.add(["two"]);
  await rig.quarantine.drain(never);
  expect(recordsIn(moved).map(({ text }) => text)).toEqual(["one"]);
  expect(rig.records.map(({ text }) => text)).toEqual(["two"]);
  rmSync(rig.directory, { recursive: true });
  rig.add(["three"]);
  await rig.quarantine.drain(never);
  expect(rig.records.map(({ text }) => text)).toEqual(["three"]);
});

test("quarantine - the events of one block share a sync", async () => {
  const rig = Rig.start();
  rig.add(Array.from({ length: 2000 }, (_, number) => `event ${number}`));
  await rig.quarantine.drain(never);
  expect(rig.records.map(({ text }) => text).at(-1)).toBe("event 1999");
  expect(rig.settled).toBe(2000);
});

test("quarantine - when it is full the oldest file goes, is counted, and said loudly", async () => {
  const rig = Rig.start({ bytes_max: 16_000 });
  for (let number = 0; number < 100; number += 1) {
    rig.add([`event ${number} ${"x".repeat(300)}`]);
    await rig.quarantine.drain(never);
  }
  expect(rig.settled).toBe(100);
  const names = readdirSync(rig.directory).toSorted();
  expect(names).toEqual(["", ".1", ".2", ".3"].map((suffix) => `quarantine.jsonl${suffix}`));
  const files = names.toReversed().map((name) => join(rig.directory, name));
  const numbers = files.flatMap((file) => {
    expect(statSync(file).size).toBeLessThanOrEqual(4000);
    return recordsIn(file).map(({ text }) => Number(text!.split(" ")[1]));
  });
  const removed = rig.log.of("quarantine_full").map(({ facts }) => facts["events"] as number);
  const gone = removed.reduce((sum, events) => sum + events, 0);
  expect(numbers).toEqual(Array.from({ length: 100 - gone }, (_, number) => number + gone));
  expect(numbers.length).toBeGreaterThan(10);
});

test("quarantine - what fell out of it is in the books, and they balance", async () => {
  const rig = Rig.start({ bytes_max: 16_000 });
  for (let number = 0; number < 100; number += 1) {
    rig.add([`event ${number} ${"x".repeat(300)}`]);
    await rig.quarantine.drain(never);
  }
  const { inputs, total, balanced } = rig.ledger.books();
  const left = ["", ".1", ".2", ".3"].flatMap((suffix) => recordsIn(`${rig.file}${suffix}`)).length;
  expect(inputs["audit"]!.quarantine_removed).toEqual({ quarantine_full: 100 - left });
  expect(total).toMatchObject({ quarantined: 100, quarantine_removed: 100 - left });
  expect(balanced).toBe(true);
});

test("quarantine - its files together never have more than they may, however events come", async () => {
  const bytes_max = 100_000;
  const rig = Rig.start({ bytes_max });
  for (const lengths of [
    [30_000, 60_000],
    [10_000, 10_000, 10_000, 10_000],
    [200, 70_000],
    [20_000],
  ]) {
    rig.add(lengths.map((length) => "x".repeat(length)));
    await rig.quarantine.drain(never);
    const sizes = readdirSync(rig.directory).map(
      (name) => statSync(join(rig.directory, name)).size,
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(bytes_max);
  }
  expect(rig.settled).toBe(9);
});

test("quarantine - takes events out while others come in, and loses none", async () => {
  const rig = Rig.start();
  const selection = {};
  const takings = [];
  for (let number = 0; number < 40; number += 1) {
    rig.add([`event ${number}`]);
    if (number % 3 === 0)
      takings.push(rig.quarantine.extract({ action: "replay", selection, with_masked: false }));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(takings);
  await rig.quarantine.drain(never);
  const lines = [...linesLeft(rig.directory), ...linesToReplay(rig.directory)];
  const texts = lines.map((line) => (JSON.parse(line) as QuarantineRecord).text);
  const all = Array.from({ length: 40 }, (_, number) => `event ${number}`);
  expect(texts).toHaveLength(40);
  expect(new Set(texts)).toEqual(new Set(all));
  expect(rig.settled).toBe(40);
});

test("quarantine - an event larger than a file is kept whole all the same", async () => {
  const rig = Rig.start({ bytes_max: 400_000 });
  rig.add(["small"]);
  await rig.quarantine.drain(never);
  rig.add(["x".repeat(100_000)]);
  await rig.quarantine.drain(never);
  expect(rig.records.map(({ text }) => text!.length)).toEqual([100_000]);
  expect(recordsIn(`${rig.file}.1`).map(({ text }) => text)).toEqual(["small"]);
});

test("quarantine - a disk that is full in the middle of a line leaves whole lines only", () => {
  const directory = join(temporaryDirectory(), "quarantine");
  const writer = new URL("../../../support/quarantine/quarantine-writer.ts", import.meta.url)
    .pathname;
  // The limit is in blocks of 512 or 1024 bytes; no line ends at either.
  const command = 'ulimit -f 16; exec "$0" "$@"';
  // Node's own cache must not meet the limit first.
  const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" };
  const output = execFileSync("sh", ["-c", command, process.execPath, writer, directory], { env });
  const { settled } = JSON.parse(output.toString()) as { settled: number };
  const file = join(directory, "quarantine.jsonl");
  expect(settled).toBeGreaterThan(5);
  expect(recordsIn(file)).toHaveLength(settled);
});
