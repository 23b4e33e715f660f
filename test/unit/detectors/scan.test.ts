/**
 * Goal: the scan in WebAssembly finds what the one byte by byte does, wherever it stands. Method: both on texts made of pieces of
 * anchors, of every length and beyond a window.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VectorScan } from "../../../src/detectors/kernel/vector-scan.ts";
import { window_bytes } from "../../../src/detectors/kernel/module.ts";
import { ByteScan, type Scan } from "../../../src/detectors/scan/byte-scan.ts";
import { fingerprintsOf } from "../../../src/detectors/scan/fingerprints.ts";
import { detectors } from "../../../src/detectors/table.ts";
import { sampled } from "../../support/effort.ts";

const anchors = detectors.flatMap(({ ways }) => ways.flatMap((way) => way.anchors));
const keys = [...new Set(anchors.flatMap((each) => fingerprintsOf(each).map(({ key }) => key)))];
const [vector, byte] = [new VectorScan(keys), new ByteScan(keys)];

function places(scan: Scan, bytes: Buffer, start: number, end: number): number[] {
  scan.load(bytes, start, end);
  const found: number[] = [];
  for (let at = scan.next(start); at >= 0; at = scan.next(at + 1)) found.push(at);
  return found;
}

describe("scan", () => {
  sampled("scan - in WebAssembly as byte by byte", { sample: 8, all: 1000 }, (runs) => {
    const literal = fc.constantFrom(...anchors.map((each) => each.literal));
    const piece = fc.oneof(
      literal,
      literal.map((each) => each.toUpperCase()),
      fc.string(),
      fc.string({ unit: "binary" }),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.nat(20), fc.nat(20), (pieces, before, behind) => {
        const bytes = Buffer.from(pieces.join(""));
        const end = Math.max(bytes.length - behind, 0);
        const start = Math.min(before, end);
        expect(places(vector, bytes, start, end)).toEqual(places(byte, bytes, start, end));
      }),
      { numRuns: runs },
    );
  });

  test("scan - finds each anchor at every place around the end of a window", () => {
    for (const shift of [0, 1, 2, 3, 4, 15, 16, 17]) {
      const bytes = Buffer.alloc(3 * window_bytes, ".");
      bytes.write("token=", window_bytes - shift);
      bytes.write("signature=", 2 * window_bytes - shift);
      bytes.write("bearer ", bytes.length - 7);
      const expected = places(byte, bytes, 0, bytes.length);
      expect(expected).toHaveLength(3);
      expect(places(vector, bytes, 0, bytes.length)).toEqual(expected);
    }
  });

  test("scan - finds each anchor at every place of what is looked at at once, and up to the last byte", () => {
    const texts = anchors.flatMap(({ literal }, at) =>
      at % 4 === 0 ? [literal, `${literal}a`] : [],
    );
    const different: string[] = [];
    for (const text of new Set(texts)) {
      for (let shift = 0; shift < 70; shift += 1) {
        const bytes = Buffer.from(`${".".repeat(shift)}${text}`);
        for (const [start, end] of [
          [0, bytes.length],
          [Math.min(shift, 5), bytes.length],
          [0, bytes.length - 1],
        ] as const) {
          const [found, expected] = [
            places(vector, bytes, start, end),
            places(byte, bytes, start, end),
          ];
          if (found.join() !== expected.join()) different.push(`${text} at ${shift}`);
        }
      }
    }
    expect(different).toEqual([]);
  });

  test("scan - what an event before has left in memory is not found", () => {
    places(vector, Buffer.from("xx;token=1;bearer 2"), 0, 19);
    expect(places(vector, Buffer.from("xx;token"), 0, 8)).toEqual([]);
    expect(places(vector, Buffer.from(""), 0, 0)).toEqual([]);
  });
});
