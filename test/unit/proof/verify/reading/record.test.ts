/** The place that an event's fields mean, whatever values they have. */
import { describe, expect, test } from "vitest";
import { placeOf } from "../../../../../src/proof/verify/reading/record.ts";

function fields(lane: unknown, block: unknown, at: unknown): Record<string, unknown> {
  return { tally_lane: lane, tally_block: block, tally_i: at };
}

const none = { place: undefined, is_impossible: false };
const impossible = { place: undefined, is_impossible: true };

describe("placeOf", () => {
  test("placeOf - one place", () => {
    const { place, is_impossible } = placeOf(fields("aaaaaaaa.1", "2", "7"));
    expect([place, is_impossible]).toEqual([
      { lane: "aaaaaaaa.1", number: 2055, others: [] },
      false,
    ]);
    expect(placeOf(fields("aaaaaaaa.1", "8796093022207", "1022")).place?.number).toBe(2 ** 53 - 2);
  });

  test("placeOf - no such fields, and none with a value", () => {
    expect(placeOf({ other: "1" })).toEqual(none);
    expect(placeOf(fields("", null, []))).toEqual(none);
  });

  test.each([
    fields("aaaaaaaa.1", "2", undefined),
    fields(undefined, "2", "7"),
    fields("aaaaaaaa", "2", "7"),
    fields("aaaaaaaa.1", "2", "1024"),
    fields("aaaaaaaa.1", "-2", "7"),
    fields("aaaaaaaa.1", "8796093022207", "1023"),
    fields("aaaaaaaa.1", "99999999999999", "0"),
    fields("aaaaaaaa.1", { toString: 1 }, "0"),
    fields([{ toString: 1 }], "2", "0"),
  ])("placeOf - a place that there cannot be: %j", (each) => {
    expect(placeOf(each)).toEqual(impossible);
  });

  test("placeOf - of several values some are possible, and so many are looked at", () => {
    const { place } = placeOf(fields(["x", "aaaaaaaa.1"], ["2", "3"], "7"));
    expect([place!.number, place!.others.map(({ number }) => number)]).toEqual([2055, [3079]]);
    // All combinations of these would take days.
    const many = Array.from({ length: 50_000 }, (_, at) => `x${at}`);
    expect(placeOf(fields(many, many, many))).toEqual(impossible);
  });
});
