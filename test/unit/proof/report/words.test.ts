/** The words of a report. */
import { expect, test } from "vitest";
import { inGroups } from "../../../../src/proof/report/words.ts";

test.each([0, 7, 999, 1000, 12_345, 1_234_567, Number.MAX_SAFE_INTEGER])(
  "words - %i is written as everywhere",
  (count) => {
    expect(inGroups(count)).toBe(count.toLocaleString("en-US"));
  },
);
