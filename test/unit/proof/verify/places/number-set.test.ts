/** A set of numbers is what a plain list of them is, in whatever order its ranges come. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { NumberSet } from "../../../../../src/proof/verify/places/number-set.ts";

const range = fc
  .tuple(fc.nat(60), fc.nat(9))
  .map(([from, length]) => [from, from + length] as const);

test("number set - has what was added, and no more", () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), range, (ranges, [from, to]) => {
      const set = new NumberSet();
      for (const each of ranges) set.add(...each);
      const all = Array.from({ length: 80 }, (_, number) => number);
      const expected = all.filter((number) => ranges.some(([a, b]) => a <= number && number < b));
      expect(all.filter((number) => set.has(number))).toEqual(expected);
      const within = [...set.within(from, to)].flatMap(([a, b]) => all.slice(a, b));
      expect(within).toEqual(expected.filter((number) => from <= number && number < to));
    }),
  );
});

test("number set - a range is one, however long", () => {
  const set = new NumberSet();
  set.add(2 ** 50, Number.MAX_SAFE_INTEGER);
  set.add(0, 2 ** 40);
  expect([2 ** 40 - 1, 2 ** 40, 2 ** 52].map((number) => set.has(number))).toEqual([
    true,
    false,
    true,
  ]);
  expect([...set.within(1024, 2048)]).toEqual([[1024, 2048]]);
});
