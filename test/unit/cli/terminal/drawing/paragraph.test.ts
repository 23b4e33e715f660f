/** Long sentences on a terminal. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { paragraph } from "../../../../../src/cli/terminal/drawing/paragraph.ts";
import { widthOf } from "../../../../../src/cli/terminal/drawing/width.ts";

test("paragraph - goes on below its first word, and in a pipe on the same line", () => {
  const step = "  1. redact: Takes secrets out of events: masks, hashes or removes them.";
  expect(paragraph(step, 40)).toEqual([
    "  1. redact: Takes secrets out of",
    "     events: masks, hashes or removes",
    "     them.",
  ]);
  expect(paragraph(step, undefined)).toEqual([step]);
  expect(paragraph(step, 200)).toEqual([step]);
  expect(paragraph("  config.yaml:8:49: the path matches no file", 30, 2)).toEqual([
    "  config.yaml:8:49: the path",
    "    matches no file",
  ]);
});

test("paragraph - breaks no word, loses none, and is wider than the terminal only where a word is", () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/);
  const text = fc.array(word, { minLength: 1, maxLength: 40 }).map((words) => words.join(" "));
  fc.assert(
    fc.property(
      text,
      fc.integer({ min: 40, max: 90 }),
      fc.integer({ min: 0, max: 4 }),
      (words, columns, under) => {
        const lines = paragraph(`  ${words}`, columns, under);
        expect(lines.map((line) => line.trim()).join(" ")).toBe(words);
        expect(lines.filter((line) => widthOf(line) > columns)).toEqual([]);
      },
    ),
  );
});
