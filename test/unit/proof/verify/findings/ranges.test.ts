/** Ranges of numbers: each number once, and where there is no room for all of them, how many there were. */
import { expect, test } from "vitest";
import { RangeRoom, Ranges } from "../../../../../src/proof/verify/findings/ranges.ts";

function plain(ranges: Ranges): number[][] {
  return ranges.all.map(({ first, end, count }) => [first, end, count]);
}

test("ranges - neighbours are one range, in whatever order they come", () => {
  const ranges = new Ranges(new RangeRoom());
  for (const number of [9, 8, 7, 1, 2, 3, 8]) ranges.add(number, number + 1);
  expect(plain(ranges)).toEqual([
    [1, 4, 3],
    [7, 10, 3],
  ]);
});

test("ranges - of all lists together so many are kept, and no number is lost", () => {
  const room = new RangeRoom(10);
  const lists = [new Ranges(room), new Ranges(room), new Ranges(room)];
  for (const [at, ranges] of lists.entries()) {
    for (let number = at; number < 3000; number += 3) ranges.add(number, number + 1);
  }
  const all = lists.map(plain);
  // Each list has one at least.
  expect(all.flat().length).toBeLessThanOrEqual(10 + lists.length);
  for (const [at, ranges] of all.entries()) {
    expect(ranges.reduce((sum, [, , count]) => sum + count!, 0)).toBe(1000);
    expect([ranges[0]![0], ranges.at(-1)![1]]).toEqual([at, 2998 + at]);
  }
});
