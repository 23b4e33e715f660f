/** What the demo marks as changed in an event. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { differenceOf } from "../../../../src/cli/demo/difference.ts";

test("difference - is what was replaced, and no more", () => {
  const difference = differenceOf('{"a":"secret","b":1}', '{"a":"[REDACTED]","b":1}');
  expect(difference).toEqual({
    head: '{"a":"',
    removed: "secret",
    inserted: "[REDACTED]",
    tail: '","b":1}',
  });
});

test("difference - of equal texts is empty", () => {
  expect(differenceOf("aa", "aa")).toEqual({ head: "aa", removed: "", inserted: "", tail: "" });
});

test("difference - its parts make both texts again", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b") });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { head, removed, inserted, tail } = differenceOf(before, after);
      expect(head + removed + tail).toBe(before);
      expect(head + inserted + tail).toBe(after);
    }),
  );
});
