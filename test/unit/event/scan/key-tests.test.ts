/** Keys with the same answers lead to the same: whatever keys were there before, a key leads to what it leads to alone. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePath, type Path, pathToKeys } from "../../../../src/event/scan/path.ts";
import { Walker } from "../../../../src/event/scan/walker.ts";
import { is_long, long } from "../../../support/effort.ts";
import { seed } from "../../../support/seed.ts";

const part = fc.constantFrom("a", "A", "ab", "b", "event", "ſ", "K", "σς", "x-ab", "");
const key = fc.oneof(
  part,
  fc.array(part, { minLength: 2, maxLength: 11 }).map((parts) => parts.join(".")),
);
const glob = fc.constantFrom("a*", "*b", "*ab", "?b", "*", "*a*b", "ab", "*a?", "a.b", "*.b");
const keys = fc
  .record({
    globs: fc.array(glob, { minLength: 1, maxLength: 3 }),
    ignore_case: fc.boolean(),
    exceptions: fc.array(
      glob.filter((each) => each !== "*"),
      { maxLength: 2 },
    ),
    is_last: fc.boolean(),
  })
  .map(({ globs, ...options }) => pathToKeys(globs, options));
const text = fc.constantFrom(
  "a",
  "a.b",
  "**.ab",
  "*.a",
  "event.a",
  '["a.b"]',
  '**["a.b"].a',
  "ab[*].b",
);
const path = fc
  .record({ text, ignore_case: fc.boolean(), secret: fc.boolean() })
  .map((each) => parsePath(each.text, each));

/** The paths that find something in a record, by their places in the list. */
function foundIn(walker: Walker, record: string): number[] {
  const bytes = Buffer.from(record);
  expect(walker.scan(bytes, 0, bytes.length)).toBeUndefined();
  return [...walker.paths.keys()].filter((number) => walker.spans.first(number) >= 0);
}

test("key tests - keys lead to the same behind others as alone", long, () => {
  const paths = fc.array<Path>(fc.oneof(keys, path), { minLength: 1, maxLength: 8 });
  const records = fc.array(fc.tuple(key, key), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(paths, records, (all, pairs) => {
      const used = new Walker(all);
      for (const [outer, inner] of pairs) {
        const record = JSON.stringify({ [outer]: { [inner]: 1, b: [{ [inner]: 2 }] } });
        expect(foundIn(used, record), record).toEqual(foundIn(new Walker(all), record));
      }
    }),
    { seed, numRuns: is_long ? 400 : 80 },
  );
});
