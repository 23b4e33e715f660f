/** Property: however bytes are split into reads, the framer finds the same records as in the whole. */
import fc from "fast-check";
import { describe, expect } from "vitest";
import { framings } from "../../../src/inputs/framing/framings.ts";
import { sampled } from "../../support/effort.ts";

/** Lines made of the bytes that matter to framing, and of any others. */
const bytesOfLines = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom("\n", "\r\n", "\r", " ", "\0", "\0\0\0", "é", "a") },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }).map((some) => Buffer.from(some)) },
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as string))));

/** The definition of a record, by plain means. */
function recordsOf(bytes: Buffer): string[] {
  const lines = bytes.toString("latin1").replace(/\0+$/, "").split("\n");
  return lines
    .map((line) => line.replace(/^\0+/, "").replace(/\r$/, ""))
    .filter((line) => /[^ \t\r]/.test(line));
}

/** Reads window by window as the file input does: each begins where the last one was done. */
function readInWindows(bytes: Buffer, ends: readonly number[], capacity: number): string[] {
  const positions = {
    starts: new Int32Array(capacity),
    ends: new Int32Array(capacity),
    event_bytes_max: 1 << 20,
  };
  const records: string[] = [];
  let offset = 0;
  const take = (window: Buffer, is_last: boolean): number => {
    const framed = framings.lines
      .framer({}, "file")
      .frame({ bytes: window, from: 0, is_last, state: undefined }, positions);
    for (let number = 0; number < framed.count; number += 1) {
      const record = window.subarray(positions.starts[number], positions.ends[number]);
      records.push(record.toString("latin1"));
    }
    offset += framed.end;
    return framed.count;
  };
  for (const end of ends.filter((each) => each <= bytes.length).sort((a, b) => a - b)) {
    if (end > offset) while (take(bytes.subarray(offset, end), false) === capacity);
  }
  while (take(bytes.subarray(offset), true) === capacity);
  return records;
}

describe("framing", () => {
  sampled(
    "framing - any split of any bytes gives the records of the whole",
    { sample: 300, all: 3000 },
    (runs) => {
      fc.assert(
        fc.property(
          bytesOfLines,
          fc.array(fc.nat(400), { maxLength: 12 }),
          fc.integer({ min: 1, max: 5 }),
          (bytes, ends, capacity) => {
            expect(readInWindows(bytes, ends, capacity)).toEqual(recordsOf(bytes));
          },
        ),
        { numRuns: runs },
      );
    },
  );
});
