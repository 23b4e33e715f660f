/** The `file` output on a real disk: nothing is settled before it is there, no line is torn, nothing goes silently. */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
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
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { ArchiveFile } from "../../../../src/output/file/archive-file.ts";
import { fileOutputOptions } from "../../../../src/output/file/options.ts";
import { LineOutput } from "../../../../src/output/lines/line-output.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { makeEvents, type EventsFacts } from "../../../support/events/events.ts";
import { eventually } from "../../../support/eventually.ts";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

const never = new AbortController().signal;
const KiB = 1024;
const is_root = process.getuid?.() === 0;

class Rig {
  readonly ledger = new Ledger();
  readonly log = new CollectedLog();
  readonly path: string;
  readonly output: LineOutput;

  constructor(written: object = {}, path = join(temporaryDirectory(), "new", "archive.jsonl")) {
    const options = fileOutputOptions().parse({ type: "file", path, ...written });
    this.path = path;
    this.output = new LineOutput("archive", {
      sink: new ArchiveFile(options, this.log),
      group_bytes: options.max_bytes,
      ledger: this.ledger,
      clock: fastClock(50),
      log: this.log,
    });
    onTestFinished(() => this.output.close());
  }

  add(records: (string | Buffer)[], facts: EventsFacts = {}): void {
    for (const event of makeEvents(this.ledger, records, facts)) this.output.add(event);
  }

  /** Adds so many numbered events, of about 1 KiB each, one after the other. */
  async fill(from: number, to: number): Promise<void> {
    for (let number = from; number < to; number += 1) {
      this.add([JSON.stringify({ number, padding: "x".repeat(KiB) })]);
      await this.output.drain(never);
    }
  }

  get delivered(): number {
    return this.ledger.books().total.delivered;
  }

  /** The numbers in all files, the oldest file first. */
  get numbers(): number[] {
    const folder = join(this.path, "..");
    const full = readdirSync(folder).filter((name) => /\.\d+$/.test(name));
    return [...full.sort(), "archive.jsonl"].flatMap((name) => numbersIn(join(folder, name)));
  }
}

function linesIn(path: string): { event: unknown; [key: string]: unknown }[] {
  const text = readFileSync(path, "utf8");
  expect(text.endsWith("\n")).toBe(true);
  const lines = text.slice(0, -1).split("\n");
  return lines.map((line) => JSON.parse(line) as { event: unknown });
}

function numbersIn(path: string): number[] {
  return linesIn(path).map(({ event }) => (event as { number: number }).number);
}

test("file output - a line is what Splunk would get, and settled when it is on the disk", async () => {
  const rig = new Rig();
  rig.add(['{"id":9007199254740993}', "not JSON"], { metadata: { host: "a", index: "main" } });
  expect(rig.delivered).toBe(0);
  await rig.output.drain(never);
  expect(readFileSync(rig.path, "utf8")).toMatch(
    /^\{"host":"a","index":"main","time":[\d.]+,"event":\{"id":9007199254740993\}\}\n/,
  );
  expect(linesIn(rig.path)[1]).toMatchObject({ host: "a", event: "not JSON" });
  expect(rig.ledger.books().inputs["audit"]!.delivered).toEqual({ archive: 2 });
  expect(statSync(rig.path).mode & 0o777).toBe(0o600);
  expect(statSync(join(rig.path, "..")).mode & 0o777).toBe(0o700);
});

test("file output - has the permissions that it is given", async () => {
  const rig = new Rig({ mode: "0640" });
  await rig.fill(0, 1);
  expect(statSync(rig.path).mode & 0o777).toBe(0o640);
});

test("file output - a full file gets the next number, and all are kept", async () => {
  const rig = new Rig({ max_bytes: "64KiB" });
  await rig.fill(0, 200);
  expect(readdirSync(join(rig.path, "..")).sort()).toEqual([
    "archive.jsonl",
    "archive.jsonl.000001",
    "archive.jsonl.000002",
    "archive.jsonl.000003",
  ]);
  expect(rig.numbers).toEqual([...Array(200).keys()]);
  for (const name of readdirSync(join(rig.path, ".."))) {
    expect(statSync(join(rig.path, "..", name)).size).toBeLessThanOrEqual(64 * KiB);
  }
  expect(rig.log.at("warn")).toEqual([]);
});

test("file output - what comes at once is split, so that no file is larger than it may be", async () => {
  const rig = new Rig({ max_bytes: "64KiB" });
  const records = Array.from({ length: 200 }, (_, number) =>
    JSON.stringify({ number, padding: "x".repeat(KiB) }),
  );
  rig.add([...records, JSON.stringify({ number: 200, padding: "x".repeat(100 * KiB) })]);
  await rig.output.drain(never);
  expect(rig.numbers).toEqual([...Array(201).keys()]);
  const sizes = readdirSync(join(rig.path, "..")).map(
    (name) => statSync(join(rig.path, "..", name)).size,
  );
  expect(sizes.filter((size) => size > 64 * KiB)).toHaveLength(1);
});

test("file output - with `keep` the oldest go, and the log names each", async () => {
  const rig = new Rig({ max_bytes: "64KiB", keep: 2 });
  await rig.fill(0, 280);
  const names = readdirSync(join(rig.path, "..")).sort();
  expect(names).toEqual(["archive.jsonl", "archive.jsonl.000003", "archive.jsonl.000004"]);
  expect(rig.log.of("archive_file_removed").map(({ facts }) => facts["file"])).toEqual([
    `${rig.path}.000001`,
    `${rig.path}.000002`,
  ]);
  expect(rig.delivered).toBe(280);
});

test("file output - goes on behind the highest number, and leaves files of other names alone", async () => {
  const folder = temporaryDirectory();
  const path = join(folder, "archive.jsonl");
  for (const name of [
    "archive.jsonl.000041",
    "archive.jsonl.7",
    "archive.jsonl.gz",
    "archive.jsonl.0000043",
    "other.000050",
  ]) {
    appendFileSync(join(folder, name), "mine\n");
  }
  const rig = new Rig({ max_bytes: "64KiB", keep: 1 }, path);
  await rig.fill(0, 70);
  expect(readdirSync(folder).sort()).toEqual([
    "archive.jsonl",
    "archive.jsonl.0000043",
    "archive.jsonl.000042",
    "archive.jsonl.7",
    "archive.jsonl.gz",
    "other.000050",
  ]);
});

test("file output - a file that is moved away or removed is created again", async () => {
  const rig = new Rig();
  await rig.fill(0, 2);
  renameSync(rig.path, `${rig.path}.moved`);
  await rig.fill(2, 3);
  expect(numbersIn(`${rig.path}.moved`)).toEqual([0, 1]);
  expect(numbersIn(rig.path)).toEqual([2]);
  rmSync(rig.path);
  await rig.fill(3, 4);
  expect(numbersIn(rig.path)).toEqual([3]);
});

test("file output - ends a line that a crash has torn", async () => {
  const path = join(temporaryDirectory(), "archive.jsonl");
  appendFileSync(path, '{"time":1,"event":{"number":0}}\n{"time":1,"ev');
  const rig = new Rig({}, path);
  await rig.fill(1, 2);
  const lines = readFileSync(path, "utf8").split("\n");
  expect(lines[1]).toBe('{"time":1,"ev');
  expect(JSON.parse(lines[2]!)).toMatchObject({ event: { number: 1 } });
});

test("file output - never writes through a link", async () => {
  const folder = temporaryDirectory();
  const path = join(folder, "archive.jsonl");
  symlinkSync(join(folder, "elsewhere"), path);
  const rig = new Rig({}, path);
  rig.add(["{}"]);
  await eventually(() => rig.log.of("output_unwritable").length > 0);
  expect(existsSync(join(folder, "elsewhere"))).toBe(false);
  expect(rig.delivered).toBe(0);
});

test.skipIf(!is_root)(
  "file output - a link to its directory leads nowhere but where root or tallyman's user made it lead",
  async () => {
    const folder = temporaryDirectory();
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    const link = join(folder, "link");
    symlinkSync(elsewhere, link);
    lchownSync(link, 12345, 12345);
    const rig = new Rig({}, join(link, "new", "archive.jsonl"));
    rig.add(["{}"]);
    await eventually(() => rig.log.at("error").length > 0);
    const [said] = rig.log.at("error");
    expect(JSON.stringify(said)).toContain(
      `${link} is a symbolic link that others can lead elsewhere`,
    );
    expect(readdirSync(elsewhere)).toEqual([]);
    lchownSync(link, 0, 0);
    await rig.output.drain(never);
    expect(linesIn(join(elsewhere, "new", "archive.jsonl"))).toHaveLength(1);
  },
);

test("file output - no full file is written over another, nor removed for one that somebody planted", async () => {
  const folder = temporaryDirectory();
  chmodSync(folder, 0o1777);
  const path = join(folder, "archive.jsonl");
  const rig = new Rig({ max_bytes: "64KiB", keep: 2 }, path);
  for (const number of [800_000, 900_000]) {
    writeFileSync(`${path}.${number}`, "planted");
    if (is_root) chownSync(`${path}.${number}`, 12345, 12345);
    else linkSync(`${path}.${number}`, join(folder, `${number}`));
  }
  await rig.fill(0, 200);
  const planted = ["archive.jsonl.800000", "archive.jsonl.900000"];
  const full = readdirSync(folder).filter((name) => /l\.\d+$/.test(name));
  expect(full.sort()).toEqual([...planted, "archive.jsonl.900002", "archive.jsonl.900003"]);
  const last = `${path}.${"9".repeat(15)}`;
  writeFileSync(last, "planted");
  rig.add([JSON.stringify({ padding: "x".repeat(60 * KiB) })]);
  await eventually(() => rig.log.at("error").length > 0);
  expect(JSON.stringify(rig.log.at("error"))).toContain(`${last} is the last that can be numbered`);
  rmSync(last);
  await rig.output.drain(never);
  expect(existsSync(`${path}.900004`)).toBe(true);
});

test("file output - while it cannot be written, events wait, inputs have to, and nothing is lost", async () => {
  const folder = temporaryDirectory();
  const path = join(folder, "archive.jsonl");
  mkdirSync(path);
  const rig = new Rig({}, path);
  rig.add(
    Array.from({ length: 9000 }, (_, number) => `{"number":${number},"p":"${"x".repeat(KiB)}"}`),
  );
  await eventually(() => rig.log.of("output_unwritable").length > 0);
  const { facts } = rig.log.of("output_unwritable")[0]!;
  expect(facts).toMatchObject({ output: "archive", error: expect.stringContaining("EISDIR") });
  const room = rig.output.room();
  expect(room).toBeDefined();
  expect(rig.delivered).toBe(0);
  const since = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(rig.output.status()).toEqual({ state: "retrying", reason: "unwritable", since });
  rmSync(path, { recursive: true });
  await room;
  await rig.output.drain(never);
  expect(numbersIn(path)).toEqual([...Array(9000).keys()]);
  expect(rig.log.codesAt("info")).toEqual(["output_writable"]);
  expect(rig.output.room()).toBeUndefined();
  expect(rig.output.status()).toMatchObject({ state: "sending", since: undefined });
});

test.skipIf(process.getuid?.() !== 0)(
  "file output - on a full disk no line is torn, and it goes on when there is room",
  async () => {
    const folder = temporaryDirectory();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=128k", "tmpfs", folder]);
    onTestFinished(() => {
      execFileSync("umount", ["-l", folder]);
    });
    appendFileSync(join(folder, "ballast"), Buffer.alloc(64 * KiB));
    const rig = new Rig({}, join(folder, "archive.jsonl"));
    onTestFinished(() => rig.output.close());
    for (let number = 0; number < 100; number += 1) {
      rig.add([JSON.stringify({ number, padding: "x".repeat(KiB) })]);
      await Promise.race([
        rig.output.drain(never),
        eventually(() => rig.log.of("output_unwritable").length > 0),
      ]);
    }
    expect(rig.log.of("output_unwritable")[0]!.facts["error"]).toMatch(/ENOSPC/);
    expect(numbersIn(rig.path)).toEqual([...Array(rig.delivered).keys()]);
    expect(rig.delivered).toBeLessThan(100);
    rmSync(join(folder, "ballast"));
    await rig.output.drain(never);
    expect(numbersIn(rig.path)).toEqual([...Array(100).keys()]);
  },
);

test("file output - what is not written at the close is not settled", async () => {
  const path = join(temporaryDirectory(), "archive.jsonl");
  mkdirSync(path);
  const rig = new Rig({}, path);
  rig.add(["{}"]);
  await eventually(() => rig.log.of("output_unwritable").length > 0);
  await rig.output.close();
  expect(rig.delivered).toBe(0);
  expect(rig.ledger.books().total.in_flight).toBe(1);
});
