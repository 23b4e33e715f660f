/**
 * Property: a container's log that is read in any pieces, across restarts, from a file or a stream, gives what the whole gives
 * by plain means: each stream's records with their bytes, places, times and fields, and what is none in quarantine.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintOf } from "../../../src/inputs/file/files/identity.ts";
import { framings } from "../../../src/inputs/framing/framings.ts";
import {
  type FormatName,
  givenBy,
  givenIn,
  type Given,
  lineOf,
  logs,
} from "../../support/framing/container-logs.ts";
import { sampled } from "../../support/effort.ts";
import { piecesOf, readGrowing, readRotated } from "../../support/framing/framing-reads.ts";
import { gathererOf } from "../../support/framing/gathering.ts";

const bytes_max = 20;
const MiB = 1024 * 1024;
const splits = fc.array(fc.record({ at: fc.nat(1500), restarts: fc.boolean() }), { maxLength: 8 });

describe.each(["cri", "docker"] as const)("container framings - %s", (format) => {
  const framer = framings[format].framer({}, "file");

  sampled(
    "container framings - a file that grows gives the records of the whole, across restarts",
    { sample: 15, all: 500 },
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
    { sample: 15, all: 3000 },
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
    { sample: 15, all: 3000 },
    (runs) =>
      fc.assert(
        fc.property(logs(format), splits, fc.integer({ min: 1, max: 5 }), (log, places, room) => {
          // NUL bytes at the end of everything are no content where all of a record is held.
          fc.pre(log.at(-1) !== 0);
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
    "container framings - a stream that is silent after some lines gives out what is open, and keeps its rest back",
    { sample: 30, all: 3000 },
    (runs) =>
      fc.assert(
        fc.property(logs(format), splits, fc.constantFrom(bytes_max, MiB), (log, places, most) => {
          fc.pre(log.at(-1) !== 0);
          const parts = afterLines(log, places);
          const found = gathered(format, parts, { bytes_max: most, room: 3, pauses: true });
          expect(found.map(inAnyOrder).toSorted()).toEqual(
            givenInTurn(format, parts, most).map(inAnyOrder).toSorted(),
          );
        }),
        { numRuns: runs },
      ),
  );

  sampled(
    "container framings - what is cut by a rotation at any byte is flagged, and its rest is kept back",
    { sample: 8, all: 500 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(
          logs(format),
          fc.nat(1500),
          fc.constantFrom("before", "after", "late"),
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

describe.each(["cri", "docker"] as const)("long container records - %s", (format) => {
  const framer = framings[format].framer({}, "file");
  const line = (stream: string, content: string, is_partial = false): string =>
    `${lineOf[format]({ stream, content, is_partial })}\n`;
  /** A record in parts as runtimes cut it, with a line of the other stream or of another form behind each. */
  const inParts = (stream: string, text: string): string =>
    (text.match(/[^]{1,16384}/g) ?? [])
      .map((part, at, { length }) => line(stream, part, at < length - 1) + beside(stream, at))
      .join("");
  const beside = (stream: string, at: number): string =>
    at % 5 === 4 ? "other\n" : line(stream === "stdout" ? "stderr" : "stdout", `{"at":${at}}`);

  sampled(
    "long container records - they keep their bytes, and so does what stands in between, across restarts",
    { sample: 2, all: 30 },
    async (runs) => {
      const log = Buffer.from(
        [
          line("stdout", '{"first":1}'),
          inParts("stdout", `{"a":"${"x".repeat(700_000)}"}`),
          line("stderr", "{", true),
          inParts("stdout", `{"b":"${"é".repeat(700_000)}"}`),
          line("stderr", "}"),
          line("stdout", "z".repeat(900_000)),
          line("stdout", '{"last":1}'),
        ].join(""),
      );
      const expected = givenBy(format, log, MiB).given;
      for (let run = 0; run < runs; run += 1) {
        const at = Math.floor(((run + 0.5) * log.length) / runs);
        const pieces = piecesOf(log, [{ at, restarts: true }]);
        const found = await readGrowing(framer, pieces, MiB, { found_in: givenIn });
        expect(found.map(inShort).toSorted()).toEqual(expected.map(inShort).toSorted());
        const chunks = pieces.map(({ bytes }) => bytes);
        const streamed = gathered(format, chunks, { bytes_max: MiB, room: 1000 });
        expect(streamed.map(inAnyOrder).toSorted()).toEqual(expected.map(inAnyOrder).toSorted());
      }
    },
  );

  it.runIf(format === "cri")(
    "long container records - a character without its end is kept where nothing is cut",
    () => {
      const part = lineOf.cri({
        stream: "stdout",
        is_partial: true,
        content: `${"x".repeat(15)}\xc3`,
      });
      const log = Buffer.from(`${part}\n`, "latin1");
      const found = gathered("cri", [log], { bytes_max, room: 1 });
      expect(found).toEqual(givenBy("cri", log, bytes_max).given);
    },
  );

  it("long container records - one whose end does not come holds up nothing for good, and its rest is kept back", async () => {
    const others = Array.from({ length: 5000 }, (_, at) =>
      line("stderr", `{"at":${at},"x":"${"x".repeat(1000)}"}`),
    );
    const log = Buffer.from(
      [
        line("stdout", '{"password":"abc', true),
        ...others,
        line("stdout", 'def"}'),
        line("stdout", "{}"),
      ].join(""),
    );
    const read = await readGrowing(framer, piecesOf(log, []), MiB, { found_in: givenIn });
    const streamed = gathered(format, [log], { bytes_max: MiB, room: 1000 });
    for (const found of [read, streamed]) {
      const [first, ...rest] = found.filter(
        ({ fields }) => (fields as { stream: string }).stream === "stdout",
      );
      expect(first).toMatchObject({
        text: '{"password":"abc',
        fields: { tallyman_unfinished: true },
      });
      expect(rest.map(({ text, refused }) => [text, refused])).toEqual([
        ["", "rest_of_record"],
        ["{}", undefined],
      ]);
      expect(found).toHaveLength(others.length + 3);
    }
  });

  sampled(
    "long container records - hostile bytes are read alike in any pieces, and to their end",
    { sample: 40, all: 10_000 },
    (runs) =>
      fc.assert(
        fc.property(hostile(format), splits, fc.boolean(), (log, places, is_short) => {
          const chunks = piecesOf(log, places).map(({ bytes }) => bytes);
          const most = is_short ? bytes_max : MiB;
          const found = gathered(format, chunks, { bytes_max: most, room: 5 });
          const whole = gathered(format, [log], { bytes_max: most, room: 1000 });
          expect(found.map(inAnyOrder).toSorted()).toEqual(whole.map(inAnyOrder).toSorted());
          expect(found.length).toBeLessThanOrEqual(log.length);
        }),
        { numRuns: runs },
      ),
  );
});

/** Logs of which some bytes are others, or missing. */
function hostile(format: FormatName): fc.Arbitrary<Buffer> {
  const change = fc.record({
    at: fc.nat(1500),
    length: fc.nat(30),
    by: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc
        .constantFrom("\n", '"', "\\u", "\0".repeat(20), "stdout P ", "{".repeat(100))
        .map((text) => Buffer.from(text)),
    ),
  });
  return fc.tuple(logs(format), fc.array(change, { maxLength: 6 })).map(([log, changes]) => {
    let bytes = log;
    for (const { at, length, by } of changes) {
      bytes = Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
    }
    return bytes;
  });
}

/** Compared by hash: a difference of a megabyte cannot be read. */
function inShort(given: Given): string {
  return JSON.stringify({ ...given, text: fingerprintOf(Buffer.from(given.text, "latin1")) });
}

it("container framings - what a file that took another's place has given out at its beginning is given out once", async () => {
  const line = (stream: string, is_partial: boolean): string =>
    `${lineOf.cri({ stream, is_partial, content: "x" })}\n`;
  const log = Buffer.from(line("stderr", true) + line("stdout", false));
  const contents = [Buffer.alloc(0), log] as const;
  const found = await readRotated(framings.cri.framer({}, "file"), contents, "before", givenIn);
  expect(found).toEqual([[], givenBy("cri", log, MiB).given]);
});

/** Where a long record is followed, the other stream's go behind it, and what is beside it has another place. */
function inAnyOrder(given: Given): string {
  return JSON.stringify({ ...given, offset: undefined });
}

/** Split behind the lines in which the places are, wherever those have an end. */
function afterLines(log: Buffer, places: readonly { at: number }[]): Buffer[] {
  const ends = places.map(({ at }) => log.indexOf(10, at) + 1).filter((end) => end > 0);
  const bounds = [0, ...new Set(ends.toSorted((a, b) => a - b)), log.length];
  return bounds.slice(1).map((to, number) => log.subarray(bounds[number], to));
}

/** What is to come of parts, if each is all that there is before the next one. */
function givenInTurn(format: FormatName, parts: readonly Buffer[], most: number): Given[] {
  let rests = new Set<string>();
  return parts.flatMap((part) => {
    const { given, rests: next } = givenBy(format, part, most, rests);
    rests = next;
    return given;
  });
}

interface Gathering {
  readonly bytes_max: number;
  readonly room: number;
  /** Whether nothing comes for a while behind each chunk. */
  readonly pauses?: boolean;
}

function gathered(
  format: FormatName,
  chunks: readonly Buffer[],
  { bytes_max: most, room, pauses = false }: Gathering,
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
    if (pauses) gathering.quiet();
    take();
  }
  gathering.end();
  take();
  return found;
}
