/** Where a value is another than was expected. */
import { expect, test } from "vitest";
import { deviationsOf } from "../../../../src/preview/rule-tests/deviations.ts";

test("deviations - name each place that is missing, another, or not expected", () => {
  const expected = { a: 1, b: { c: ["x", "y"] }, d: true };
  const found = { b: { c: ["x", "z"], e: 2 }, a: 1 };
  expect(deviationsOf(expected, found, true)).toEqual([
    { path: ["b", "c", 1], expected: "y", found: "z" },
    { path: ["b", "e"], expected: undefined, found: 2 },
    { path: ["d"], expected: true, found: undefined },
  ]);
});

test("deviations - of parts leave out what is not named", () => {
  expect(deviationsOf({ b: { c: 1 } }, { a: 1, b: { c: 1, d: 2 } }, false)).toEqual([]);
  expect(deviationsOf({ b: [1] }, { b: [1, 2] }, false)).toHaveLength(1);
  expect(deviationsOf({ toString: 1 }, {}, false)).toHaveLength(1);
});

test("deviations - a number is no text, and null is not nothing", () => {
  expect(deviationsOf({ a: 1, b: null }, { a: "1" }, true)).toHaveLength(2);
});
