/**
 * Reads a log once, to its end, with the reader of file inputs: in whatever framing, encoding or compression.
 */
import { constants, createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { Records } from "../../event/block.ts";
import { lookAt, lookAtOpen, readFully } from "../../inputs/file/discovery/file-access.ts";
import { BlockPool, overlap_bytes_max } from "../../inputs/file/files/block-pool.ts";
import type { FollowedFile } from "../../inputs/file/files/followed-file.ts";
import { fingerprintOf } from "../../inputs/file/files/identity.ts";
import { OwnStreams } from "../../inputs/file/files/own-streams.ts";
import { Roster } from "../../inputs/file/files/roster.ts";
import { FileReader } from "../../inputs/file/reading/file-reader.ts";
import {
  compressionOf,
  foreignCompressionOf,
  magic_bytes,
} from "../../inputs/file/unpacking/kinds.ts";
import { packedOf, type Packed } from "../../inputs/file/unpacking/packed.ts";
import { Unpacked } from "../../inputs/file/unpacking/unpacked.ts";
import { framerOf } from "../../inputs/framing-option.ts";
import { FileFramers } from "../../inputs/framing/decoding/file-framers.ts";
import { Ledger } from "../../ledger/ledger.ts";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { type LogReading, unreadable } from "./log-reading.ts";
import { readStream } from "./read-stream.ts";

/** What begins a file that is compressed in another way. */
const looked_at_bytes = 16;

/** How many bytes there are to read of all these; undefined where nobody knows, as of a pipe. */
export async function bytesToRead(paths: readonly string[]): Promise<number | undefined> {
  let bytes = 0;
  for (const path of paths) {
    const look = await lookAt(path).catch(() => undefined);
    if (look?.kind !== "file") return undefined;
    bytes += look.size;
  }
  return bytes;
}

/** Reads a log. Gives why not all of it was read; undefined where all was. Rejects with TallymanError log_unreadable. */
export async function readLog(path: string, reading: LogReading): Promise<string | undefined> {
  try {
    const { kind } = await lookAt(path);
    if (kind === "file") return await readFile(path, reading);
    if (kind === "directory") throw unreadable(path, "it is a directory; name a file in it");
    // A pipe: `tallyman try -c config.yaml <(journalctl -o json)`.
    await readStream(createReadStream(path), reading);
    return undefined;
  } catch (cause) {
    if (cause instanceof TallymanError) throw cause;
    throw unreadable(path, reasonOf(cause), cause);
  }
}

async function readFile(path: string, reading: LogReading): Promise<string | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOCTTY);
  const descriptor = handle.fd;
  try {
    const { compression, size } = await kindOf(path, descriptor);
    if (compression === undefined) return await read(path, { descriptor, size }, reading);
    const packed = await packedOf(descriptor, compression, size);
    const content = new Unpacked(descriptor, compression, {
      pinned_bytes_max: reading.max_event_bytes + overlap_bytes_max,
    });
    try {
      return await read(path, { descriptor, size, packed, content }, reading);
    } finally {
      content.close();
    }
  } finally {
    await handle.close();
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "this user may not read it";
  return messageOf(cause);
}

async function kindOf(path: string, descriptor: number) {
  const { size } = await lookAtOpen(descriptor);
  const head = Buffer.alloc(looked_at_bytes);
  const bytes = head.subarray(0, await readFully(descriptor, head, head.length, 0));
  const foreign = foreignCompressionOf(bytes);
  if (foreign !== undefined) {
    throw unreadable(path, `it is compressed with ${foreign}, which file inputs do not read`);
  }
  return { size, compression: compressionOf(bytes.subarray(0, magic_bytes)) };
}

interface Opened {
  readonly descriptor: number;
  readonly size: number;
  readonly packed?: Packed;
  readonly content?: Unpacked;
}

async function read(
  path: string,
  { descriptor, size, packed, content }: Opened,
  reading: LogReading,
): Promise<string | undefined> {
  const {
    framing,
    encoding,
    max_event_bytes,
    bytes_max = Infinity,
    clock,
    take,
    progress,
  } = reading;
  const framers = new FileFramers(framerOf(framing, "file"), encoding);
  const pool = new BlockPool(max_event_bytes, framers.window_bytes);
  const reader = new FileReader(framers, pool, clock, max_event_bytes);
  const file = await follow(path, { descriptor, packed }, reading);
  const readable = content ?? descriptor;
  let packed_bytes = 0;
  for (;;) {
    // A turn that finds the file grown takes it back.
    file.finishing = true;
    const before = file.offset;
    const turn = await reader.turn(file, readable);
    if (turn.kind === "truncated") return "it was truncated or written again while it was read";
    const { records } = turn.portion ?? {};
    const read_bytes =
      content === undefined ? file.offset - before : content.packed_bytes - packed_bytes;
    packed_bytes = content?.packed_bytes ?? 0;
    progress?.(read_bytes);
    if (records !== undefined) {
      const goes_on = await take(new Records({ ...records, origin: reading.origin }));
      records.release?.();
      if (!goes_on) return undefined;
    }
    if (file.offset + (file.long?.scanned_bytes ?? 0) >= bytes_max) return undefined;
    if (turn.kind === "finished" || (!turn.more && file.offset >= size)) return faultOf(content);
  }
}

/** A file that nobody followed before. What it is followed with is in memory alone. */
async function follow(
  path: string,
  { descriptor, packed }: { descriptor: number; packed: Packed | undefined },
  { origin, clock }: LogReading,
): Promise<FollowedFile> {
  const streams = new OwnStreams(origin.input, new Ledger());
  const roster = new Roster(origin.input, streams, clock, origin);
  const name = basename(path);
  const found = { path, directory: dirname(path), name, look: await lookAtOpen(descriptor) };
  const checkpoint = { offset: 0, tail: fingerprintOf(Buffer.alloc(0)) };
  return roster.create(found, name, { head: Buffer.alloc(0), checkpoint, packed });
}

function faultOf(content: Unpacked | undefined): string | undefined {
  const end = content?.end;
  if (end?.kind === "damaged") return `it is damaged from byte ${end.packed_bytes} on`;
  if (end?.kind === "unfinished") return "it is compressed, and its end is missing";
  return undefined;
}
