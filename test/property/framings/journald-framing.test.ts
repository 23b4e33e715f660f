/**
 * Property: however the bytes of a journal's export come, a file that grows and is read across restarts, one that is rotated, and a
 * stream in any chunks give the entries that a plain reading of the whole gives: the same objects, places, times and flags.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { framings } from "../../../src/inputs/framing/framings.ts";
import { type Given, givenIn } from "../../support/framing/container-logs.ts";
import { sampled } from "../../support/effort.ts";
import { piecesOf, readGrowing, readRotated } from "../../support/framing/framing-reads.ts";
import { gathererOf } from "../../support/framing/gathering.ts";
import { entriesOf, exportsOf, fieldOf } from "../../support/framing/journal-exports.ts";

const MiB = 1024 * 1024;
const splits = fc.array(fc.record({ at: fc.nat(900), restarts: fc.boolean() }), { maxLength: 8 });
const framer = framings.journald.framer({}, "file");

describe("journald framing", () => {
  sampled(
    "journald framing - a file that grows gives the entries of the whole, across restarts",
    { sample: 15, all: 700 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(
          exportsOf,
          splits,
          fc.constantFrom(40, 90, MiB),
          async (bytes, places, bytes_max) => {
            const found = await readGrowing(framer, piecesOf(bytes, places), bytes_max, {
              found_in: givenIn,
            });
            expect(found).toEqual(entriesOf(bytes, bytes_max).given);
          },
        ),
        { numRuns: runs },
      ),
  );

  sampled(
    "journald framing - a stream in any chunks gives the entries of the whole",
    { sample: 40, all: 10_000 },
    (runs) =>
      fc.assert(
        fc.property(
          exportsOf,
          splits,
          fc.integer({ min: 1, max: 5 }),
          fc.constantFrom(40, 90, MiB),
          (bytes, places, room, bytes_max) => {
            // NUL bytes at the end of everything are no content where all of an entry is held.
            fc.pre(bytes.at(-1) !== 0);
            const chunks = piecesOf(bytes, places).map((piece) => piece.bytes);
            expect(gathered(chunks, bytes_max, room)).toEqual(entriesOf(bytes, bytes_max).given);
          },
        ),
        { numRuns: runs },
      ),
  );

  sampled(
    "journald framing - the rest of an entry that a rotation cuts at any byte is kept back",
    { sample: 20, all: 1000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(
          exportsOf,
          fc.nat(900),
          fc.constantFrom("before", "after", "late"),
          async (bytes, place, finished) => {
            const at = Math.min(place, bytes.length);
            const halves = [bytes.subarray(0, at), bytes.subarray(at)] as const;
            const found = await readRotated(framer, halves, finished, givenIn);
            const first = entriesOf(halves[0], MiB);
            const second = entriesOf(halves[1], MiB, first.is_rest);
            expect(found).toEqual([first.given, second.given]);
          },
        ),
        { numRuns: runs },
      ),
  );

  sampled(
    "journald framing - hostile bytes are read alike in any pieces, and to their end",
    { sample: 40, all: 10_000 },
    (runs) =>
      fc.assert(
        fc.property(hostile, splits, fc.constantFrom(40, MiB), (bytes, places, bytes_max) => {
          fc.pre(bytes.at(-1) !== 0);
          const chunks = piecesOf(bytes, places).map((piece) => piece.bytes);
          expect(gathered(chunks, bytes_max, 5)).toEqual(entriesOf(bytes, bytes_max).given);
        }),
        { numRuns: runs },
      ),
  );

  it("journald framing - an entry longer than what is read at once is followed to its end, and none beside it is lost", async () => {
    const small = `${fieldOf("__CURSOR", "s=1")}${fieldOf("A", "1")}\n`;
    const large = (bytes: number): string =>
      `${fieldOf("__REALTIME_TIMESTAMP", "1752480000123456")}${fieldOf("DATA", "\n\nA=b\n\0".repeat(bytes / 8), true)}${fieldOf("_PID", "1")}\n`;
    const broken = `${fieldOf("A", "1")}${"x".repeat(MiB)}\n${fieldOf("B", "2")}\n`;
    const log = Buffer.from(
      small + large(600_000) + small + large(2_400_000) + small + broken + small,
      "latin1",
    );
    const expected = entriesOf(log, MiB).given;
    for (const at of [5, 650_000, 2_000_000]) {
      const pieces = piecesOf(log, [{ at, restarts: true }]);
      const found = await readGrowing(framer, pieces, MiB, { found_in: givenIn });
      expect(found.map(inShort)).toEqual(expected.map(inShort));
      const chunks = pieces.map((piece) => piece.bytes);
      expect(gathered(chunks, MiB, 1000).map(inShort)).toEqual(expected.map(inShort));
    }
  });
});

/** Exports of which some bytes are others, or missing. */
const hostile = fc
  .tuple(
    exportsOf,
    fc.array(
      fc.record({
        at: fc.nat(900),
        length: fc.nat(30),
        by: fc.oneof(
          fc.uint8Array({ maxLength: 9 }),
          fc
            .constantFrom("\n", "\n\n", "=", "A\n", "\0".repeat(20), "__CURSOR=", "\xff".repeat(8))
            .map((text) => Buffer.from(text, "latin1")),
        ),
      }),
      { maxLength: 6 },
    ),
  )
  .map(([log, changes]) => {
    let bytes = log;
    for (const { at, length, by } of changes) {
      bytes = Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
    }
    return bytes;
  });

/** Compared in short: a difference of a megabyte cannot be read. */
function inShort(given: Given): unknown {
  return { ...given, text: [given.text.length, given.text.slice(0, 40), given.text.slice(-40)] };
}

function gathered(chunks: readonly Buffer[], bytes_max: number, room: number): Given[] {
  const gathering = gathererOf(framings.journald.framer({}, "stream"), bytes_max, room);
  const found: Given[] = [];
  const take = (): void => {
    for (let records = gathering.take(); records !== undefined; records = gathering.take()) {
      found.push(...givenIn(records));
    }
  };
  for (const chunk of chunks) {
    gathering.push(Buffer.from(chunk), 0);
    take();
  }
  gathering.end();
  take();
  return found;
}
