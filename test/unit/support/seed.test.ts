/** That random cases are the same in each run: a gate that tries others every time fails for what no change has done. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { seed } from "../../support/seed.ts";

test("seed - two runs of a property try the same cases, those of the seed", () => {
  const tried = (): number[] => {
    const cases: number[] = [];
    fc.assert(fc.property(fc.integer(), (number) => void cases.push(number)));
    return cases;
  };
  const first = tried();
  expect(tried()).toEqual(first);
  expect(fc.sample(fc.integer(), { seed, numRuns: first.length })).toEqual(first);
});
