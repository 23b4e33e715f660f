/** Bytes in bytes: as Buffer finds them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { isAt } from "../../../../src/platform/text/bytes.ts";

test("bytes - are where they are, and nowhere beyond the end", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
  fc.assert(
    fc.property(text, text, fc.nat(10), (expected, all, at) => {
      const found = isAt(Buffer.from(expected), Buffer.from(all), at);
      expect(found).toBe(expected === "" || all.startsWith(expected, at));
    }),
  );
});
