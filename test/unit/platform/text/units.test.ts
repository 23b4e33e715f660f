/** What a mistyped or measured word of the configuration comes to: units. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { printable } from "../../../../src/platform/text/printable.ts";
import { duration, size } from "../../../../src/platform/text/unit-options.ts";
import {
  formatDuration,
  formatSize,
  parseDuration,
  parseSize,
} from "../../../../src/platform/text/units.ts";

test.each([
  ["200ms", 200],
  ["30s", 30_000],
  ["30 s", 30_000],
  ["1.5s", 1500],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["0s", 0],
])("units - %s is %d milliseconds", (text, duration_ms) => {
  expect(parseDuration(text)).toBe(duration_ms);
});

test.each([
  ["100B", 100],
  ["64KiB", 65_536],
  ["1MiB", 1_048_576],
  ["10MB", 10_000_000],
  ["1GiB", 1_073_741_824],
])("units - %s is %d bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(["", "30", "s", "-1s", "1e3s", "30S", "1d", "1kb", "1 000s", "constructor", "1toString"])(
  "units - %j is neither a duration nor a size",
  (text) => {
    expect([parseDuration(text), parseSize(text)]).toEqual([undefined, undefined]);
  },
);

test("units - what is written from a number is read as that number", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), (number) => {
      return (
        parseDuration(formatDuration(number)) === number && parseSize(formatSize(number)) === number
      );
    }),
  );
});

test("units - an option given as a bare number says what to write", () => {
  const [issue] = duration().safeParse(30).error?.issues ?? [];
  expect(issue?.message).toContain("write 30s if that is meant");
  expect(size().safeParse(5).error?.issues[0]?.message).toContain("write 5MiB if that is meant");
});

test("printable - control characters are written out, and all else stays", () => {
  expect(printable("a\u001b[31m\r\n\u009bz\u007f")).toBe(String.raw`a\x1b[31m\x0d\x0a\x9bz\x7f`);
  expect(printable("für 日本 \\x1b")).toBe("für 日本 \\x1b");
});
