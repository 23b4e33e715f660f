/** Which values are found in a body, whatever stands between them and however it breaks. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BodyValues } from "../../../../../src/inputs/hec/body/body-values.ts";
import { textStart } from "../../../../../src/inputs/framing/decoding/beginning.ts";
import { parsePath } from "../../../../../src/event/scan/path.ts";
import { faultPosition } from "../../../../../src/event/scan/json-text.ts";
import { Walker } from "../../../../../src/event/scan/walker.ts";
import { sampled } from "../../../../support/effort.ts";
import { json_object_text } from "../../../../support/random/json-arbitraries.ts";

type Content = "text" | "objects";

/** Counts the bytes that it scans. */
class CountingWalker extends Walker {
  scanned = 0;

  override scanFirst(bytes: Buffer, start: number, end: number): number {
    const result = super.scanFirst(bytes, start, end);
    this.scanned += (result < 0 ? faultPosition(result) : result) - start;
    return result;
  }
}

function values(body: string | Buffer, content: Content): string[] {
  const bytes = Buffer.from(body);
  const scan = new BodyValues(new Walker([]));
  scan.open(bytes, textStart(bytes), content);
  const found: string[] = [];
  while (scan.next()) {
    found.push(`${scan.kind} ${bytes.toString("utf8", scan.start, scan.end)}`);
  }
  return found;
}

const same: [string, string[]][] = [
  ["", []],
  [" \r\n\t", []],
  ["{}", ["object {}"]],
  ['{"a":1}{"a":2}', ['object {"a":1}', 'object {"a":2}']],
  ['{"a":1}\n{"a":2}\n', ['object {"a":1}', 'object {"a":2}']],
  ['\r\n{"a":1}\r\n\r\n  {"a":2} ', ['object {"a":1}', 'object {"a":2}']],
  [
    '{\n  "a": [\n    {}\n  ]\n}\n{"a":2}',
    ['object {\n  "a": [\n    {}\n  ]\n}', 'object {"a":2}'],
  ],
  ['[{"a":1},{"a":2}]', ['object {"a":1}', 'object {"a":2}']],
  ['[ {"a":1} , {"a":2}\n]\n{"a":3}', ['object {"a":1}', 'object {"a":2}', 'object {"a":3}']],
  ['[{"a":[{}]},7,"x",[{}]]', ['object {"a":[{}]}', "other 7", 'other "x"', "other [{}]"]],
  ["[{}][{}]", ["object {}", "object {}"]],
  ["hello", ["text hello"]],
  ["hello\nworld\r\n", ["text hello", "text world"]],
  ['"a" "b"\n1 2', ['text "a" "b"', "text 1 2"]],
  ["[1,2]", ["text [1,2]"]],
  ["[]", ["text []"]],
  ["[2026-11-21] started", ["text [2026-11-21] started"]],
  ['{"a":1\n{"a":2}', ['text {"a":1', 'object {"a":2}']],
  ['{"a":"x\n{"a":2}\n', ['text {"a":"x', 'object {"a":2}']],
  ['{"a":[\n{"b":1}\n{"b":2}', ['text {"a":[', 'text {"b":1}', 'object {"b":2}']],
  ['{"a":1}\n{"a":}\n{"a":3}', ['object {"a":1}', 'text {"a":}', 'object {"a":3}']],
  ['{"a":1}{"a":', ['object {"a":1}', 'text {"a":']],
  ['[{"a":1},{"a":}]', ['text [{"a":1},{"a":}]']],
];

describe("body values", () => {
  test.each(same)("hec - %j is framed", (body, found) => {
    expect(values(body, "objects")).toEqual(found);
    expect(values(body, "text")).toEqual(found);
  });

  test("hec - text keeps the white space that its line starts and ends with", () => {
    const body = "first\n\tat a.b\n  \n  at c.d \n";
    expect(values(body, "text")).toEqual(["text first", "text \tat a.b", "text   at c.d "]);
  });

  test("hec - text behind an object keeps the white space that its line starts with", () => {
    const body = '{"a":1}\r\n\n  \tat a.b\n';
    for (const content of ["text", "objects"] as const) {
      expect(values(body, content)).toEqual(['object {"a":1}', "text   \tat a.b"]);
    }
  });

  test("hec - an object in a line of text belongs to it, and counts where objects are expected", () => {
    const body = '{"a":1} was here\n{"a":\n1} too\n{"b":2}';
    expect(values(body, "text")).toEqual([
      'text {"a":1} was here',
      'text {"a":\n1} too',
      'object {"b":2}',
    ]);
    expect(values(body, "objects")).toEqual([
      'object {"a":1}',
      "text  was here",
      'object {"a":\n1}',
      "text  too",
      'object {"b":2}',
    ]);
  });

  test("hec - an object in a value that breaks behind it is no object of its own", () => {
    const body = '{"a":\n{"b":1},\n"c":NaN}\n{"d":1}\n[\n{"e":1},\n{"f":1}\n{"g":1}';
    expect(values(body, "objects")).toEqual([
      'text {"a":',
      'text {"b":1}',
      "text ,",
      'text "c":NaN}',
      'object {"d":1}',
      "text [",
      'text {"e":1}',
      "text ,",
      'text {"f":1}',
      'object {"g":1}',
    ]);
  });

  test("hec - a byte order mark at the beginning is passed over, before objects and before text", () => {
    expect(values('\ufeff{"a":1}\n{"a":2}', "objects")).toEqual([
      'object {"a":1}',
      'object {"a":2}',
    ]);
    expect(values("\ufeff", "objects")).toEqual([]);
    expect(values("\ufeffhello\n\ufeffyou", "text")).toEqual(["text hello", "text \ufeffyou"]);
    expect(values('\ufeff{"a":1}', "text")).toEqual(['object {"a":1}']);
  });

  test("hec - the walker has the spans of the object that was found last, in arrays too", () => {
    const walker = new Walker([parsePath("a")]);
    const scan = new BodyValues(walker);
    const bytes = Buffer.from('{"a":1}[{"a":2},{"a":3}]');
    scan.open(bytes, 0, "objects");
    const found: string[] = [];
    while (scan.next()) {
      const row = walker.spans.first(0);
      found.push(bytes.toString("utf8", walker.spans.start(row), walker.spans.end(row)));
    }
    expect(found).toEqual(["1", "2", "3"]);
  });

  test("hec - objects are found byte for byte, whatever is in them and between them", () => {
    const space = fc.constantFrom("", "\n", "\r\n", " ", "\n\n\t ");
    fc.assert(
      fc.property(
        fc.array(fc.tuple(space, json_object_text), { maxLength: 5 }),
        space,
        (parts, end) => {
          const objects = parts.map(([, text]) => `object ${text.trim()}`);
          const concatenated = parts.map(([before, text]) => before + text).join("") + end;
          expect(values(concatenated, "objects")).toEqual(objects);
          expect(values(concatenated, "text")).toEqual(objects);
          const array = `[${parts.map(([before, text]) => before + text).join(`${end},`)}${end}]`;
          if (parts.length > 0) expect(values(array, "objects")).toEqual(objects);
        },
      ),
    );
  });

  sampled(
    "hec - whatever comes, every byte that is not blank is in exactly one value, in order",
    { sample: 200, all: 2000 },
    (runs) => {
      const pieces_known = ["{", "}", "[", "]", ",", "1", '"', "\\", "\n", "\r\n", " ", "x", "é"];
      const piece = fc.constantFrom(...pieces_known, '{"a":', '{"a":1}');
      fc.assert(
        fc.property(
          fc.array(piece, { maxLength: 30 }),
          fc.constantFrom<Content>("text", "objects"),
          (pieces, content) => {
            const bytes = Buffer.from(pieces.join(""));
            const scan = new BodyValues(new Walker([]));
            scan.open(bytes, textStart(bytes), content);
            const left = bytes.map((byte) => byte);
            let last_end = 0;
            let items = 0;
            while (scan.next()) {
              expect(scan.start).toBeGreaterThanOrEqual(last_end);
              expect(scan.end).toBeGreaterThan(scan.start);
              last_end = scan.end;
              left.fill(0x20, scan.start, scan.end);
              items += 1;
            }
            // What holds the items of an array together belongs to none of them.
            expect(
              Buffer.from(left)
                .toString()
                .replaceAll(/[\s[\],]/g, ""),
            ).toBe("");
            expect(items).toBeLessThanOrEqual(bytes.length);
          },
        ),
        { numRuns: runs },
      );
    },
  );

  test("hec - a body that is made to break at every line is scanned twice and no more", () => {
    const line = `{"a":[${"1,".repeat(200)}\n`;
    const bytes = Buffer.from(line.repeat(20_000));
    const walker = new CountingWalker([]);
    const scan = new BodyValues(walker);
    scan.open(bytes, 0, "objects");
    let lines = 0;
    while (scan.next()) lines += 1;
    expect(lines).toBe(20_000);
    // From every line to where it breaks, 512 levels on, would be hundreds of times as much.
    expect(walker.scanned).toBeLessThanOrEqual(2 * bytes.length);
  });
});
