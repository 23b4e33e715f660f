/**
 * Property: whatever the framing, a file that is read while it grows and across restarts, a stream in any chunks, and a
 * whole body give the records of the whole, with their bytes and their places. A framing of the test's own stands for
 * those to come: it has a state, which it gets back from a checkpoint that was written and read.
 */
import { createHash } from "node:crypto";
import { appendFileSync, closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RecordsInit } from "../../src/event/block.ts";
import { lookAt } from "../../src/inputs/file/discovery/file-access.ts";
import { BlockPool } from "../../src/inputs/file/files/block-pool.ts";
import type { FollowedFile } from "../../src/inputs/file/files/followed-file.ts";
import { fileCheckpoint, fingerprintOf } from "../../src/inputs/file/files/identity.ts";
import { OwnStreams } from "../../src/inputs/file/files/own-streams.ts";
import { Roster } from "../../src/inputs/file/files/roster.ts";
import { FileReader } from "../../src/inputs/file/reading/file-reader.ts";
import { characterBoundary } from "../../src/inputs/framing/found.ts";
import { framings } from "../../src/inputs/framing/framings.ts";
import { LineFeed, LineFeeds } from "../../src/inputs/lines/line-feed.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { CollectedLog } from "../support/collected-log.ts";
import { sampled } from "../support/effort.ts";
import { MemoryIntake } from "../support/memory-intake.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { toyFraming } from "../support/toy-framing.ts";

interface Found {
  readonly text: string;
  /** In the file or stream. */
  readonly offset?: number;
  readonly original: { original_bytes: number; original_sha256: string } | undefined;
}

interface Case {
  readonly name: string;
  readonly framer: typeof toyFraming;
  /** The records, by plain means. */
  readonly recordsOf: (text: string) => [text: string, offset: number][];
}

const cases: Case[] = [
  { name: "lines", framer: framings.lines, recordsOf: linesOf },
  { name: "documents", framer: toyFraming, recordsOf: documentsOf },
];

/** What matters to the framings, and what is longer than a record may be. */
const event_bytes_max = 20;
const content = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("\n", ";", ";", "|", "a", "bc", "é") },
      {
        weight: 1,
        arbitrary: fc.integer({ min: -2, max: 3 }).map((more) => "x".repeat(20 + more)),
      },
      { weight: 1, arbitrary: fc.constant("y".repeat(70)) },
    ),
    { maxLength: 50 },
  )
  .map((parts) => Buffer.from(parts.join("")));
/** Places to split at, and what happens there. */
const splits = fc.array(fc.record({ at: fc.nat(300), restarts: fc.boolean() }), { maxLength: 8 });

function linesOf(text: string): [string, number][] {
  let offset = 0;
  return text.split("\n").flatMap((line): [string, number][] => {
    const start = offset;
    offset += line.length + 1;
    return line === "" ? [] : [[line, start]];
  });
}

function documentsOf(text: string): [string, number][] {
  return linesOf(text).flatMap(([line, start]) => {
    let offset = start + 1;
    return line
      .slice(1)
      .split(line[0]!)
      .flatMap((record): [string, number][] => {
        const at = offset;
        offset += record.length + 1;
        return record === "" ? [] : [[record, at]];
      });
  });
}

/** As it is shipped: a long one is cut. */
function shipped(text: string, bytes_max: number): Found {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length <= bytes_max) return { text, original: undefined };
  const original_sha256 = createHash("sha256").update(bytes).digest("hex");
  return {
    text: text.slice(0, characterBoundary(bytes, 0, bytes_max)),
    original: { original_bytes: bytes.length, original_sha256 },
  };
}

function foundIn(records: Omit<RecordsInit, "origin">): Found[] {
  const { bytes, starts, ends, count, offset, truncations } = records;
  return Array.from({ length: count }, (_, number) => ({
    text: bytes.toString("latin1", starts[number], ends[number]),
    offset: offset + starts[number]!,
    original: truncations?.get(number),
  }));
}

function piecesOf(bytes: Buffer, places: readonly { at: number; restarts: boolean }[]) {
  const inside = places.filter(({ at }) => at < bytes.length).toSorted((a, b) => a.at - b.at);
  const bounds = [0, ...inside.map(({ at }) => at), bytes.length];
  return bounds.slice(1).map((to, number) => ({
    bytes: bytes.subarray(bounds[number], to),
    restarts: inside[number]?.restarts ?? false,
  }));
}

/** A file that is followed from a checkpoint that was written and read. */
async function follow(path: string, written: string): Promise<FollowedFile> {
  const own = new OwnStreams("files", new Ledger());
  const roster = new Roster("files", own, systemClock, { metadata: {}, time_paths: [] });
  const checkpoint = fileCheckpoint.parse(JSON.parse(written));
  const found = { path, directory: "/", name: "a.log", look: await lookAt(path) };
  return roster.create(found, "a.log", { head: Buffer.alloc(0), checkpoint });
}

/** Reads a file that grows piece by piece, to its end. */
async function readGrowing(
  framer: Case["framer"],
  pieces: readonly { bytes: Buffer; restarts: boolean }[],
  bytes_max: number,
): Promise<Found[]> {
  const path = join(temporaryDirectory(), "a.log");
  writeFileSync(path, "");
  const descriptor = openSync(path, "r");
  const reader = new FileReader(framer, new BlockPool(bytes_max), systemClock, bytes_max);
  const found: Found[] = [];
  let file = await follow(
    path,
    JSON.stringify({ offset: 0, tail: fingerprintOf(Buffer.alloc(0)) }),
  );
  const read = async (until: "read" | "finished"): Promise<void> => {
    for (let more = true; more;) {
      const turn = await reader.turn(file, descriptor);
      if (turn.portion?.records !== undefined) found.push(...foundIn(turn.portion.records));
      expect(turn.kind).not.toBe("truncated");
      more = turn.more || (until === "finished" && turn.kind !== "finished");
    }
  };
  for (const { bytes, restarts } of pieces) {
    appendFileSync(path, bytes);
    await read("read");
    if (restarts) file = await follow(path, JSON.stringify(file.checkpoint));
  }
  file.finishing = true;
  await read("finished");
  expect(file.offset).toBe(pieces.reduce((sum, { bytes }) => sum + bytes.length, 0));
  closeSync(descriptor);
  return found;
}

/** Feeds a stream chunk by chunk. */
async function feed(framer: Case["framer"], chunks: readonly Buffer[]): Promise<MemoryIntake> {
  const intake = new MemoryIntake();
  const origin = { input: "lines", stream: "test", metadata: {}, time_paths: [] };
  const [clock, log] = [systemClock, new CollectedLog()];
  const shared = { origin, framer, max_event_bytes: event_bytes_max, intake, clock, log };
  const source = new PassThrough();
  const feeding = new LineFeed(source, new LineFeeds(shared));
  for (const chunk of chunks) {
    source.write(Buffer.from(chunk));
    await new Promise((resolve) => setImmediate(resolve));
  }
  source.end();
  await feeding.done;
  return intake;
}

describe.each(cases)("framings - $name", ({ name, framer, recordsOf }) => {
  sampled(
    `framings - a file that grows gives the ${name} of the whole, across restarts`,
    { sample: 30, all: 1000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(content, splits, async (bytes, places) => {
          const expected = recordsOf(bytes.toString("latin1")).map(([text, offset]) => ({
            ...shipped(text, event_bytes_max),
            offset,
          }));
          const found = await readGrowing(framer, piecesOf(bytes, places), event_bytes_max);
          expect(found).toEqual(expected);
        }),
        { numRuns: runs },
      ),
  );

  sampled(
    `framings - a stream in any chunks gives the ${name} of the whole, and flags what has no end`,
    { sample: 30, all: 1000 },
    (runs) =>
      fc.assert(
        fc.asyncProperty(content, splits, async (bytes, places) => {
          const all = recordsOf(bytes.toString("latin1"));
          const chunks = piecesOf(bytes, places).map((piece) => piece.bytes);
          const { events } = await feed(framer, chunks);
          expect(
            events.map((event) => ({
              text: event.bytes.toString("latin1"),
              original: event.truncation,
              unfinished: event.metadata.fields?.["tallyman_unfinished"] ?? false,
            })),
          ).toEqual(
            all.map(([text, offset]) => ({
              ...shipped(text, event_bytes_max),
              unfinished: offset + text.length === bytes.length,
            })),
          );
        }),
        { numRuns: runs },
      ),
  );

  it(`framings - ${name} longer than what is read at once keep their bytes and what follows`, async () => {
    const kib = 1024;
    const long = ["x".repeat(600 * kib), "y".repeat(1500 * kib), `z${"\0".repeat(1100 * kib)}z`];
    const document = name === "lines" ? `${long.join("\n")}\nlast\n` : `;${long.join(";")};last\n`;
    const bytes = Buffer.from(document);
    for (const at of [0, 100, 700 * kib, 2000 * kib, 2500 * kib]) {
      const pieces = piecesOf(bytes, [{ at, restarts: true }]);
      const found = await readGrowing(framer, pieces, kib * kib);
      const expected = recordsOf(document).map(([text]) => shipped(text, kib * kib));
      // Compared by hash: a difference of a megabyte cannot be read.
      const inShort = ({ text, original }: Found): unknown => [
        fingerprintOf(Buffer.from(text)),
        original,
      ];
      expect(found.map(inShort)).toEqual(expected.map(inShort));
    }
  });
});

it("framings - a record of nothing but NUL bytes is a record where the framing says so", async () => {
  const bytes = Buffer.from(`;a;${"\0".repeat(700 * 1024)};b\n`);
  const found = await readGrowing(toyFraming, piecesOf(bytes, []), 1024 * 1024);
  expect(found.map(({ text }) => text.length)).toEqual([1, 700 * 1024, 1]);
});
