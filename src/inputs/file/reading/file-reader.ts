/**
 * One turn of reading: at most one chunk of one file, made into at most one block.
 *
 * Each read begins a little before the offset, with bytes that were consumed before. Where these, or others that are
 * compared (see content.ts), are not what they were, the file was truncated, in whatever way, and however much it has
 * grown again since.
 */
import type { Clock } from "../../../platform/clock.ts";
import { overlap_bytes_max, type BlockPool, type Slot } from "../files/block-pool.ts";
import { isRewritten, sampleOf } from "../files/content.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import { fingerprintOf, stillThere } from "../files/identity.ts";
import { knownOf } from "../../framing/contract/found.ts";
import type { Framed } from "../../framing/contract/framer.ts";
import { withoutAllocated } from "../../framing/decoding/beginning.ts";
import type { FileFramer } from "../../framing/decoding/decoding-framer.ts";
import type { FileFramers } from "../../framing/decoding/file-framers.ts";
import { skipNuls } from "../../framing/contract/nuls.ts";
import { markOf } from "../files/framing-marks.ts";
import { ScannedRecord } from "../files/scanned-record.ts";
import { isCompressed } from "../unpacking/kinds.ts";
import { readFully, type Readable } from "../unpacking/readable.ts";
import { NotReached } from "../unpacking/unpacked.ts";
import { readChunk } from "./chunk.ts";
import { inherit, mayInherit, unreadBefore } from "./inheritance.ts";
import { LastTail } from "./last-tail.ts";
import { readLong, type LongReading } from "./long-reading.ts";
import {
  character_bytes_max,
  contentEnd,
  holdsUtf16,
  noteMisfit,
  probed_bytes,
  recogniseEncoding,
  textFrom,
} from "./file-encoding.ts";
import { nothing, truncated, type Portion, type Turn } from "./turn.ts";
import { closes, isFlushed } from "./whole-document.ts";

const utf8 = { encoding: "utf-8", text_start: 0 } as const;
const nuls_before = fingerprintOf(Buffer.alloc(overlap_bytes_max));

export class FileReader {
  readonly #framers: FileFramers;
  readonly #deps: Omit<LongReading, "framer">;
  /** Of the file whose turn it is. */
  #framer: FileFramer;
  /** The file's size as it was known when the turn began. */
  #seen_size = 0;
  readonly #last_tail = new LastTail();

  /** There is at most one turn at a time. */
  constructor(framers: FileFramers, pool: BlockPool, clock: Clock, event_bytes_max: number) {
    this.#framers = framers;
    this.#framer = framers.in(undefined);
    this.#deps = { pool, clock, event_bytes_max };
  }

  /** Reads on in an open file. Rejects with the system's error. */
  async turn(file: FollowedFile, descriptor: Readable): Promise<Turn> {
    file.read_at_ms = this.#deps.clock.monotonic();
    file.read_end_ms = Infinity;
    file.read_from = file.offset;
    this.#seen_size = file.identity.size;
    const slot = this.#deps.pool.take();
    let lent = false;
    try {
      if (file.encoding === undefined && file.offset > 0)
        await recogniseEncoding(file, descriptor, this.#framers);
      this.#framer = this.#framers.in(file.encoding);
      const turn = await this.#read(file, descriptor, slot);
      lent = turn.portion?.records?.starts === slot.starts;
      return turn;
    } catch (error) {
      if (error instanceof NotReached) return { ...nothing, more: true };
      throw error;
    } finally {
      file.read_end_ms = this.#deps.clock.monotonic();
      if (!lent) this.#deps.pool.give(slot);
    }
  }

  get #long_reading(): LongReading {
    return { ...this.#deps, framer: this.#framer };
  }

  #read(file: FollowedFile, descriptor: Readable, slot: Slot): Promise<Turn> {
    const { long } = file;
    // The turn that found the record's end could not read it.
    if (long?.state === "ended") return readLong(this.#long_reading, file, descriptor, long);
    if (file.hole_bytes > 0) return this.#scanHole(file, descriptor, slot);
    if (long !== undefined) return this.#scanLong(file, descriptor, long, slot);
    return this.#readRecords(file, descriptor, slot);
  }

  async #readRecords(file: FollowedFile, descriptor: Readable, slot: Slot): Promise<Turn> {
    const { tail } = file.checkpoint;
    const overlap = tail.length;
    const position = file.offset - overlap;
    const length = overlap + this.#deps.pool.chunk_bytes;
    const count = await readChunk(file, descriptor, slot.bytes.subarray(0, length));
    const bytes = slot.bytes.subarray(0, count);
    if (!this.#last_tail.isAt(tail, bytes)) return truncated;
    const at_end = count < length;
    if (await isRewritten(file, descriptor, { position, bytes }, at_end)) return truncated;
    if (count > 0 && mayInherit(file, this.#framer)) {
      const first = await unreadBefore(file);
      if (first !== undefined) return { ...nothing, more: true, first };
      inherit(file, this.#framer);
    }
    const read_at_ms = this.#deps.clock.now();
    // A file that has just grown is not finished after all.
    if (position + count > file.identity.size) file.set("finishing", false);
    if (this.#isCut(file, position + count, at_end)) return truncated;
    if (file.offset === 0 && typeof descriptor === "number" && isCompressed(bytes)) {
      // It was empty when it was met. Nothing was read of it: it begins again as what it is.
      file.resize(0, this.#deps.clock.monotonic());
      return truncated;
    }
    if (position === 0) file.noteHead(bytes);
    const finishes = file.finishing && at_end;
    const from =
      file.offset === 0 ? this.#begin(file, bytes, finishes) : textFrom(file, this.#framer);
    if (from === undefined) {
      // What follows, if anything does, is allocated and not filled.
      file.at_end = true;
      return nothing;
    }
    const content_end = contentEnd(bytes, from, this.#framer);
    const content = bytes.subarray(from, content_end);
    const flushes = at_end && !finishes && isFlushed(file, content, this.#framer);
    const is_quiet = at_end && file.quiet?.is_group_whole === true;
    // NUL bytes at the end of a file that is not finished may yet be filled.
    const shown = flushes ? bytes.subarray(0, content_end) : bytes;
    const is_last = finishes || flushes;
    const state = file.checkpoint.framing?.state;
    // A byte order mark of which only a part was there before is no part of the text.
    const followed = from === overlap ? file.followed : undefined;
    const window = { bytes: shown, from, is_last, is_quiet, state, followed };
    const framed = this.#framer.frame(window, slot);
    file.set("followed", framed.followed);
    if (framed.is_mixed === true || holdsUtf16(bytes, slot, framed)) file.is_mixed = true;
    const full = framed.count === slot.starts.length;
    file.at_end = at_end && !full;
    file.set("unfinished_bytes", Math.max(0, content_end - framed.end));
    const is_still = framed.end === overlap && framed.count === 0;
    if (file.offset === 0) noteMisfit(file, bytes, framed, this.#framers);
    if (is_still && !at_end) return this.#beginScan(file, bytes.subarray(overlap), descriptor);
    const finished = finishes && framed.end === count;
    const kind = finished ? "finished" : "read";
    const turn = { ...nothing, kind, more: !file.at_end } as const;
    if (is_still) return turn;
    const portion = this.#take(file, slot, framed, { position, read_at_ms });
    const { nul_bytes, members } = framed;
    return { ...turn, nul_bytes, members, portion };
  }

  /** Where the text begins in a file's first bytes; undefined while that may change with what is written yet. */
  #begin(file: FollowedFile, bytes: Buffer, is_last: boolean): number | undefined {
    const is_hole = file.finishing || withoutAllocated(bytes).length === 0;
    const beginning = this.#framers.beginning(bytes, is_last) ?? (is_hole ? utf8 : undefined);
    if (beginning === undefined) return undefined;
    const { encoding, text_start } = beginning;
    file.encoding = encoding;
    this.#framer = this.#framers.in(encoding);
    return text_start;
  }

  /** Moves the file past what was framed. */
  #take(
    file: FollowedFile,
    slot: Slot,
    framed: Framed,
    read: { position: number; read_at_ms: number },
  ): Portion {
    const { count, truncations, end, state, made } = framed;
    const { position } = read;
    const bytes = position + end - file.offset;
    const tail = slot.bytes.subarray(Math.max(0, end - overlap_bytes_max), end);
    const mark = markOf(this.#framer, state);
    const checkpoint = file.moveTo(position + end, this.#last_tail.keep(tail), mark);
    file.set("followed", framed.followed);
    const taken = { position, bytes: slot.bytes.subarray(0, end) };
    const sample =
      count > 0 ? sampleOf(file, taken, made?.offsets ?? slot.starts, count) : undefined;
    if (sample !== undefined) file.noteSample(sample);
    if (count === 0) return { count, bytes, checkpoint, records: undefined };
    const known = knownOf(framed);
    const records = {
      bytes: made?.bytes ?? slot.bytes,
      starts: slot.starts,
      ends: slot.ends,
      count,
      offset: position,
      offsets: made?.offsets,
      read_at_ms: read.read_at_ms,
      ...(truncations && { truncations }),
      ...(known && { known }),
      release: this.#deps.pool.releaseOf(slot),
    };
    return { count, bytes, checkpoint, records };
  }

  /** A whole chunk without a record's end: NUL bytes, or the beginning of a record that is longer than a chunk. */
  #beginScan(file: FollowedFile, bytes: Buffer, descriptor: Readable): Turn {
    const state = file.checkpoint.framing?.state;
    if (this.#framer.contentStart(bytes, 0, state) === bytes.length) {
      file.hole_bytes = bytes.length;
    } else {
      file.long = new ScannedRecord(this.#framer.long(state, this.#deps.event_bytes_max));
      file.long.push(bytes);
      if (typeof descriptor !== "number") descriptor.pin(file.offset - file.checkpoint.tail.length);
    }
    return { ...nothing, more: true };
  }

  /** Looks for what follows NUL bytes, before which a record or a part of one may still be written. */
  async #scanHole(file: FollowedFile, descriptor: Readable, slot: Slot): Promise<Turn> {
    const { long } = file;
    const tail = long?.tail ?? file.checkpoint.tail;
    const start = file.offset + (long?.scanned_bytes ?? 0);
    // Of a long record, half of a character may be there already. It counts with what follows it.
    const { unit_bytes = 1 } = this.#framer;
    const from = tail.length + (long !== undefined && unit_bytes > 1 ? character_bytes_max : 0);
    const length = from + probed_bytes;
    const probed = await readFully(descriptor, slot.bytes, length, start - tail.length);
    if (!stillThere(tail, slot.bytes.subarray(0, probed))) return truncated;
    if (probed <= from || skipNuls(slot.bytes, from, probed) < probed) {
      // A writer that had allocated ahead has begun to fill what it allocated.
      file.hole_bytes = 0;
      return { ...nothing, more: true };
    }
    const position = start + file.hole_bytes;
    const count = await readFully(descriptor, slot.bytes, this.#deps.pool.chunk_bytes, position);
    file.at_end = count < this.#deps.pool.chunk_bytes;
    if (this.#isCut(file, position + count, file.at_end)) return truncated;
    const nuls = skipNuls(slot.bytes.subarray(0, count), 0, count);
    file.hole_bytes += nuls;
    const ended = file.at_end && nuls === count;
    const is_closed = ended && (await closes(file, descriptor, long));
    if (nuls === count && !is_closed) return { ...nothing, more: !ended };
    if (long === undefined || (ended && long.scanned_bytes === 0))
      return this.#passHole(file, ended);
    if (ended) {
      long.finish();
      return readLong(this.#long_reading, file, descriptor, long);
    }
    long.followed_bytes = long.scanned_bytes + file.hole_bytes;
    file.hole_bytes = 0;
    return { ...nothing, more: true };
  }

  #passHole(file: FollowedFile, ended: boolean): Turn {
    const { unit_bytes = 1 } = this.#framer;
    const nul_bytes = file.hole_bytes - (ended ? 0 : (file.offset + file.hole_bytes) % unit_bytes);
    const { framing } = file.checkpoint;
    const checkpoint = file.moveTo(file.offset + nul_bytes, nuls_before, framing);
    const portion = { count: 0, bytes: nul_bytes, checkpoint, records: undefined };
    return { ...nothing, kind: ended ? "finished" : "read", more: !ended, nul_bytes, portion };
  }

  async #scanLong(
    file: FollowedFile,
    descriptor: Readable,
    long: ScannedRecord,
    slot: Slot,
  ): Promise<Turn> {
    const overlap = long.tail.length;
    const position = file.offset + long.scanned_bytes - overlap;
    const length = overlap + this.#deps.pool.chunk_bytes;
    const count = await readFully(descriptor, slot.bytes, length, position);
    const bytes = slot.bytes.subarray(0, count);
    if (!stillThere(long.tail, bytes)) return truncated;
    const at_end = count < length;
    if (await isRewritten(file, descriptor, { position, bytes }, at_end)) return truncated;
    if (this.#isCut(file, position + count, at_end)) return truncated;
    const taken_bytes = long.push(bytes.subarray(overlap));
    if (at_end && long.state === "open" && (await closes(file, descriptor, long))) long.finish();
    if (long.state === "ended") return readLong(this.#long_reading, file, descriptor, long);
    file.at_end = at_end;
    if (taken_bytes === 0 && !at_end) file.hole_bytes = count - overlap;
    return { ...nothing, more: !at_end };
  }

  /** Takes note of how far the file goes, and says whether it is shorter than it was when the turn began. */
  #isCut(file: FollowedFile, end: number, at_end: boolean): boolean {
    if (at_end && end < this.#seen_size) {
      file.cut_at = end;
      return true;
    }
    if (at_end) file.end_bytes = end;
    const size = Math.max(end, this.#seen_size);
    if (size > file.identity.size) {
      file.grown_at_ms = this.#deps.clock.monotonic();
      file.sizes.note(size, this.#deps.clock.now());
    }
    file.prove(size);
    return false;
  }
}
