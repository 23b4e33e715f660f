/** Property: however a stream is split into chunks, and whenever lines are taken, the records are those of the whole. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { characterBoundary } from "../../src/inputs/framing/found.ts";
import { framings } from "../../src/inputs/framing/framings.ts";
import { LineGatherer } from "../../src/inputs/lines/line-gatherer.ts";
import { sampled } from "../support/effort.ts";

const event_bytes_max = 20;

interface Taken {
  text: string;
  offset: number;
  original: { original_bytes: number; original_sha256: string } | undefined;
  unfinished: boolean;
}

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

/** The definition, by plain means: lines without NUL bytes before and line ends behind them, long ones cut. */
function recordsOf(bytes: Buffer): Taken[] {
  const text = bytes.toString("latin1");
  const lines = text.split("\n");
  let at = 0;
  return lines.flatMap((line, number) => {
    const start = at;
    at += line.length + 1;
    const unfinished = number === lines.length - 1;
    const nuls = /^\0*/.exec(line)![0].length;
    let content = line.slice(nuls);
    if (unfinished && content.length <= event_bytes_max) content = content.replace(/\0+$/, "");
    content = content.replace(/\r$/, "");
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
        offset: start + nuls,
        original: cut ? original : undefined,
        unfinished,
      },
    ];
  });
}

function gatherer(records_max: number): LineGatherer {
  return new LineGatherer({
    origin: { input: "lines", stream: "test", metadata: {}, time_paths: [] },
    framer: framings.lines.framer({}, "stream"),
    positions: {
      starts: new Int32Array(records_max),
      ends: new Int32Array(records_max),
      event_bytes_max,
    },
    unfinished: { metadata: { source: "unfinished" } },
  });
}

function takeAll(gathering: LineGatherer): Taken[] {
  const taken: Taken[] = [];
  for (let records = gathering.take(); records !== undefined; records = gathering.take()) {
    const { bytes, starts, ends, count, offset, truncations, known } = records;
    for (let number = 0; number < count; number += 1) {
      taken.push({
        text: bytes.subarray(starts[number], ends[number]).toString("latin1"),
        offset: offset + starts[number]!,
        original: truncations?.get(number),
        unfinished: known?.[number]?.metadata?.source === "unfinished",
      });
    }
  }
  return taken;
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
            const gathering = gatherer(records_max);
            const line_ends = [...bytes.keys()].filter((at) => torn && bytes[at] === 10);
            const splits = [...somewhere, ...line_ends.map((at) => ({ at, take: true }))];
            const taken: Taken[] = [];
            let from = 0;
            for (const { at, take } of splits.toSorted((a, b) => a.at - b.at)) {
              const to = Math.min(at, bytes.length);
              if (to > from) gathering.push(Buffer.from(bytes.subarray(from, to)), 0);
              from = Math.max(from, to);
              if (take) taken.push(...takeAll(gathering));
            }
            if (bytes.length > from) gathering.push(Buffer.from(bytes.subarray(from)), 0);
            gathering.end();
            taken.push(...takeAll(gathering));
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

/** Without blank lines beyond the limit and NUL bytes at the end: whether these count depends on where chunks end. */
function isPlain(bytes: Buffer): boolean {
  const text = bytes.toString("latin1");
  return !/\0\r?$/.test(text) && !/[ \t\r]{20}/.test(text);
}
