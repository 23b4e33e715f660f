/** Counts below bounds. */
import { expect, test } from "vitest";
import { Histogram } from "../../../src/platform/histogram.ts";

test("histogram - has what lies at or below each bound, and all of it", () => {
  const histogram = new Histogram([1, 5]);
  histogram.add(1, 2);
  histogram.add(3, 1);
  histogram.add(10, 4);
  expect(histogram.counts()).toEqual({ bounds: [1, 5], counts: [2, 3], sum: 45, count: 7 });
});
