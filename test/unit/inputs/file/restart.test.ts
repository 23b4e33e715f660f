/** Stopping and starting again: every position is found again, whatever happened to the files meanwhile. */
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LedgerState } from "../../../../src/ledger/state.ts";
import { follow, type FollowingOptions } from "../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `event number ${from + index}`);
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** Reads `count` lines and stops. */
async function readAndStop(options: FollowingOptions, count: number): Promise<LedgerState> {
  const following = await follow(options);
  await following.lineCount(count);
  await following.polls(2);
  return following.stop();
}

/** Reads all there is after a start from `state`. */
async function readAll(options: FollowingOptions, count: number) {
  const following = await follow(options);
  await following.lineCount(count);
  await following.polls(14);
  await following.input.stop();
  return following;
}

describe("restart", () => {
  it("restart - goes on where it stopped", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, text(numbers(0, 5)));
    const state = await readAndStop({ paths: [path] }, 5);
    appendFileSync(path, text(numbers(5, 8)));
    const next = await readAll({ paths: [path], state }, 3);
    expect(next.lines).toEqual(numbers(5, 8));
  });

  it("restart - a rotated file that was not met, though a later one was, is read after it", async () => {
    const directory = temporaryDirectory();
    const hidden = join(temporaryDirectory(), "not met");
    const path = join(directory, "audit.log");
    writeFileSync(path, text(numbers(0, 3)));
    const first = await follow({ paths: [path] });
    await first.lineCount(3);
    await first.polls(2);
    renameSync(path, `${path}.1`);
    // As where its name changes just when it is looked at.
    writeFileSync(hidden, text(numbers(3, 6)));
    await first.polls(4);
    writeFileSync(path, text(numbers(6, 9)));
    await first.lineCount(6);
    await first.polls(2);
    const state = await first.stop();
    renameSync(`${path}.1`, `${path}.2`);
    renameSync(hidden, `${path}.1`);
    const next = await readAll({ paths: [path], state }, 3);
    expect(next.lines).toEqual(numbers(3, 6));
  });

  it("restart - a rotated file from before the first start stays unread, however recent it is", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(`${path}.1`, text(numbers(0, 3)));
    const just_before = Date.now() / 1000 - 1;
    utimesSync(`${path}.1`, just_before, just_before);
    writeFileSync(path, text(numbers(3, 6)));
    const state = await readAndStop({ paths: [path] }, 3);
    appendFileSync(path, text(numbers(6, 7)));
    const next = await readAll({ paths: [path], state }, 1);
    expect(next.lines).toEqual(numbers(6, 7));
  });

  it("restart - at every block boundary nothing is missing, and only what was open repeats", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const lines = numbers(0, 120_000);
    writeFileSync(path, text(lines));
    const first = await follow({ paths: [path], receipts: "keep" });
    await first.lineCount(lines.length);
    await first.input.stop();
    let settled = 0;
    for (let blocks = 0; blocks <= first.receipts.length; blocks += 1) {
      const next = await follow({ paths: [path], state: first.state() });
      await next.lineCount(lines.length - settled);
      await next.input.stop();
      expect(next.records.length).toBe(lines.length - settled);
      expect(next.lines[0]).toBe(lines[settled]);
      expect(next.lines.at(-1)).toBe(lines[settled] && lines.at(-1));
      const receipt = first.receipts[blocks];
      if (receipt === undefined) break;
      settled += receipt.pending;
      first.settle(receipt);
    }
  });

  it.each(["audit.log", "audit.log*"])(
    "restart - with the glob %s two rotations while stopped lose nothing and repeat nothing",
    async (glob) => {
      const directory = temporaryDirectory();
      const path = join(directory, "audit.log");
      writeFileSync(`${path}.1`, "older\n");
      utimesSync(`${path}.1`, 1000, 1000);
      writeFileSync(path, text(numbers(0, 5)));
      const paths = [join(directory, glob)];
      const state = await readAndStop({ paths }, glob === "audit.log" ? 5 : 6);
      appendFileSync(path, text(numbers(5, 10)));
      renameSync(`${path}.1`, `${path}.2`);
      renameSync(path, `${path}.1`);
      writeFileSync(path, text(numbers(10, 15)));
      renameSync(`${path}.2`, `${path}.3`);
      renameSync(`${path}.1`, `${path}.2`);
      renameSync(path, `${path}.1`);
      writeFileSync(path, text(numbers(15, 20)));
      const next = await readAll({ paths, state }, 15);
      expect([...next.lines].sort()).toEqual(numbers(5, 20).sort());
      const last = await readAll({ paths, state: await next.stop() }, 0);
      expect(last.lines).toEqual([]);
      expect(last.lost_bytes).toBe(0);
    },
  );

  it.each(["audit.log", "audit.log*"])(
    "restart - with the glob %s copytruncate while stopped loses nothing and repeats nothing",
    async (glob) => {
      const directory = temporaryDirectory();
      const path = join(directory, "audit.log");
      writeFileSync(path, text(numbers(0, 50)));
      const paths = [join(directory, glob)];
      const state = await readAndStop({ paths }, 50);
      appendFileSync(path, text(numbers(50, 60)));
      copyFileSync(path, `${path}.1`);
      truncateSync(path);
      appendFileSync(path, text(numbers(60, 200)));
      const next = await readAll({ paths, state }, 150);
      expect([...next.lines].sort()).toEqual(numbers(50, 200).sort());
      expect(next.lost_bytes).toBe(0);
      const last = await readAll({ paths, state: await next.stop() }, 0);
      expect(last.lines).toEqual([]);
    },
  );

  it("restart - a truncation while stopped is seen by the bytes before the checkpoint", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, text(["same head", ...numbers(0, 10)]));
    const state = await readAndStop({ paths: [path] }, 11);
    truncateSync(path);
    appendFileSync(path, text(["same head", ...numbers(100, 150)]));
    const next = await readAll({ paths: [path], state }, 51);
    expect(next.lines).toEqual(["same head", ...numbers(100, 150)]);
  });

  it("restart - a file that was rewritten before anything of it was consumed is not repeated", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "a line without its end, longer than all that follow");
    const first = await follow({ paths: [path] });
    await first.polls(2);
    writeFileSync(path, text(numbers(0, 5)));
    await first.lineCount(5);
    const state = await first.stop();
    appendFileSync(path, text(numbers(5, 8)));
    const next = await readAll({ paths: [path], state }, 3);
    expect(next.lines).toEqual(numbers(5, 8));
  });

  it("restart - a shorter file is read from its beginning", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, text(numbers(0, 100)));
    const state = await readAndStop({ paths: [path] }, 100);
    truncateSync(path);
    appendFileSync(path, text(numbers(500, 502)));
    const next = await readAll({ paths: [path], state }, 2);
    expect(next.lines).toEqual(numbers(500, 502));
    expect(next.lost_bytes).toBe(0);
  });

  it("restart - what was deleted unread while stopped is booked and reported as lost", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\nunfinished");
    const state = await readAndStop({ paths: [path] }, 1);
    unlinkSync(path);
    const next = await readAll({ paths: [path], state }, 0);
    expect(next.ledger.books().inputs["files"]!.lost_bytes).toEqual({ deleted: 10 });
    expect(next.log.at("warn")[0]!.facts).toMatchObject({ path, lost_bytes: 10 });
    expect(next.state().streams).toEqual([]);
  });

  it("restart - a file that was read to its end and deleted is forgotten without a word", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\n");
    const state = await readAndStop({ paths: [path] }, 1);
    unlinkSync(path);
    const next = await readAll({ paths: [path], state }, 0);
    expect(next.lost_bytes).toBe(0);
    expect(next.log.at("warn")).toEqual([]);
    expect(next.state().streams).toEqual([]);
  });

  it("restart - a file that was moved to another disk and back is known by its content", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, text(numbers(0, 50)));
    const state = await readAndStop({ paths: [path] }, 50);
    copyFileSync(path, `${path}.moved`);
    unlinkSync(path);
    renameSync(`${path}.moved`, path);
    appendFileSync(path, text(numbers(50, 52)));
    const next = await readAll({ paths: [path], state }, 2);
    expect(next.lines).toEqual(numbers(50, 52));
  });

  it("restart - a stream whose path is not asked for any more rests until it is", async () => {
    const directory = temporaryDirectory();
    const [path, other] = [join(directory, "audit.log"), join(directory, "other.log")];
    writeFileSync(path, "one\n");
    const state = await readAndStop({ paths: [path] }, 1);
    appendFileSync(path, "two\n");
    const resting = await readAll({ paths: [other], state }, 0);
    expect(resting.lines).toEqual([]);
    const next = await readAll({ paths: [path], state: await resting.stop() }, 1);
    expect(next.lines).toEqual(["two"]);
  });

  it("restart - a directory that cannot be read is no reason to forget its files", async () => {
    const directory = temporaryDirectory();
    const logs = join(directory, "logs");
    mkdirSync(logs);
    const path = join(logs, "audit.log");
    writeFileSync(path, "one\n");
    const state = await readAndStop({ paths: [path] }, 1);
    renameSync(logs, `${logs}.away`);
    // A link that leads to itself cannot be listed, even by root.
    symlinkSync(logs, logs);
    const next = await follow({ paths: [path], state });
    await next.polls(4);
    expect(next.state().streams.length).toBe(1);
    rmSync(logs);
    renameSync(`${logs}.away`, logs);
    appendFileSync(path, "two\n");
    await next.lineCount(1);
    expect(next.lines).toEqual(["two"]);
    expect(next.lost_bytes).toBe(0);
  });

  it("restart - a file that was moved to another directory of the glob goes on there", async () => {
    const directory = temporaryDirectory();
    const paths = [join(directory, "**", "*.log")];
    mkdirSync(join(directory, "new"));
    mkdirSync(join(directory, "old"));
    const path = join(directory, "new", "audit.log");
    writeFileSync(path, text(numbers(0, 5)));
    const state = await readAndStop({ paths }, 5);
    appendFileSync(path, text(numbers(5, 8)));
    renameSync(path, join(directory, "old", "audit-1.log"));
    writeFileSync(path, text(numbers(8, 10)));
    const next = await readAll({ paths, state }, 5);
    expect(next.lines.toSorted()).toEqual(numbers(5, 10));
    expect(next.lost_bytes).toBe(0);
  });

  it("restart - state that cannot be understood is said and left alone", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\n");
    const state: LedgerState = {
      inputs: {},
      streams: [{ id: "x", input: "files", identity: { kind: "odd" }, checkpoint: 7 }],
    };
    const next = await readAll({ paths: [path], state }, 1);
    expect(next.log.at("error").length).toBe(1);
    expect(next.state().streams.map(({ id }) => id)).toContain("x");
  });

  it("restart - what an input of another type and the same name has left is passed over", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\n");
    const identity = { kind: "journal", journal: "00" };
    const streams = [{ id: "x", input: "files", identity, checkpoint: { sequence: 7 } }];
    const next = await readAll({ paths: [path], state: { inputs: {}, streams } }, 1);
    expect(next.log.at("error")).toEqual([]);
    expect(next.state().streams.map(({ id }) => id)).toContain("x");
  });
});

describe("start_at", () => {
  it("start_at - end leaves out what exists at the very first start, but for a line in progress", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, "one\ntw");
    const paths = [join(directory, "*.log")];
    const first = await follow({ paths, start_at: "end" });
    await first.polls(2);
    appendFileSync(path, "o\nthree\n");
    writeFileSync(join(directory, "new.log"), "new\n");
    await first.lineCount(3);
    expect([...first.lines].sort()).toEqual(["new", "three", "two"]);
    const state = await first.stop();
    writeFileSync(join(directory, "stopped.log"), "appeared while stopped\n");
    const next = await readAll({ paths, start_at: "end", state }, 1);
    expect(next.lines).toEqual(["appeared while stopped"]);
  });

  it("start_at - end is for the very first start also where there was no file then", async () => {
    const directory = temporaryDirectory();
    const paths = [join(directory, "*.log")];
    const first = await follow({ paths, start_at: "end" });
    await first.polls(1);
    const state = await first.stop();
    writeFileSync(join(directory, "audit.log"), "one\n");
    const next = await readAll({ paths, start_at: "end", state }, 1);
    expect(next.lines).toEqual(["one"]);
  });
});
