/** What screens are drawn with: widths, bars, sparklines, and what a terminal can show. */
import { expect, test } from "vitest";
import { bar, percent, sparkline } from "../../../../../src/cli/terminal/drawing/bars.ts";
import { apart, isUnicode, rendered } from "../../../../../src/cli/terminal/drawing/spans.ts";
import {
  cut,
  cutMiddle,
  padded,
  paddedLeft,
  widthOf,
  wrap,
} from "../../../../../src/cli/terminal/drawing/width.ts";

test("drawing - texts take the columns that they take", () => {
  expect([widthOf("abc"), widthOf("日本"), widthOf("e\u0301"), widthOf("😀")]).toEqual([
    3, 4, 1, 2,
  ]);
  expect(cut("abcdef", 4)).toBe("abc…");
  expect(cut("日本語", 4)).toBe("日…");
  expect(cut("abc", 3)).toBe("abc");
  expect(cut("abc", 0)).toBe("");
  expect(cutMiddle("/var/log/audit.log", 12)).toBe("/var…dit.log");
  expect(padded("日", 4)).toBe("日  ");
  expect(paddedLeft("12", 4)).toBe("  12");
  expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
});

test("drawing - a bar is full only where all is done, and a percent is 100 only then", () => {
  expect(bar(0, 4)).toBe("░░░░");
  expect(bar(0.5, 4)).toBe("██░░");
  expect(bar(0.9999, 4)).toBe("███░");
  expect(bar(1, 4)).toBe("████");
  expect(bar(2, 2) + bar(-1, 2)).toBe("██░░");
  expect([percent(0), percent(0.999), percent(1)]).toEqual(["0 %", "99 %", "100 %"]);
});

test("drawing - a sparkline has the newest to the right, and anything at all is more than nothing", () => {
  expect(sparkline([0, 1, 100], 5)).toBe("  ▁▂█");
  expect(sparkline([1, 2, 3, 4], 2)).toBe("▆█");
  expect(sparkline([], 3)).toBe("   ");
  expect(sparkline([0, 0], 2)).toBe("▁▁");
});

test("drawing - a line is cut at the edge, in ASCII where the terminal knows no more, and never an escape sequence", () => {
  const line = [["red", "▲ é\u001b[2J"], " █░ …"] as const;
  expect(rendered(line, 80, { colour: false, unicode: true })).toBe("▲ é\\x1b[2J █░ …");
  expect(rendered(line, 80, { colour: false, unicode: false })).toBe("! ?\\x1b[2J #. ~");
  expect(rendered(line, 5, { colour: false, unicode: true })).toBe("▲ é\\…");
  expect(rendered([["red", "x"]], 5, { colour: true, unicode: true })).toBe(
    "\u001b[31mx\u001b[39m",
  );
  expect(apart(["a"], ["b"], 5)).toEqual(["a", "   ", "b"]);
  expect(apart(["abc"], ["def"], 7)).toEqual(["abc"]);
});

test.each([
  [{ LANG: "de_DE.UTF-8" }, true],
  [{ LANG: "C.utf8" }, true],
  [{ LANG: "C" }, false],
  [{}, false],
  [{ LANG: "de_DE.UTF-8", LC_ALL: "C" }, false],
  [{ LANG: "C", LC_CTYPE: "C.UTF-8", LC_ALL: "" }, true],
])("drawing - the locale %j", (environment, is_unicode) => {
  expect(isUnicode(environment)).toBe(is_unicode);
});
