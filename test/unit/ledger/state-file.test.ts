/** The state file, on a real disk: what is appended, when it is written as a whole, and what is refused. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { StateFile } from "../../../src/ledger/state-file.ts";
import { StateLock } from "../../../src/ledger/state-lock.ts";
import { state_version, type LedgerState } from "../../../src/ledger/state.ts";
import { sampledCases } from "../../support/effort.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

/** A ledger with streams of `a` that are at their own number. */
function ledgerOf(streams: number): Ledger {
  const ledger = new Ledger();
  for (let number = 0; number < streams; number += 1) ledger.openStream("a", { number }, number);
  return ledger;
}

function move(ledger: Ledger, number: number, to: number): void {
  const stream = ledger
    .streams()
    .find(({ identity }) => (identity as { number: number }).number === number)!;
  stream.open(1, 10, to).settle(ledger.account("delivered", "splunk"), 1);
}

/** Where each stream is, by its number. */
function placesIn(state: LedgerState | undefined): Record<number, unknown> {
  return Object.fromEntries(
    (state?.streams ?? []).map(({ identity, checkpoint }) => [
      (identity as { number: number }).number,
      checkpoint,
    ]),
  );
}

function linesOf(file: StateFile): string[] {
  return readFileSync(file.path, "utf8").trimEnd().split("\n");
}

describe("state file", () => {
  test("state file - is undefined where there was none", async () => {
    expect(await new StateFile(temporaryDirectory()).read()).toBeUndefined();
  });

  test("state file - is written to the directory that is locked, also where another takes its place meanwhile", async () => {
    const directory = join(temporaryDirectory(), "state");
    mkdirSync(directory, { mode: 0o700 });
    const lock = await StateLock.acquire(directory);
    onTestFinished(() => lock.release());
    const file = new StateFile(directory, lock);
    const ledger = ledgerOf(3);
    const confirm = vi.spyOn(lock, "confirm");
    // Just behind the look at it.
    confirm.mockImplementation(() => {
      renameSync(directory, `${directory}-moved`);
      mkdirSync(directory, { mode: 0o700 });
      return Promise.resolve();
    });
    await file.save(ledger);
    expect(readdirSync(directory)).toEqual([]);
    const moved = await new StateFile(`${directory}-moved`).read();
    expect(Object.keys(placesIn(moved))).toHaveLength(3);
    // What fails there is said with the name that people know.
    confirm.mockResolvedValue();
    rmSync(`${directory}-moved`, { recursive: true });
    const failure = file.save(ledger);
    await expect(failure).rejects.toThrow(`'${directory}/state.json.new'`);
    await expect(failure).rejects.not.toThrow("/proc/self");
  });

  test("state file - appends only what has changed, and is read as the ledger is", async () => {
    const directory = temporaryDirectory();
    const file = new StateFile(directory);
    const ledger = ledgerOf(50);
    await file.save(ledger);
    const before = linesOf(file);
    move(ledger, 7, 1000);
    await file.save(ledger);
    const added = linesOf(file).slice(before.length);
    expect(linesOf(file).slice(0, before.length)).toEqual(before);
    expect(added.map((line) => Object.keys(JSON.parse(line) as object)[1])).toEqual([
      "stream",
      "input",
      "end",
    ]);
    const state = await new StateFile(directory).read();
    const { inputs, streams } = ledger.snapshot().state;
    expect(state).toEqual({ inputs, streams, kept: [] });
  });

  test("state file - goes on in the log of the run before", async () => {
    const directory = temporaryDirectory();
    const first = new StateFile(directory);
    await first.save(ledgerOf(20));
    const { ino } = statSync(first.path);
    const second = new StateFile(directory);
    const ledger = new Ledger(await second.read());
    move(ledger, 3, 99);
    await second.save(ledger);
    expect(statSync(second.path).ino).toBe(ino);
    expect(placesIn(await new StateFile(directory).read())[3]).toBe(99);
  });

  test("state file - forgets a stream, also in the log", async () => {
    const directory = temporaryDirectory();
    const file = new StateFile(directory);
    const ledger = ledgerOf(3);
    await file.save(ledger);
    ledger.forget(ledger.streams()[1]!);
    await file.save(ledger);
    expect(placesIn(await new StateFile(directory).read())).toEqual({ 0: 0, 2: 2 });
  });

  test("state file - gives streams back in the order in which they were opened", async () => {
    const directory = temporaryDirectory();
    const file = new StateFile(directory);
    const ledger = ledgerOf(4);
    mkdirSync(join(`${file.path}.new`, "in-the-way"), { recursive: true });
    await expect(file.save(ledger)).rejects.toMatchObject({ code: "EFTYPE" });
    ledger.openStream("a", { number: 4 }, 4);
    move(ledger, 2, 22);
    rmSync(`${file.path}.new`, { recursive: true });
    await file.save(ledger);
    for (const number of [5, 6]) ledger.openStream("a", { number }, number);
    move(ledger, 5, 55);
    await file.save(ledger);
    const { streams } = (await new StateFile(directory).read())!;
    expect(streams.map(({ checkpoint }) => checkpoint)).toEqual([0, 1, 22, 3, 4, 55, 6]);
  });

  test("state file - stays within a bound, however often something is written", async () => {
    const directory = temporaryDirectory();
    const file = new StateFile(directory);
    const ledger = ledgerOf(2);
    const padding = "x".repeat(50_000);
    for (let write = 0; write < 200; write += 1) {
      move(ledger, 0, write);
      ledger.streams()[1]!.identity = { number: 1, padding: padding + write };
      ledger.streams()[1]!.identityChanged();
      await file.save(ledger);
      expect(statSync(file.path).size).toBeLessThan(1.2 * 1024 * 1024);
    }
    expect(existsSync(`${file.path}.new`)).toBe(false);
    expect(placesIn(await new StateFile(directory).read())).toEqual({ 0: 199, 1: 1 });
  });

  test("state file - one of an earlier version is read, and replaced by the first write", async () => {
    const directory = temporaryDirectory();
    const file = new StateFile(directory);
    const { inputs, streams } = ledgerOf(5).snapshot().state;
    writeFileSync(file.path, JSON.stringify({ version: state_version, inputs, streams }), {
      mode: 0o600,
    });
    const ledger = new Ledger(await file.read());
    move(ledger, 4, 44);
    await file.save(ledger);
    expect(linesOf(file)[0]).toMatch(/^\{"crc":"[0-9a-f]{8}","format":2\}$/);
    const places = { 0: 0, 1: 1, 2: 2, 3: 3, 4: 44 };
    expect(placesIn(await new StateFile(directory).read())).toEqual(places);
  });

  test("state file - is written as a whole where it was removed, cut or replaced meanwhile", async () => {
    const meanwhile: ((path: string) => void)[] = [
      (path) => rmSync(path),
      (path) => truncateSync(path, statSync(path).size - 1),
      (path) => appendFileSync(path, "{}\n"),
      (path) => {
        rmSync(path);
        symlinkSync("/dev/null", path);
      },
    ];
    for (const change of meanwhile) {
      const directory = temporaryDirectory();
      const file = new StateFile(directory);
      const ledger = ledgerOf(5);
      await file.save(ledger);
      change(file.path);
      move(ledger, 1, 11);
      await file.save(ledger);
      const places = { 0: 0, 1: 11, 2: 2, 3: 3, 4: 4 };
      expect(placesIn(await new StateFile(directory).read())).toEqual(places);
    }
  });

  test("state file - is appended to where it cannot be written as a whole, and whole once it can", async () => {
    const directory = temporaryDirectory();
    const file = new StateFile(directory);
    const ledger = ledgerOf(2);
    await file.save(ledger);
    const { ino } = statSync(file.path);
    mkdirSync(join(`${file.path}.new`, "in-the-way"), { recursive: true });
    const grow = async (write: number): Promise<void> => {
      ledger.streams()[1]!.identity = { number: 1, padding: "x".repeat(500_000) + write };
      ledger.streams()[1]!.identityChanged();
      await file.save(ledger);
    };
    for (let write = 0; write < 4; write += 1) await grow(write);
    expect(statSync(file.path)).toMatchObject({ ino });
    // It does not grow for ever, either.
    const growForEver = async (): Promise<void> => {
      for (let write = 0; write < 20; write += 1) await grow(write);
    };
    await expect(growForEver()).rejects.toMatchObject({ code: "EFTYPE" });
    rmSync(`${file.path}.new`, { recursive: true });
    await grow(99);
    expect(statSync(file.path).ino).not.toBe(ino);
    expect(statSync(file.path).size).toBeLessThan(1_100_000);
  });
});

describe("a state file that is damaged", () => {
  /** A log of three batches, and where each line ends. */
  async function makeLog(): Promise<{ directory: string; path: string; bytes: Buffer }> {
    const directory = temporaryDirectory();
    const file = new StateFile(directory);
    const ledger = ledgerOf(2);
    await file.save(ledger);
    for (const to of [10, 20]) {
      move(ledger, 1, to);
      await file.save(ledger);
    }
    return { directory, path: file.path, bytes: readFileSync(file.path) };
  }

  test("state file - cut anywhere, it is the state of the last whole batch, or refused", async () => {
    const { directory, path, bytes } = await makeLog();
    const ends = [...bytes.toString().matchAll(/"end":\d+,"lines":\d+,"written_ms":\d+\}\n/g)].map(
      ({ index, 0: text }) => index + text.length,
    );
    expect(ends).toHaveLength(3);
    const cuts = sampledCases([...bytes.keys()].slice(1), 67);
    for (const cut of [...cuts, ...ends, ...ends.map((end) => end - 1)]) {
      writeFileSync(path, bytes.subarray(0, cut));
      const whole = ends.filter((end) => end <= cut).length;
      const read = new StateFile(directory).read();
      if (whole === 0) await expect(read).rejects.toMatchObject({ code: "state_unreadable" });
      else expect(placesIn(await read)).toEqual({ 0: 0, 1: [1, 10, 20][whole - 1] });
    }
  });

  test("state file - after a torn end it is written as a whole, and nothing of the end comes back", async () => {
    const { directory, path, bytes } = await makeLog();
    writeFileSync(path, bytes.subarray(0, bytes.length - 5));
    const file = new StateFile(directory);
    const ledger = new Ledger(await file.read());
    move(ledger, 0, 5);
    await file.save(ledger);
    expect(placesIn(await new StateFile(directory).read())).toEqual({ 0: 5, 1: 10 });
  });

  test("state file - a bit that is turned is in the last batch, which is passed over, or the file is refused", async () => {
    const { directory, path, bytes } = await makeLog();
    const last = bytes.indexOf('"end":1,');
    const last_at = bytes.indexOf("\n", last) + 1;
    for (const at of sampledCases([...bytes.keys()], 61)) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << (at % 8);
      writeFileSync(path, damaged);
      const read = new StateFile(directory).read();
      if (at < last_at) await expect(read).rejects.toMatchObject({ code: "state_unreadable" });
      else expect(placesIn(await read)).toEqual({ 0: 0, 1: 10 });
    }
  });

  test("state file - is not put back where it was killed, read or stopped", async () => {
    const { directory } = await makeLog();
    await new StateFile(directory).read();
    const again = new StateFile(directory);
    await again.restore();
    expect(again.is_put_back).toBe(false);
  });

  test.each<[how: string, putBack: (path: string, backup: Buffer) => void]>([
    ["written over", (path, backup) => writeFileSync(path, backup)],
    [
      "put in its place",
      (path, backup) => {
        rmSync(path);
        writeFileSync(path, backup);
      },
    ],
    ["touched", (path) => utimesSync(path, 1, 1)],
  ])("state file - says that it was put back where it was %s", async (_, putBack) => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 10_000 });
    onTestFinished(() => void vi.useRealTimers());
    const { directory, path } = await makeLog();
    vi.useRealTimers();
    putBack(path, readFileSync(path));
    const file = new StateFile(directory);
    await file.restore();
    expect(file.is_put_back).toBe(true);
    await file.save(ledgerOf(1));
    const after = new StateFile(directory);
    await after.restore();
    expect(after.is_put_back).toBe(false);
  });

  test.each([
    ["an empty file", ""],
    ["half a file", '{"version":1,"inputs":{"a":{"rec'],
    ["a later version", '{"version":2,"inputs":{},"streams":[]}'],
    ["negative counts", '{"version":1,"inputs":{"a":{"received":-1}},"streams":[]}'],
    ["a later format", '{"crc":"9c1a9ee8","format":3}\n'],
  ])("state file - refuses %s, and leaves it as it is", async (_name, text) => {
    const file = new StateFile(temporaryDirectory());
    writeFileSync(file.path, text);
    await expect(file.read()).rejects.toMatchObject({ code: "state_unreadable" });
    expect(readFileSync(file.path, "utf8")).toBe(text);
  });
});
