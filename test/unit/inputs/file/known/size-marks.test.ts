/** How old the oldest unread byte of a file is. */
import { expect, test } from "vitest";
import { SizeMarks } from "../../../../../src/inputs/file/known/size-marks.ts";

test("size marks - the byte at an offset is as old as the first mark beyond it", () => {
  const marks = new SizeMarks();
  marks.note(100, 10_000);
  marks.note(200, 20_000);
  marks.note(300, 30_000);
  expect(marks.timeOf(0)).toBe(10_000);
  expect(marks.timeOf(99)).toBe(10_000);
  expect(marks.timeOf(100)).toBe(20_000);
  expect(marks.timeOf(250)).toBe(30_000);
  expect(marks.timeOf(300)).toBeUndefined();
});

test("size marks - a file that is never caught up with is as far behind as it is, and no further", () => {
  const marks = new SizeMarks();
  for (let second = 0; second < 3600; second += 1) {
    marks.note((second + 1) * 100, second * 1000);
    // The reader is 5 s behind.
    const at_ms = marks.timeOf(Math.max(0, second - 5) * 100)!;
    expect(second * 1000 - at_ms).toBeLessThanOrEqual(6000);
  }
});

test("size marks - a file that is not read at all keeps its age, with few marks", () => {
  const marks = new SizeMarks();
  for (let second = 0; second < 3600; second += 1) marks.note((second + 1) * 100, second * 1000);
  expect(marks.timeOf(0)).toBe(0);
  // What was thinned out is taken for older than it is, by a part of the whole at most.
  const at_ms = marks.timeOf(1800 * 100)!;
  expect(at_ms).toBeLessThanOrEqual(1_800_000);
  expect(at_ms).toBeGreaterThan(1_200_000);
});

test("size marks - growth within a second is one mark, with the earlier time", () => {
  const marks = new SizeMarks();
  marks.note(100, 10_000);
  marks.note(200, 10_500);
  expect(marks.timeOf(150)).toBe(10_000);
});

test("size marks - a file that shrinks begins again", () => {
  const marks = new SizeMarks();
  marks.note(100, 10_000);
  marks.note(50, 20_000);
  expect(marks.timeOf(0)).toBe(20_000);
  expect(marks.timeOf(50)).toBeUndefined();
});
