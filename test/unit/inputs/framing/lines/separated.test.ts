/** Records with a separator: in files with holes, longer than what is read at once, and where reading may begin. */
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { framings } from "../../../../../src/inputs/framing/framings.ts";
import type { Framer } from "../../../../../src/inputs/framing/contract/framer.ts";
import { follow } from "../../../../support/files/file-following.ts";
import { piecesOf, readGrowing } from "../../../../support/framing/framing-reads.ts";
import { temporaryDirectory } from "../../../../support/temporary.ts";

const kib = 1024;

function by(separator: string): Framer {
  return framings.lines.framer({ separator }, "file");
}

/** The lengths of the records that are found before the file is finished. */
async function foundWhileLive(separator: string, parts: readonly string[]): Promise<number[]> {
  const whole = Buffer.from(parts.join(""));
  let at = 0;
  const places = parts.map((part) => ({ at: (at += Buffer.byteLength(part)), restarts: false }));
  const found = await readGrowing(by(separator), piecesOf(whole, places), 1024 * kib);
  return found.map(({ text }) => text.length);
}

describe("separated", () => {
  it.each([
    ["\n", "one\ntwo\nthr", 8],
    ["\0", "one\0two\0\0\0", 10],
    ["\r\n", "one\r\ntwo\r", 5],
    ["\n\n", "one\n\ntwo\n\n\nthree", 10],
    ["aa", "one:aaa", 6],
    ["aa", "oneaaaatwo aaa", 13],
    ["abab", "one abab two", 8],
    ["a", "none", 0],
  ])("separated - after %j in %j reading may begin at %i", (separator, text, place) => {
    expect(by(separator).lastEnd(Buffer.from(text))).toBe(place);
  });

  it("separated - a hole before a record is passed over, as before a line", async () => {
    const hole = "\0".repeat(1200 * kib);
    expect(await foundWhileLive(";", ["one;", `${hole}three;`])).toEqual([3, 5]);
    expect(await foundWhileLive("\0", ["one\0", `${hole}three\0`])).toEqual([3, 5]);
  });

  it.each(["\0", "\0\0", "\n\0"])(
    "separated - a record longer than what is read at once that ends with %j is read while nothing follows it",
    async (separator) => {
      const path = join(temporaryDirectory(), "audit.log");
      const long = "x".repeat(700 * kib);
      writeFileSync(path, `one${separator}${long}${separator}`);
      const following = await follow({ paths: [path], framing: { lines: { separator } } });
      await following.lineCount(2);
      expect(following.lines.map(({ length }) => length)).toEqual([3, long.length]);
      await following.stop();
    },
  );

  it("separated - a file that is allocated ahead is read where it is filled", async () => {
    const path = join(temporaryDirectory(), "audit.log");
    writeFileSync(path, `one\0${"\0".repeat(100)}`);
    const framing = { lines: { separator: "\0" } };
    const following = await follow({ paths: [path], framing });
    await following.lineCount(1);
    const descriptor = openSync(path, "r+");
    writeSync(descriptor, "two\0three\0", 4);
    closeSync(descriptor);
    await following.lineCount(3);
    expect(following.lines).toEqual(["one", "two", "three"]);
    await following.stop();
  });
});
