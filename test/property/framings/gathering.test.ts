/** Property: however a stream is split into chunks, and whenever lines are taken, the records are those of the whole. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { characterBoundary } from "../../../src/inputs/framing/contract/found.ts";
import { framings } from "../../../src/inputs/framing/framings.ts";
import { sampled } from "../../support/effort.ts";
import { gatherAll, gathererOf, type Taken } from "../../support/framing/gathering.ts";

const event_bytes_max = 20;

/** Lines shorter and longer than the limit, of the bytes that matter to framing and of any others. */
const bytesOfLines = fc
  .array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.constantFrom("\n", "\n", "\r\n", "\r", " ", "\0", "é", "a"),
      },
      {
        weight: 2,
        arbitrary: fc
          .integer({ min: -2, max: 3 })
          .map((more) => "x".repeat(event_bytes_max + more)),
      },
      // More than a gatherer keeps of a record, before one or in one.
      { weight: 1, arbitrary: fc.constant("\0".repeat(event_bytes_max + 5)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }) },
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part as string))));

/** The definition, by plain means: what is between the bytes that end lines, LF and NUL; long ones cut. */
function recordsOf(bytes: Buffer): Taken[] {
  const text = bytes.toString("latin1");
  const lines = text.split(/[\n\0]/);
  let at = 0;
  return lines.flatMap((line, number) => {
    const start = at;
    at += line.length + 1;
    const unfinished = number === lines.length - 1;
    const content = line.replace(/\r$/, "");
    if (!/[^ \t\r]/.test(content)) return [];
    const whole = Buffer.from(content, "latin1");
    const cut = whole.length > event_bytes_max;
    const end = cut ? characterBoundary(whole, 0, event_bytes_max) : whole.length;
    const original = {
      original_bytes: whole.length,
      original_sha256: createHash("sha256").update(whole).digest("hex"),
    };
    return [
      {
        text: whole.subarray(0, end).toString("latin1"),
        offset: start,
        original: cut ? original : undefined,
        unfinished,
      },
    ];
  });
}

describe("gathering", () => {
  sampled(
    "gathering - any split of any bytes gives the records of the whole",
    { sample: 500, all: 5000 },
    (runs) => {
      fc.assert(
        fc.property(
          bytesOfLines.filter(isPlain),
          fc.array(fc.record({ at: fc.nat(400), take: fc.boolean() }), { maxLength: 12 }),
          fc.boolean(),
          fc.integer({ min: 1, max: 5 }),
          (bytes, somewhere, torn, records_max) => {
            const framer = framings.lines.framer({}, "stream");
            const gathering = gathererOf(framer, event_bytes_max, records_max);
            const line_ends = [...bytes.keys()].filter((at) => torn && bytes[at] === 10);
            const splits = [...somewhere, ...line_ends.map((at) => ({ at, take: true }))];
            const taken = gatherAll(gathering, bytes, splits);
            expect(taken).toEqual(recordsOf(bytes));
            expect(gathering.held_bytes).toBe(0);
            expect(gathering.unread_bytes).toBe(0);
          },
        ),
        { numRuns: runs },
      );
    },
  );
});

/** Without blank lines beyond the limit: whether these count depends on where chunks end. */
function isPlain(bytes: Buffer): boolean {
  return !/[ \t\r]{20}/.test(bytes.toString("latin1"));
}
