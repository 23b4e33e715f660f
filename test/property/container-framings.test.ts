/**
 * Property: a container's log that is read in any pieces, across restarts, from a file or a stream, gives what the whole gives
 * by plain means: each stream's records with their bytes, places, times and fields, and what is none in quarantine.
 */
import fc from "fast-check";
import { describe, expect } from "vitest";
import { framings } from "../../src/inputs/framing/framings.ts";
import { type FormatName, givenBy, givenIn, type Given, logs } from "../support/container-logs.ts";
import { sampled } from "../support/effort.ts";
import { piecesOf, readGrowing, readRotated } from "../support/framing-reads.ts";
import { gathererOf } from "../support/gathering.ts";

const bytes_max = 20;
const MiB = 1024 * 1024;
const splits = fc.array(fc.record({ at: fc.nat(1500), restarts: fc.boolean() }), { maxLength: 8 });

describe.each(["cri", "docker"] as const)("container framings - %s", (format) => {
  const framer = framings[format].framer({}, "file");

  sampled(
    "container framings - a file that grows gives the records of the whole, across restarts",
    { sample: 60, all: 2000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(logs(format), splits, async (log, places) => {
          const found = await readGrowing(framer, piecesOf(log, places), bytes_max, {
            found_in: givenIn,
          });
          expect(found).toEqual(givenBy(format, log, bytes_max).given);
        }),
        { numRuns: runs },
      ),
  );

  sampled(
    "container framings - a stream in any chunks gives the records of the whole",
    { sample: 100, all: 5000 },
    (runs) =>
      fc.assert(
        fc.property(logs(format), splits, fc.integer({ min: 1, max: 5 }), (log, places, room) => {
          const chunks = piecesOf(log, places).map(({ bytes }) => bytes);
          const found = gathered(format, chunks, { bytes_max: MiB, room });
          expect(found).toEqual(givenBy(format, log, MiB).given);
        }),
        { numRuns: runs },
      ),
  );

  sampled(
    "container framings - a stream whose records are longer than what is held loses and repeats none of them",
    { sample: 100, all: 5000 },
    (runs) =>
      fc.assert(
        fc.property(logs(format), splits, fc.integer({ min: 1, max: 5 }), (log, places, room) => {
          const chunks = piecesOf(log, places).map(({ bytes }) => bytes);
          const found = gathered(format, chunks, { bytes_max, room });
          expect(found.map(inAnyOrder).sort()).toEqual(
            givenBy(format, log, bytes_max).given.map(inAnyOrder).sort(),
          );
        }),
        { numRuns: runs },
      ),
  );

  sampled(
    "container framings - what is cut by a rotation at any byte is flagged, and its rest is kept back",
    { sample: 40, all: 2000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(
          logs(format),
          fc.nat(1500),
          fc.constantFrom("before", "after"),
          async (log, place, finished) => {
            const at = Math.min(place, log.length);
            const halves = [log.subarray(0, at), log.subarray(at)] as const;
            const found = await readRotated(framer, halves, finished, givenIn);
            const first = givenBy(format, halves[0], MiB);
            const second = givenBy(format, halves[1], MiB, first.rests);
            expect(found).toEqual([first.given, second.given]);
          },
        ),
        { numRuns: runs },
      ),
  );
});

/** Where a long record is followed, the other stream's go behind it, and what is beside it has another place. */
function inAnyOrder(given: Given): string {
  return JSON.stringify({ ...given, offset: undefined });
}

function gathered(
  format: FormatName,
  chunks: readonly Buffer[],
  { bytes_max: most, room }: { bytes_max: number; room: number },
): Given[] {
  const gathering = gathererOf(framings[format].framer({}, "stream"), most, room);
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
