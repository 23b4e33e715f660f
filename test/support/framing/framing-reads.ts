/**
 * Reads bytes through a framing as the daemon does: from a file that grows, across restarts, and from a stream in chunks.
 */
import { createHash } from "node:crypto";
import { appendFileSync, closeSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, onTestFinished } from "vitest";
import type { RecordInit, RecordsInit } from "../../../src/event/block.ts";
import { lookAt, type Look } from "../../../src/inputs/file/discovery/file-access.ts";
import { BlockPool } from "../../../src/inputs/file/files/block-pool.ts";
import type { FollowedFile } from "../../../src/inputs/file/files/followed-file.ts";
import { fileCheckpoint, fingerprintOf } from "../../../src/inputs/file/files/identity.ts";
import { OwnStreams } from "../../../src/inputs/file/files/own-streams.ts";
import { Roster } from "../../../src/inputs/file/files/roster.ts";
import { FileReader } from "../../../src/inputs/file/reading/file-reader.ts";
import { characterBoundary } from "../../../src/inputs/framing/contract/found.ts";
import type { Framer } from "../../../src/inputs/framing/contract/framer.ts";
import type { ChosenEncoding } from "../../../src/inputs/framing/decoding/encodings.ts";
import { FileFramers } from "../../../src/inputs/framing/decoding/file-framers.ts";
import type { JournaledIntake } from "../../../src/inputs/input.ts";
import type { LineFeedDeps } from "../../../src/inputs/lines/feed-deps.ts";
import { LineFeed, LineFeeds } from "../../../src/inputs/lines/line-feed.ts";
import { Ledger } from "../../../src/ledger/ledger.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { CollectedLog } from "../collected-log.ts";
import { MemoryIntake } from "../events/memory-intake.ts";
import { temporaryDirectory } from "../temporary.ts";

const MiB = 1024 * 1024;

/** A record, as it is shipped. */
export interface Found {
  readonly text: string;
  /** In the file or stream. */
  readonly offset?: number;
  readonly original: { original_bytes: number; original_sha256: string } | undefined;
  /** Why it is quarantined, where it is. */
  readonly refused?: string;
  /** Whether it is marked as a part of a group. */
  readonly group_cut?: true;
}

/** As it is shipped: a long one is cut. */
export function shipped(text: string, bytes_max: number): Found {
  const bytes = Buffer.from(text, "latin1");
  if (bytes.length <= bytes_max) return { text, original: undefined };
  const original_sha256 = createHash("sha256").update(bytes).digest("hex");
  return {
    text: text.slice(0, characterBoundary(bytes, 0, bytes_max)),
    original: { original_bytes: bytes.length, original_sha256 },
  };
}

export function foundIn(records: Omit<RecordsInit, "origin">): Found[] {
  const { bytes, starts, ends, count, offset, offsets = starts, truncations, known } = records;
  return Array.from({ length: count }, (_, number) => ({
    text: bytes.toString("latin1", starts[number], ends[number]),
    offset: offset + offsets[number]!,
    original: truncations?.get(number),
    ...refusalOf(known?.[number]),
    ...(known?.[number]?.header?.fields?.["tallyman_group_cut"] === true && {
      group_cut: true as const,
    }),
  }));
}

/** As a framing's verdict says. */
export function refusalOf(known: RecordInit | undefined): { refused?: string } {
  const verdict = known?.verdict;
  return verdict === undefined ? {} : { refused: `${verdict.reason}: ${verdict.detail}` };
}

/** Where bytes are split, and what happens there: a restart, or so long a pause that a group of lines is given out. */
interface Place {
  readonly at: number;
  readonly restarts: boolean;
  readonly pauses?: boolean;
}

export function piecesOf(bytes: Buffer, places: readonly Place[]) {
  const inside = places.filter(({ at }) => at < bytes.length).toSorted((a, b) => a.at - b.at);
  const bounds = [0, ...inside.map(({ at }) => at), bytes.length];
  return bounds.slice(1).map((to, number) => ({
    bytes: bytes.subarray(bounds[number], to),
    restarts: inside[number]?.restarts ?? false,
    pauses: inside[number]?.pauses ?? false,
  }));
}

/** Blocks are used again, as the daemon does: to get new ones costs more than to read. */
const pools = new Map<string, BlockPool>();

function poolFor(bytes_max: number, { window_bytes }: FileFramers): BlockPool {
  const key = `${bytes_max} ${window_bytes}`;
  const pool = pools.get(key) ?? new BlockPool(bytes_max, window_bytes);
  pools.set(key, pool);
  return pool;
}

const at_beginning = JSON.stringify({ offset: 0, tail: fingerprintOf(Buffer.alloc(0)) });

/** A file that is followed from a checkpoint that was written and read. */
function follow(path: string, look: Look, written: string): FollowedFile {
  const own = new OwnStreams("files", new Ledger());
  const roster = new Roster("files", own, systemClock, { metadata: {} });
  const checkpoint = fileCheckpoint.parse(JSON.parse(written));
  const found = { path, directory: "/", name: "a.log", look };
  return roster.create(found, "a.log", { head: Buffer.alloc(0), checkpoint });
}

/** Where the running test has its files, and how many there were. */
let place: { readonly directory: string; files: number } | undefined;

/** A new, empty file. A test has thousands, and one directory for them. */
function newFile(): string {
  if (place === undefined) {
    place = { directory: temporaryDirectory(), files: 0 };
    onTestFinished(() => (place = undefined));
  }
  place.files += 1;
  const path = join(place.directory, String(place.files));
  writeFileSync(path, "");
  return path;
}

/** Reads a file that grows piece by piece, to its end. */
export async function readGrowing<Each = Found>(
  framer: Framer,
  pieces: readonly { bytes: Buffer; restarts: boolean; pauses?: boolean }[],
  bytes_max: number,
  {
    found_in = foundIn as never,
    encoding = "utf-8",
  }: {
    found_in?: (records: Omit<RecordsInit, "origin">) => Each[];
    encoding?: ChosenEncoding;
  } = {},
): Promise<Each[]> {
  const path = newFile();
  const descriptor = openSync(path, "r");
  const framers = new FileFramers(framer, encoding);
  const reader = new FileReader(framers, poolFor(bytes_max, framers), systemClock, bytes_max);
  const found: Each[] = [];
  // One look serves all restarts: a look each time took a fifth of the test's time.
  const look = await lookAt(path);
  let written_bytes = 0;
  let file = follow(path, look, at_beginning);
  const read = async (until: "read" | "finished"): Promise<void> => {
    for (let more = true; more;) {
      const turn = await reader.turn(file, descriptor);
      const records = turn.portion?.records;
      if (records !== undefined) found.push(...found_in(records));
      records?.release?.();
      // Asked for every turn of thousands of files, and `expect` is dear.
      if (turn.kind === "truncated") expect(turn.kind).not.toBe("truncated");
      more = turn.more || (until === "finished" && turn.kind !== "finished");
    }
  };
  for (const { bytes, restarts, pauses = false } of pieces) {
    appendFileSync(path, bytes);
    written_bytes += bytes.length;
    await read("read");
    if (pauses) {
      const since_ms = file.grown_at_ms;
      file.found_quiet = { since_ms, is_group_whole: true, unfinished: "left" };
      await read("read");
    }
    if (restarts) {
      file = follow(path, { ...look, size: written_bytes }, JSON.stringify(file.checkpoint));
    }
  }
  file.finishing = true;
  await read("finished");
  if (file.offset !== written_bytes) expect(file.offset).toBe(written_bytes);
  closeSync(descriptor);
  rmSync(path);
  return found;
}

/**
 * Reads a file, and the one that took its place. The first is finished before anything is read of the second, or not before
 * that is read, too; or the last of it is written when all before that is read.
 */
export async function readRotated<Each>(
  framer: Framer,
  contents: readonly [Buffer, Buffer],
  finished: "before" | "after" | "late",
  found_in: (records: Omit<RecordsInit, "origin">) => Each[],
): Promise<[Each[], Each[]]> {
  const framers = new FileFramers(framer, "utf-8");
  const reader = new FileReader(framers, poolFor(MiB, framers), systemClock, MiB);
  const found: [Each[], Each[]] = [[], []];
  const files = await Promise.all(
    contents.map(async (content, number) => {
      const path = newFile();
      const is_late = finished === "late" && number === 0;
      writeFileSync(path, is_late ? content.subarray(0, content.length >> 1) : content);
      const file = follow(path, await lookAt(path), at_beginning);
      file.descriptor = openSync(path, "r");
      return { file, descriptor: file.descriptor, path };
    }),
  );
  const [first, second] = files as [(typeof files)[0], (typeof files)[0]];
  second.file.predecessor = first.file;
  const read = async (number: 0 | 1, until: "read" | "finished"): Promise<void> => {
    const { file, descriptor } = number === 0 ? first : second;
    for (let more = true; more;) {
      // A turn that finds the file grown takes it back.
      file.finishing = until === "finished";
      const turn = await reader.turn(file, descriptor);
      const records = turn.portion?.records;
      if (records !== undefined) found[number].push(...found_in(records));
      records?.release?.();
      if (turn.first !== undefined) await read(0, "read");
      more = turn.more || (until === "finished" && turn.kind !== "finished");
    }
  };
  await read(0, finished === "before" ? "finished" : "read");
  if (finished === "late")
    appendFileSync(first.path, contents[0].subarray(contents[0].length >> 1));
  await read(1, "read");
  await read(0, "finished");
  await read(1, "finished");
  for (const { descriptor, path } of files) {
    closeSync(descriptor);
    rmSync(path);
  }
  return found;
}

/** What streams of the same kind share. It has room for many records, so that one for each case costs more than to read it. */
class SharedFeeds {
  intake = new MemoryIntake();
  readonly feeds: LineFeeds;

  constructor(deps: Pick<LineFeedDeps, "framer" | "encoding" | "max_event_bytes">) {
    const origin = { input: "lines", stream: "test", metadata: {} };
    const intake: JournaledIntake = {
      accept: (...given) => this.intake.accept(...given),
      quarantine: (...given) => this.intake.quarantine(...given),
      room: () => this.intake.room(),
    };
    const [clock, log] = [systemClock, new CollectedLog()];
    this.feeds = new LineFeeds({ ...deps, origin, intake, clock, log });
  }
}

/** Those that no stream uses now, by their kind. One whose stream failed does not come back. */
const idle_feeds = new WeakMap<Framer, Map<string, SharedFeeds>>();

/** Feeds a stream chunk by chunk. */
export async function feed(
  framer: Framer,
  chunks: readonly Buffer[],
  max_event_bytes: number,
  encoding: ChosenEncoding = "utf-8",
): Promise<MemoryIntake> {
  const idle = idle_feeds.get(framer) ?? new Map<string, SharedFeeds>();
  idle_feeds.set(framer, idle);
  const kind = `${encoding} ${max_event_bytes}`;
  const shared = idle.get(kind) ?? new SharedFeeds({ framer, encoding, max_event_bytes });
  idle.delete(kind);
  const intake = new MemoryIntake();
  shared.intake = intake;
  const source = new PassThrough();
  const feeding = new LineFeed(source, shared.feeds);
  for (const chunk of chunks) {
    source.write(Buffer.from(chunk));
    await new Promise((resolve) => setImmediate(resolve));
  }
  source.end();
  await feeding.done;
  idle.set(kind, shared);
  return intake;
}
