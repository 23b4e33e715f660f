/** Sets of numbers as ranges, against plain sets. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { missingIn, withRange, type Range } from "../../../../src/inputs/nats/ranges.ts";

const range = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 10 }));

test("ranges - hold the numbers that were added, in order and apart, and know which are missing", () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 20 }), range, (added, [from, length]) => {
      let ranges: readonly Range[] = [];
      const numbers = new Set<number>();
      for (const [first, count] of added) {
        ranges = withRange(ranges, [first, first + count]);
        for (let number = first; number < first + count; number += 1) numbers.add(number);
      }
      const held = ranges.flatMap(([start, end]) => numbersOf(start, end));
      expect(held).toEqual([...numbers].toSorted((one, other) => one - other));
      for (const [number, [start]] of ranges.slice(1).entries())
        expect(start).toBeGreaterThan(ranges[number]![1]);
      const missing = missingIn(ranges, from, from + length).flatMap(([start, end]) =>
        numbersOf(start, end),
      );
      expect(missing).toEqual(
        numbersOf(from, from + length).filter((number) => !numbers.has(number)),
      );
    }),
  );
});

test("ranges - of very many gaps the lowest are forgotten, and nothing is taken for held that is not", () => {
  let ranges: readonly Range[] = [];
  for (let number = 0; number < 1000; number += 2) ranges = withRange(ranges, [number, number + 1]);
  expect(ranges.length).toBeLessThan(100);
  expect(missingIn(ranges, 0, 1000).flatMap(([from, to]) => numbersOf(from, to))).toEqual(
    expect.arrayContaining(numbersOf(0, 1000).filter((number) => number % 2 === 1)),
  );
});

function numbersOf(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, number) => from + number);
}
