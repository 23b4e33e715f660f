/** The scanner against JSON.parse (its verdict) and against a naive parser (its spans). */
import fc from "fast-check";
import { describe, expect } from "vitest";
import { Path } from "../../src/event/scan/path.ts";
import type { Segment } from "../../src/event/scan/path.ts";
import { Walker } from "../../src/event/scan/walker.ts";
import { sampled } from "../support/effort.ts";
import { damaged_json, json_object_text, json_text } from "../support/random/json-arbitraries.ts";
import { parseReference, select } from "../support/random/reference-json.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(decoder.decode(bytes));
    return true;
  } catch {
    return false;
  }
}

const segment: fc.Arbitrary<Segment> = fc.oneof(
  fc
    .constantFrom("a", "b", "c", "A", "ab", "authorization", "TÔKEN", "s", "k", "", "__proto__")
    .map((name) => ({ kind: "key" as const, name })),
  fc.nat(3).map((index) => ({ kind: "index" as const, index })),
  fc.constant({ kind: "any" as const }),
  fc.constant({ kind: "deep" as const }),
);

const path = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([segments, ignore_case]) => new Path(JSON.stringify(segments), segments, { ignore_case }));

/** One walker for many records: what it learned from one must not mislead it in the next. */
const long_lived = new Walker([]);

function verdictIsSame(record: Uint8Array): void {
  const bytes = Buffer.concat([Buffer.from('"'), record, Buffer.from('"}]')]);
  for (const walker of [long_lived, new Walker([])]) {
    const invalid = walker.scan(bytes, 1, 1 + record.length);
    expect(invalid === undefined).toBe(isJson(record));
    if (invalid === undefined) continue;
    expect(invalid.byte).toBeGreaterThanOrEqual(0);
    expect(invalid.byte).toBeLessThanOrEqual(record.length);
  }
}

describe("scanner", () => {
  sampled("scanner - accepts every spelling of JSON", { sample: 200, all: 2000 }, (runs) => {
    fc.assert(
      fc.property(json_text, (text) => verdictIsSame(Buffer.from(text))),
      { numRuns: runs },
    );
  });

  sampled(
    "scanner - agrees with JSON.parse on damaged JSON",
    { sample: 500, all: 5000 },
    (runs) => {
      fc.assert(fc.property(damaged_json, verdictIsSame), { numRuns: runs });
    },
  );

  sampled(
    "scanner - agrees with JSON.parse on random bytes",
    { sample: 500, all: 5000 },
    (runs) => {
      const hostile = fc.array(
        fc.oneof(
          fc.constantFrom(...Buffer.from('{}[]:,"\\u0eE+-.truefalsn \n')),
          fc.nat(255),
          fc.constantFrom(0xed, 0xa0, 0x80, 0xf0, 0x90, 0xc0, 0xc3, 0xa9, 0xef, 0xbb, 0xbf),
        ),
        { maxLength: 24 },
      );
      fc.assert(
        fc.property(hostile, (bytes) => verdictIsSame(Uint8Array.from(bytes))),
        { numRuns: runs },
      );
      fc.assert(
        fc.property(hostile, (bytes) => verdictIsSame(Uint8Array.from([0x22, ...bytes, 0x22]))),
        { numRuns: runs },
      );
    },
  );

  sampled(
    "scanner - gives the spans that a naive parser finds",
    { sample: 200, all: 2000 },
    (runs) => {
      const records = fc.array(fc.oneof(json_text, json_object_text), {
        minLength: 1,
        maxLength: 6,
      });
      fc.assert(
        fc.property(fc.array(path, { minLength: 1, maxLength: 6 }), records, (wanted, texts) => {
          const walker = new Walker(wanted);
          for (const text of [...texts, ...texts]) {
            const bytes = Buffer.from(`,${text}"`);
            expect(walker.scan(bytes, 1, bytes.length - 1)).toBe(undefined);
            const root = parseReference(text);
            for (const [number, one] of wanted.entries()) {
              const expected = select(root, one).map((node) => text.slice(node.start, node.end));
              const found: string[] = [];
              const { spans } = walker;
              for (let row = spans.first(number); row >= 0; row = spans.next(row)) {
                found.push(bytes.toString("utf8", spans.start(row), spans.end(row)));
              }
              expect(found).toEqual(expected);
            }
          }
        }),
        { numRuns: runs },
      );
    },
  );
});
