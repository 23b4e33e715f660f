/**
 * Reads a record that is longer than a chunk, when its end is known: as much of it as is shipped.
 */
import { hash } from "node:crypto";
import type { Clock } from "../../../platform/clock.ts";
import { readFully, type Readable } from "../unpacking/readable.ts";
import { overlap_bytes_max, type BlockPool } from "../files/block-pool.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import { markOf } from "../files/framing-marks.ts";
import { fingerprintOf, stillThere, type FileCheckpoint } from "../files/identity.ts";
import type { ScannedRecord } from "../files/scanned-record.ts";
import {
  characterBoundary,
  knownOf,
  knownOfKept,
  unfinishedOf,
} from "../../framing/contract/found.ts";
import type { RecordsBeside } from "../../framing/contract/framer.ts";
import type { FileFramer } from "../../framing/decoding/decoding-framer.ts";
import { nothing, truncated, type Turn } from "./turn.ts";

export interface LongReading {
  readonly framer: FileFramer;
  readonly pool: BlockPool;
  readonly clock: Clock;
  readonly event_bytes_max: number;
}

/** Rejects with the system's error. */
export function readLong(
  reading: LongReading,
  file: FollowedFile,
  descriptor: Readable,
  long: ScannedRecord,
): Promise<Turn> {
  const { raw_factor } = reading.framer;
  const { kept } = long.record;
  if (kept !== undefined) return readKept(reading, file, { descriptor, kept }, long);
  if (raw_factor === undefined) return readOwn(reading, file, descriptor, long);
  return readMade(reading, file, { descriptor, raw_factor }, long);
}

/** A record that is the file's own bytes, or what these are in UTF-8. */
async function readOwn(
  { framer, clock, event_bytes_max }: LongReading,
  file: FollowedFile,
  descriptor: Readable,
  long: ScannedRecord,
): Promise<Turn> {
  const { tail } = file.checkpoint;
  const { record } = long;
  const start = tail.length;
  const position = file.offset - start;
  const { is_passed_over = false, members = 0 } = record;
  const original_bytes = is_passed_over ? 0 : record.content_bytes;
  const whole = original_bytes <= event_bytes_max;
  const kept_bytes = Math.min(original_bytes, event_bytes_max);
  const { unit_bytes = 1, toUtf8 } = framer;
  const raw_bytes = toUtf8 && Math.min(long.scanned_bytes, unit_bytes * kept_bytes);
  const bytes = Buffer.allocUnsafeSlow(start + (raw_bytes ?? kept_bytes));
  const count = await readFully(descriptor, bytes, bytes.length, position);
  const original_sha256 = record.digest();
  if (count < bytes.length || !stillThere(tail, bytes)) return truncated;
  const consumed_bytes = long.scanned_bytes;
  const raw = bytes.subarray(start);
  const content = toUtf8 === undefined ? raw : toUtf8(raw).subarray(0, kept_bytes);
  const end = whole ? content.length : characterBoundary(content, 0, content.length);
  const moved = () => moveBehind(framer, file, long);
  if (is_passed_over) {
    const portion = { count: 0, bytes: consumed_bytes, checkpoint: moved(), records: undefined };
    return { ...nothing, more: true, members, portion };
  }
  if (whole && hash("sha256", content) !== original_sha256) return truncated;
  if (framer.replaceOther?.(content) === true) file.is_mixed = true;
  const verdict = record.verdict?.(whole ? content : undefined);
  const header = record.is_ended ? record.header : unfinishedOf(record.header);
  const records = {
    bytes: content,
    starts: Int32Array.of(0),
    ends: Int32Array.of(end),
    count: 1,
    offset: file.offset,
    read_at_ms: clock.now(),
    ...(!whole && { truncations: new Map([[0, { original_bytes, original_sha256 }]]) }),
    ...((verdict || header) && { known: [{ verdict, header }] }),
  };
  const given = whole && record.is_blank ? { count: 0, records: undefined } : { count: 1, records };
  const portion = { ...given, bytes: consumed_bytes, checkpoint: moved() };
  return { ...nothing, more: true, portion };
}

/** A record whose content the framer makes: the file's bytes are framed once more, as many of them as are taken together. */
async function readMade(
  { framer, pool, clock, event_bytes_max }: LongReading,
  file: FollowedFile,
  { descriptor, raw_factor }: { descriptor: Readable; raw_factor: number },
  long: ScannedRecord,
): Promise<Turn> {
  const { tail, framing } = file.checkpoint;
  const from = tail.length;
  const position = file.offset - from;
  const raw_bytes = Math.min(long.scanned_bytes, raw_factor * event_bytes_max);
  const is_whole = raw_bytes === long.scanned_bytes;
  const bytes = Buffer.allocUnsafeSlow(from + raw_bytes);
  const read_bytes = await readFully(descriptor, bytes, bytes.length, position);
  if (read_bytes < bytes.length || !stillThere(tail, bytes)) return truncated;
  const slot = pool.take();
  const window = { bytes, from, is_last: true, state: framing?.state };
  const framed = framer.frame(window, slot);
  const release = pool.releaseOf(slot);
  const { record } = long;
  if (!is_whole) {
    const original_bytes = record.content_bytes;
    framed.truncations = new Map([[0, { original_bytes, original_sha256: record.digest() }]]);
    framed.is_unfinished = !record.is_ended;
  }
  const { count, end, state, made, truncations, nul_bytes, members } = framed;
  const known = knownOf(framed);
  const records = {
    bytes: made?.bytes ?? bytes,
    starts: slot.starts,
    ends: slot.ends,
    count,
    offset: position,
    offsets: made?.offsets,
    read_at_ms: clock.now(),
    ...(truncations && { truncations }),
    ...(known && { known }),
    release,
  };
  const before = file.offset;
  const tail_before = fingerprintOf(bytes.subarray(Math.max(0, end - overlap_bytes_max), end));
  const checkpoint = is_whole
    ? file.moveTo(position + end, tail_before, markOf(framer, state))
    : moveBehind(framer, file, long);
  if (count === 0) release();
  const given = count === 0 ? { count, records: undefined } : { count, records };
  const portion = { ...given, bytes: checkpoint.offset - before, checkpoint };
  return { ...nothing, more: true, nul_bytes, members, portion };
}

/** A record whose content the framer has made and kept, as much of it as is shipped. */
async function readKept(
  { framer, clock }: LongReading,
  file: FollowedFile,
  { descriptor, kept }: { descriptor: Readable; kept: Buffer },
  long: ScannedRecord,
): Promise<Turn> {
  const { record } = long;
  const { content_bytes: original_bytes, beside, is_blank } = record;
  const position = file.offset;
  const is_cut = kept.length < original_bytes;
  const truncation = { original_bytes, original_sha256: record.digest() };
  const checkpoint =
    beside === undefined
      ? moveBehind(framer, file, long)
      : await moveBack(framer, file, { descriptor, beside }, long);
  const portion = { count: 0, bytes: checkpoint.offset - position, checkpoint, records: undefined };
  if (is_blank && !is_cut) return { ...nothing, more: true, portion };
  const records = {
    bytes: kept,
    starts: Int32Array.of(0),
    ends: Int32Array.of(kept.length),
    count: 1,
    offset: position,
    read_at_ms: clock.now(),
    ...(is_cut && { truncations: new Map([[0, truncation]]) }),
    known: [knownOfKept(record)],
  };
  return { ...nothing, more: true, portion: { ...portion, count: 1, records } };
}

/** Has reading go on inside a long record, where others begin that stand beside it. */
async function moveBack(
  framer: FileFramer,
  file: FollowedFile,
  { descriptor, beside }: { descriptor: Readable; beside: RecordsBeside },
  { scanned_bytes }: ScannedRecord,
): Promise<FileCheckpoint> {
  const offset = file.offset + scanned_bytes - beside.back_bytes;
  const bytes = Buffer.allocUnsafe(Math.min(offset, overlap_bytes_max));
  const count = await readFully(descriptor, bytes, bytes.length, offset - bytes.length);
  return file.moveTo(offset, fingerprintOf(bytes.subarray(0, count)), markOf(framer, beside.state));
}

function moveBehind(framer: FileFramer, file: FollowedFile, long: ScannedRecord): FileCheckpoint {
  const { scanned_bytes, tail, record } = long;
  return file.moveTo(file.offset + scanned_bytes, tail, markOf(framer, record.state));
}
