/** Files that are truncated in place, by `copytruncate` or otherwise, while they are followed. */
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { WatchDirectory } from "../../../../src/inputs/file/discovery/watcher.ts";
import { longTest } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { follow, type FileFollowing } from "../../../support/files/file-following.ts";
import { temporaryDirectory } from "../../../support/temporary.ts";

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `event number ${from + index}`);
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** Holds the intake back, so that the file is read no further. */
async function holdBack(following: FileFollowing): Promise<() => void> {
  let open = (): void => undefined;
  following.backpressure = new Promise((resolve) => (open = resolve));
  await eventually(() => following.blocks > 0);
  return () => {
    following.backpressure = undefined;
    open();
  };
}

async function settled(following: FileFollowing, expected: readonly string[]): Promise<void> {
  await following.lineCount(expected.length);
  await following.polls(14);
  expect(following.records.length).toBe(expected.length);
  expect(new Set(following.lines)).toEqual(new Set(expected));
}

describe("truncation", () => {
  it("truncation - the file is read again from its beginning", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, text(numbers(0, 10)));
    const following = await follow({ paths: [path] });
    await following.lineCount(10);
    truncateSync(path);
    appendFileSync(path, "after\n");
    await following.lineCount(11);
    expect(following.lines.at(-1)).toBe("after");
    expect(following.lost_bytes).toBe(0);
  });

  it("truncation - is seen although the file is longer again than it was", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, text(numbers(0, 10)));
    const following = await follow({ paths: [path] });
    await following.lineCount(10);
    const writer = openSync(path, "r+");
    ftruncateSync(writer);
    writeSync(writer, text(numbers(100, 150)), 0);
    closeSync(writer);
    await settled(following, [...numbers(0, 10), ...numbers(100, 150)]);
  });

  it("truncation - a writer that keeps its position leaves a hole, which is passed over", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const writer = openSync(path, "w");
    writeSync(writer, text(numbers(0, 200)));
    const following = await follow({ paths: [path] });
    await following.lineCount(200);
    truncateSync(path);
    writeSync(writer, text(numbers(200, 210)));
    await following.lineCount(210);
    truncateSync(path);
    writeSync(writer, text(numbers(210, 220)));
    closeSync(writer);
    await settled(following, numbers(0, 220));
    expect(following.lost_bytes).toBe(0);
  });

  it("truncation - what was not read and is nowhere else is booked and reported as lost", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    const lines = numbers(0, 200_000);
    writeFileSync(path, text(lines));
    const following = await follow({ paths: [path] });
    const letOn = await holdBack(following);
    writeFileSync(path, "after\n");
    letOn();
    await eventually(() => following.lines.includes("after") && following.lost_bytes > 0);
    const read_bytes = text(following.lines.filter((line) => line !== "after")).length;
    expect(following.lost_bytes).toBe(text(lines).length - read_bytes);
    expect(following.ledger.books().inputs["files"]!.lost_bytes).toEqual({
      truncated: following.lost_bytes,
    });
    const [warning] = following.log.at("warn");
    expect(warning!.facts).toMatchObject({ path, lost_bytes: following.lost_bytes });
  });

  it("truncation - down to what was read loses the rest, and the file goes on", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, "one\nunfinished");
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    truncateSync(path, 4);
    appendFileSync(path, "two\n");
    await following.lineCount(2);
    expect(following.lines).toEqual(["one", "two"]);
    expect(following.lost_bytes).toBeLessThanOrEqual(10);
  });
});

describe("copytruncate", () => {
  it.each(["audit.log", "audit.log*"])(
    "copytruncate - with the glob %s nothing is lost and nothing is read twice",
    async (glob) => {
      const directory = temporaryDirectory();
      const path = join(directory, "audit.log");
      const lines = numbers(0, 100);
      writeFileSync(path, text(lines));
      // As long as a copy may take: on a busy machine the looks below last longer than the usual wait of these tests.
      const following = await follow({ paths: [join(directory, glob)], rotate_wait: "10s" });
      await following.lineCount(100);
      for (let round = 1; round <= 4; round += 1) {
        const more = numbers(round * 100, round * 100 + 100);
        lines.push(...more);
        appendFileSync(path, text(more));
        if (round % 2 === 0) await following.lineCount(lines.length);
        copyFileSync(path, `${path}.${round}`);
        if (round % 2 === 1) await following.polls(2);
        truncateSync(path);
      }
      await settled(following, lines);
      expect(following.lost_bytes).toBe(0);
    },
  );

  it.each(["audit.log", "audit.log*"])(
    "copytruncate - with the glob %s while far behind, the rest is read from the copy",
    async (glob) => {
      const directory = temporaryDirectory();
      const path = join(directory, "audit.log");
      const lines = numbers(0, 100_000);
      writeFileSync(path, text(lines));
      // Long enough that the copy is not taken for a file of its own before the truncation, on a busy machine too.
      const following = await follow({ paths: [join(directory, glob)], rotate_wait: "1h" });
      const letOn = await holdBack(following);
      copyFileSync(path, `${path}.1`);
      await following.polls(2);
      truncateSync(path);
      appendFileSync(path, "after\n");
      await following.polls(3);
      letOn();
      await settled(following, [...lines, "after"]);
      expect(following.lost_bytes).toBe(0);
    },
  );

  it.each(["audit.log", "audit.log*"])(
    "copytruncate - with the glob %s lines that were read but came after the copy are not repeated",
    async (glob) => {
      const directory = temporaryDirectory();
      const path = join(directory, "audit.log");
      writeFileSync(path, text(numbers(0, 100)));
      const following = await follow({ paths: [join(directory, glob)] });
      await following.lineCount(100);
      copyFileSync(path, `${path}.1`);
      appendFileSync(path, text(numbers(100, 103)));
      await following.lineCount(103);
      truncateSync(path);
      appendFileSync(path, "after\n");
      await settled(following, [...numbers(0, 103), "after"]);
      const state = await following.stop();
      const next = await follow({ paths: [join(directory, glob)], state });
      await next.polls(14);
      expect(next.lines).toEqual([]);
      expect(next.lost_bytes).toBe(0);
    },
  );

  it("copytruncate - a copy whose notification comes after that of the truncation is found all the same", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, text(numbers(0, 100)));
    let notify: (kind: "rename" | "change", name: string) => void = () => undefined;
    const watch: WatchDirectory = (watched, onEvent) => {
      if (watched === directory) notify = onEvent;
      return { close: () => undefined };
    };
    const paths = [join(directory, "audit.log*")];
    const following = await follow({ paths, watch, poll_interval: "60s" });
    await following.lineCount(100);
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, "after\n");
    notify("change", "audit.log");
    await following.lineCount(101);
    notify("rename", "audit.log.1");
    await following.polls(14);
    expect(following.lines).toEqual([...numbers(0, 100), "after"]);
  });

  longTest(
    "copytruncate - a copy with the inode of the one that was removed for it is gone on in, and not read again",
    async () => {
      const path = join(temporaryDirectory(), "audit.log");
      writeFileSync(path, "");
      const following = await follow({ paths: [path], poll_interval: "200ms" });
      const expected: string[] = [];
      const append = (lines: readonly string[]): void => {
        expected.push(...lines);
        appendFileSync(path, text(lines));
      };
      let rotation: "due" | "done" = "done";
      // While much is unread, so that a read finds the truncation before any look at the directory.
      following.onBlock = () => {
        if (rotation === "done") return;
        rotation = "done";
        rmSync(`${path}.1`, { force: true });
        copyFileSync(path, `${path}.1`);
        truncateSync(path);
        append([`first after rotation at ${expected.length}`]);
      };
      for (let round = 0; round < 6; round += 1) {
        rotation = "due";
        append(numbers(expected.length, expected.length + 60_000));
        await following.lineCount(expected.length);
        await following.polls(10);
      }
      expect(following.lines.toSorted()).toEqual(expected.toSorted());
      expect(following.lost_bytes).toBe(0);
    },
  );

  it("copytruncate - a copy that is never followed by a truncation is a file of its own", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, text(numbers(0, 10)));
    const following = await follow({ paths: [`${path}*`] });
    await following.lineCount(10);
    copyFileSync(path, `${path}.copy`);
    await settled(following, [...numbers(0, 10), ...numbers(0, 10)]);
  });

  it("copytruncate - a copy that no glob asks for is never read without a truncation", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, text(numbers(0, 10)));
    const following = await follow({ paths: [path] });
    await following.lineCount(10);
    copyFileSync(path, `${path}.1`);
    await following.polls(14);
    expect(following.lines).toEqual(numbers(0, 10));
  });
});

describe("equal heads", () => {
  it.each([
    ["a.log", "b.log"],
    ["audit.log", "audit.log.1"],
  ])("equal heads - %s and %s are both read", async (first, second) => {
    const directory = temporaryDirectory();
    const head = `${"#".repeat(5000)}\n`;
    writeFileSync(join(directory, first), `${head}one\n`);
    writeFileSync(join(directory, second), `${head}two\n`);
    const following = await follow({ paths: [join(directory, "*")] });
    await following.lineCount(4);
    const short = following.lines.filter((line) => line.length < 10).sort();
    expect(short).toEqual(["one", "two"]);
  });

  it.each([
    ["a.log", "b.log"],
    ["audit.log", "audit.log.1"],
  ])("equal heads - %s and %s of the same forty bytes are both read", async (first, second) => {
    const directory = temporaryDirectory();
    const line = "0123456789012345678901234567890123456789";
    writeFileSync(join(directory, first), `${line}\n`);
    writeFileSync(join(directory, second), `${line}\n`);
    const following = await follow({ paths: [join(directory, "*")] });
    await following.lineCount(2);
    await following.polls(10);
    expect(following.lines).toEqual([line, line]);
  });

  it("equal heads - a file that goes on otherwise than the known one does not wait to be read", async () => {
    const directory = temporaryDirectory();
    const known = join(directory, "audit.log");
    writeFileSync(known, text(["header"]));
    const following = await follow({ paths: [join(directory, "*")], rotate_wait: "60s" });
    await following.lineCount(1);
    writeFileSync(join(directory, "audit-2.log"), text(["header", "more"]));
    await following.lineCount(3);
    expect(following.lines).toEqual(["header", "header", "more"]);
  });

  it("equal heads - one that came and went between two looks is read where it went", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "audit.log");
    writeFileSync(path, text(["header"]));
    const following = await follow({ paths: [path] });
    await following.lineCount(1);
    renameSync(path, `${path}.2`);
    writeFileSync(path, text(["header", "more"]));
    renameSync(path, `${path}.1`);
    writeFileSync(path, text(["header", "other"]));
    await settled(following, ["header", "header", "more", "header", "other"]);
    expect(following.lines.toSorted()).toEqual(["header", "header", "header", "more", "other"]);
  });
});
