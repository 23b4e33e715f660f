/** Files that are renamed, deleted or replaced while they are followed. */
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  copiedFrom,
  mayHold,
  rotatedFrom,
} from "../../../../../src/inputs/file/survey/rotation.ts";
import { eventually } from "../../../../support/eventually.ts";
import { follow } from "../../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `event ${from + index}`);
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

describe("rotation names", () => {
  it.each([
    ["audit.log.1", "audit.log"],
    ["audit.log-20250321", "audit.log"],
    ["audit.log.2025-03-21", "audit.log"],
    ["audit.log.old", "audit.log"],
    ["audit-2025-03-21T10-00-00.000.log", "audit.log"],
    ["audit.1.log", "audit.log"],
    ["audit_20250321.log", "audit.log"],
  ])("rotation names - %s may be the rotated %s", (name, base) => {
    expect(rotatedFrom(name)).toContain(base);
    expect(copiedFrom(name)).toContain(base);
  });

  it.each([
    ["audit.log.1.gz", "audit.log"],
    ["audit.log.3.gz", "audit.log.1"],
    ["audit.log.gz", "audit.log"],
    ["audit.log-20250321.zst", "audit.log"],
    ["audit-2025-03-21.log.gz", "audit.log"],
    ["audit-2025-03-21.log.gz", "audit-2025-03-21.log"],
  ])("rotation names - %s may hold what %s had", (name, other) => {
    expect(mayHold(name, other)).toBe(true);
  });

  it.each([
    ["other.log.1.gz", "audit.log"],
    ["audit.log.1.gz", "audit.log.bak"],
  ])("rotation names - %s holds nothing of %s", (name, other) => {
    expect(mayHold(name, other)).toBe(false);
  });

  it.each(["audit.log", "audit.log.bak", "audit.logs", "auditor.log", "other.log.1", "audit.log1"])(
    "rotation names - %s is not the rotated audit.log",
    (name) => {
      expect(rotatedFrom(name)).not.toContain("audit.log");
    },
  );
});

describe("rotation", () => {
  it.each(["audit.log", "audit.log*"])(
    "rotation - with the glob %s the renamed file is read to its end, and the new one too",
    async (glob) => {
      const directory = temporaryDirectory();
      const path = join(directory, "audit.log");
      writeFileSync(path, text(numbers(0, 3)));
      const following = await follow({ paths: [join(directory, glob)] });
      await following.lineCount(3);
      const writer = openSync(path, "a");
      renameSync(path, `${path}.1`);
      writeSync(writer, text(numbers(3, 6)));
      writeFileSync(path, text(numbers(6, 9)));
      await following.lineCount(8);
      writeSync(writer, text(["late"]));
      closeSync(writer);
      await following.lineCount(10);
      await following.polls(12);
      expect([...following.lines].sort()).toEqual([...numbers(0, 9), "late"].sort());
      expect(following.records.every(({ source }) => source === path)).toBe(true);
      expect(following.lost_bytes).toBe(0);
    },
  );

  it("rotation - several times while far behind, nothing is lost and nothing twice", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, text(numbers(0, 1000)));
    const following = await follow({ paths: [path] });
    let open = (): void => undefined;
    following.backpressure = new Promise((resolve) => (open = resolve));
    await eventually(() => following.blocks > 0);
    for (let round = 1; round <= 5; round += 1) {
      appendFileSync(path, text(numbers(round * 1000, round * 1000 + 500)));
      for (let age = round; age >= 1; age -= 1) {
        renameSync(age === 1 ? path : `${path}.${age - 1}`, `${path}.${age}`);
      }
      writeFileSync(path, text(numbers(round * 1000 + 500, round * 1000 + 1000)));
      if (round % 2 === 0) await following.polls(2);
    }
    following.backpressure = undefined;
    open();
    await following.lineCount(6000);
    await following.polls(10);
    expect(following.records.length).toBe(6000);
    expect(new Set(following.lines).size).toBe(6000);
  });

  it("rotation - while behind, the log keeps its order across the files", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, text(numbers(0, 60_000)));
    const following = await follow({ paths: [path] });
    let open = (): void => undefined;
    following.backpressure = new Promise((resolve) => (open = resolve));
    await eventually(() => following.blocks > 0);
    for (let round = 1; round <= 3; round += 1) {
      renameSync(path, `${path}-2025030${round}`);
      writeFileSync(path, text(numbers(round * 60_000, round * 60_000 + 60_000)));
      await following.polls(2);
    }
    following.backpressure = undefined;
    open();
    await following.lineCount(240_000);
    const expected = numbers(0, 240_000);
    expect(following.lines.findIndex((line, index) => line !== expected[index])).toBe(-1);
  });

  it("rotation - a file that came and went between two looks is read where it went", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(`${path}.1`, "old\n");
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    renameSync(`${path}.1`, `${path}.4`);
    renameSync(path, `${path}.3`);
    writeFileSync(path, "two\n");
    renameSync(path, `${path}.2`);
    writeFileSync(path, "three\n");
    renameSync(path, `${path}.1`);
    writeFileSync(path, "four\n");
    await following.lineCount(4);
    await following.polls(10);
    expect([...following.lines].sort()).toEqual(["four", "one", "three", "two"]);
    expect(following.records.every(({ source }) => source === path)).toBe(true);
  });

  it("rotation - a last line without its end is shipped once, when the file is finished", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, "one\nunfinished");
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    renameSync(path, `${path}.1`);
    await following.lineCount(2);
    await following.polls(10);
    expect(following.lines).toEqual(["one", "unfinished"]);
  });

  it("rotation - a finished file that grows is taken up again", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    renameSync(path, `${path}.1`);
    await following.polls(12);
    appendFileSync(`${path}.1`, "two\n");
    await following.lineCount(2);
    expect(following.lines).toEqual(["one", "two"]);
  });

  it("rotation - compression of what was read changes nothing", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [`${path}*`] });
    await following.lineCount(1);
    renameSync(path, `${path}.1`);
    await following.polls(10);
    writeFileSync(`${path}.1.gz`, gzipSync("one\n"));
    unlinkSync(`${path}.1`);
    await following.polls(30);
    expect(following.lines).toEqual(["one"]);
    expect(following.lost_bytes).toBe(0);
  });
});

describe("deletion", () => {
  it("deletion - the open file is read to its end, and then forgotten", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    const writer = openSync(path, "a");
    unlinkSync(path);
    writeSync(writer, "two\nunfinished");
    await following.lineCount(3);
    closeSync(writer);
    await eventually(() => following.state().streams.length === 0);
    expect(following.lines).toEqual(["one", "two", "unfinished"]);
    expect(following.lost_bytes).toBe(0);
  });

  it("deletion - its stream is forgotten only when its events are settled", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path], receipts: "keep" });
    await following.lineCount(1);
    unlinkSync(path);
    await following.polls(12);
    expect(following.state().streams.length).toBe(1);
    for (const receipt of following.receipts) following.settle(receipt);
    await eventually(() => following.state().streams.length === 0);
  });

  it("deletion - a file that reappears is read from its beginning", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\n");
    const following = await follow({ paths: [path] });
    for (const round of ["two", "three", "four"]) {
      await following.lineCount(following.records.length);
      unlinkSync(path);
      await following.polls(1);
      writeFileSync(path, `${round}\n`);
      await eventually(() => following.lines.includes(round));
    }
    expect(following.lines).toEqual(["one", "two", "three", "four"]);
  });

  it("deletion - inodes that are used again and again lose no file and repeat none", async () => {
    const directory = temporaryDirectory();
    const following = await follow({ paths: [join(directory, "*.log")], max_open_files: 4 });
    for (let round = 0; round < 60; round += 1) {
      const path = join(directory, `${round}.log`);
      writeFileSync(path, `round ${round}\n`);
      await following.lineCount(round + 1);
      if (round % 3 !== 0) unlinkSync(path);
    }
    expect(following.lines).toEqual(Array.from({ length: 60 }, (_, round) => `round ${round}`));
    expect(following.lost_bytes).toBe(0);
  });

  it("deletion - the same content in a new file of the same name is read again", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const following = await follow({ paths: [path] });
    for (let round = 1; round <= 5; round += 1) {
      rmSync(path, { force: true });
      writeFileSync(path, "the same forty bytes again and again...\n");
      await following.lineCount(round);
    }
    await following.polls(3);
    expect(following.records.length).toBe(5);
  });
});

describe("symlinks", () => {
  it("symlinks - a swapped target is followed, and the old one read to its end", async () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "data"));
    const [first, second] = [join(directory, "data", "a"), join(directory, "data", "b")];
    const link = join(directory, "audit.log");
    writeFileSync(first, "one\n");
    symlinkSync(first, link);
    const following = await follow({ paths: [link] });
    await following.lineCount(1);
    expect(following.records[0]!.source).toBe(link);
    appendFileSync(first, "two\nunfinished");
    writeFileSync(second, "three\n");
    symlinkSync(second, `${link}.new`);
    renameSync(`${link}.new`, link);
    await following.lineCount(4);
    expect([...following.lines].sort()).toEqual(["one", "three", "two", "unfinished"]);
  });

  it("symlinks - several paths to one file do not repeat it", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "audit.log"), "one\n");
    symlinkSync(join(directory, "audit.log"), join(directory, "link.log"));
    symlinkSync(directory, join(directory, "loop"));
    const following = await follow({ paths: [join(directory, "**", "*.log")] });
    await following.lineCount(1);
    await following.polls(3);
    expect(following.lines).toEqual(["one"]);
  });
});
