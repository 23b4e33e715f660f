/** Groups of lines: what is longer than a read, holes, states that cannot be trusted, and how often a line is looked at. */
import {
  linearPattern,
  type LinearPattern,
} from "../../../../../src/platform/text/linear-pattern.ts";
import { describe, expect, it } from "vitest";
import { groupFramer } from "../../../../../src/inputs/framing/multiline/group-framer.ts";
import { multiline } from "../../../../../src/inputs/framing/multiline/multiline.ts";
import type { GroupRule } from "../../../../../src/inputs/framing/multiline/rule.ts";
import { same } from "../../../../../src/platform/same.ts";
import { piecesOf, readGrowing } from "../../../../support/framing/framing-reads.ts";

const kib = 1024;
const rule = { start: linearPattern("^;"), end: undefined, max_lines: 1000, max_bytes: 256 * kib };

function framerOf(changes: Partial<GroupRule> = {}) {
  return groupFramer({ ...rule, ...changes }, "file", 1000);
}

function line(length: number, fill = "x"): string {
  return `${fill.repeat(length)}\n`;
}

/** Read at once, and with a restart anywhere; the records by their beginnings and lengths. */
async function recordsOf(text: string, changes: Partial<GroupRule> = {}): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  const shown = async (at: number[]): Promise<unknown[]> => {
    const places = at.map((each) => ({ at: each, restarts: true }));
    const found = await readGrowing(framerOf(changes), piecesOf(bytes, places), 1024 * kib);
    return found.map(({ text: record, offset, original, group_cut = false }) => [
      offset,
      record.slice(0, 3),
      original?.original_bytes ?? record.length,
      group_cut,
    ]);
  };
  const whole = await shown([]);
  expect(await shown([5, 100 * kib, 300 * kib, 700 * kib])).toEqual(whole);
  return whole;
}

describe("group framer", () => {
  it("group framer - a group as long as it may be, and lines longer than what is read at once", async () => {
    const full = `;${line(128 * kib - 2)}${line(128 * kib)}`;
    const long = line(700 * kib, "y");
    expect(await recordsOf(`${full};a\n${long}b\n;c\n`)).toEqual([
      [0, ";xx", 256 * kib, false],
      [full.length, ";a", 2, true],
      [full.length + 3, "yyy", 700 * kib, true],
      [full.length + 3 + long.length, "b", 1, true],
      [full.length + 5 + long.length, ";c", 2, false],
    ]);
  });

  it("group framer - a line beyond max_event_bytes is cut, and what follows it goes on with it", async () => {
    const long = `;${line(1500 * kib)}`;
    expect(await recordsOf(`${long}a\n;b\n`)).toEqual([
      [0, ";xx", 1500 * kib + 1, false],
      [long.length, "a", 1, true],
      [long.length + 2, ";b", 2, false],
    ]);
  });

  it("group framer - a hole that is longer than a read ends a group and is passed over", async () => {
    const hole = "\0".repeat(700 * kib);
    expect(await recordsOf(`;a\n b\n${hole};c\n d\n`)).toEqual([
      [0, ";a\n", 5, false],
      [6 + hole.length, ";c\n", 5, false],
    ]);
  });

  it("group framer - what is allocated behind a group is left, and a group that goes on is read on", async () => {
    const found = await readGrowing(
      framerOf(),
      [
        { bytes: Buffer.from(";a\n b\n"), restarts: false },
        { bytes: Buffer.from("\0".repeat(100)), restarts: true },
      ],
      kib,
    );
    expect(found.map(({ text }) => text)).toEqual([";a\n b"]);
  });

  it("group framer - of a group that grows each line is compared once", async () => {
    let compared = 0;
    const start = {
      test: (bytes: Buffer) => {
        compared += 1;
        return rule.start.test(bytes);
      },
    } as unknown as LinearPattern;
    const lines = Array.from({ length: 500 }, (_, number) => ({
      bytes: Buffer.from(number === 0 ? ";\n" : `${number}\n`),
      restarts: false,
    }));
    const found = await readGrowing(framerOf({ start }), lines, 1024 * kib);
    expect(found).toHaveLength(1);
    expect(compared).toBeLessThanOrEqual(lines.length);
  });

  it("group framer - begins in the middle where a group begins or ends", () => {
    const both = framerOf({ end: linearPattern("[|]$") });
    const last = (text: string): number => both.lastEnd(Buffer.from(text));
    expect(last("a\n;b\n c\n")).toBe(2);
    expect(last("a\n;b\n c|\r\n d\n")).toBe(10);
    expect(last("a\n;b\n;c")).toBe(5);
    // The line that the bytes begin with may have begun before them.
    expect(last(";a\n b\n")).toBe(0);
    expect(last("")).toBe(0);
  });

  it("group framer - refuses states that are none", () => {
    const framer = framerOf();
    expect(framer.isState({ before: "cut" })).toBe(true);
    for (const value of [null, 1, "cut", {}, { before: "x" }, { before: "cut", more: 1 }]) {
      expect(framer.isState(value)).toBe(false);
    }
  });

  it("group framer - a reload finds the same options to be the same, and others not", () => {
    const parsed = (start: string) => multiline.options.parse({ start });
    expect(same(parsed("^;"), parsed("^;"))).toBe(true);
    expect(same(parsed("^;"), parsed("^,"))).toBe(false);
  });

  it("group framer - check says what a record is", () => {
    const explained = (given: object): string =>
      multiline.explain(multiline.options.parse(given), "file");
    expect(explained({ start: "^;", end: "x$" })).toBe(
      "A record is a group of lines: it begins with a line that matches ^; and ends with one that matches x$.",
    );
    expect(explained({ end: "x$" })).toBe(
      "A record is a group of lines: it ends with one that matches x$.",
    );
  });
});
