/** Records come back sorted, whether they all fit into memory or not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Scratch } from "../../../../../src/proof/verify/spilling/scratch.ts";
import { SortedRecords } from "../../../../../src/proof/verify/spilling/sorted-records.ts";

describe("sorted records", () => {
  test("sorted records - all of them come in their order, in memory and from runs", () => {
    const records = fc.array(fc.uint8Array({ minLength: 3, maxLength: 3 }), { maxLength: 80 });
    fc.assert(
      fc.property(records, fc.integer({ min: 3, max: 60 }), (all, bytes) => {
        const scratch = new Scratch();
        const sorted = new SortedRecords(scratch, 3, bytes);
        for (const each of all) sorted.add(each);
        const found = [...sorted.all()].map((each) => each.toString("hex"));
        expect(found).toEqual(all.map((each) => Buffer.from(each).toString("hex")).toSorted());
        scratch.closeAll();
      }),
      { numRuns: 60 },
    );
  });
});
