/**
 * One turn of reading: at most one chunk of one file, made into at most one block.
 *
 * Each read begins a little before the offset, with bytes that were consumed before. Where these, or others that are
 * compared (see content.ts), are not what they were, the file was truncated, in whatever way, and however much it has
 * grown again since.
 */
import type { Clock } from "../../../platform/clock.ts";
import { chunk_bytes, overlap_bytes_max, type BlockPool, type Slot } from "../files/block-pool.ts";
import { isRewritten, sampleOf, stillThere } from "../files/content.ts";
import { readAt, readFully } from "../discovery/file-access.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import { fingerprintOf } from "../files/identity.ts";
import { fittingFraming } from "../../framing/fitting.ts";
import { knownOf } from "../../framing/contract/found.ts";
import type { Framed, Framer } from "../../framing/contract/framer.ts";
import { skipNuls } from "../../framing/lines/nuls.ts";
import { textStart } from "../../lines/encoding.ts";
import { markOf } from "../files/framing-marks.ts";
import { ScannedRecord } from "../files/scanned-record.ts";
import { inherit, mayInherit, unreadBefore } from "./inheritance.ts";
import { readLong, type LongReading } from "./long-reading.ts";
import { nothing, truncated, type Portion, type Turn } from "./turn.ts";

const nuls_before = fingerprintOf(Buffer.alloc(overlap_bytes_max));

export class FileReader {
  readonly #framer: Framer;
  readonly #pool: BlockPool;
  readonly #clock: Clock;
  readonly #long_reading: LongReading;
  /** The file's size as it was known when the turn began. */
  #seen_size = 0;

  /** There is at most one turn at a time. */
  constructor(framer: Framer, pool: BlockPool, clock: Clock, event_bytes_max: number) {
    this.#framer = framer;
    this.#pool = pool;
    this.#clock = clock;
    this.#long_reading = { framer, pool, clock, event_bytes_max };
  }

  /** Reads on in an open file. Rejects with the system's error. */
  async turn(file: FollowedFile, descriptor: number): Promise<Turn> {
    file.read_at_ms = this.#clock.monotonic();
    file.read_end_ms = Infinity;
    file.read_from = file.offset;
    this.#seen_size = file.identity.size;
    const slot = this.#pool.take();
    let lent = false;
    try {
      const turn = await this.#read(file, descriptor, slot);
      lent = turn.portion?.records?.starts === slot.starts;
      return turn;
    } finally {
      file.read_end_ms = this.#clock.monotonic();
      if (!lent) this.#pool.give(slot);
    }
  }

  #read(file: FollowedFile, descriptor: number, slot: Slot): Promise<Turn> {
    const { long } = file;
    // The turn that found the record's end could not read it.
    if (long?.state === "ended") return readLong(this.#long_reading, file, descriptor, long);
    if (file.hole_bytes > 0) return this.#scanHole(file, descriptor, slot);
    if (long !== undefined) return this.#scanLong(file, descriptor, long, slot);
    return this.#readRecords(file, descriptor, slot);
  }

  async #readRecords(file: FollowedFile, descriptor: number, slot: Slot): Promise<Turn> {
    const { tail } = file.checkpoint;
    const overlap = tail.length;
    const position = file.offset - overlap;
    const length = overlap + chunk_bytes;
    const count = await this.#readChunk(file, descriptor, slot.bytes.subarray(0, length));
    const bytes = slot.bytes.subarray(0, count);
    if (!stillThere(tail, bytes)) return truncated;
    const at_end = count < length;
    if (await isRewritten(file, descriptor, { position, bytes }, at_end)) return truncated;
    if (count > 0 && mayInherit(file, this.#framer)) {
      const first = await unreadBefore(file);
      if (first !== undefined) return { ...nothing, more: true, first };
      inherit(file, this.#framer);
    }
    const read_at_ms = this.#clock.now();
    // A file that has just grown is not finished after all.
    if (position + count > file.identity.size) file.finishing = false;
    if (this.#isCut(file, position + count, at_end)) return truncated;
    if (position === 0) file.noteHead(bytes);
    if (file.offset === 0 && this.#framer.id === "lines") file.fitting = fittingFraming(bytes);
    file.noteEncoding(bytes, position);
    const from = file.offset === 0 ? textStart(bytes) : overlap;
    const is_last = file.finishing && at_end;
    const state = file.checkpoint.framing?.state;
    // A byte order mark of which only a part was there before is no part of the text.
    const followed = from === overlap ? file.followed : undefined;
    const framed = this.#framer.frame({ bytes, from, is_last, state, followed }, slot);
    file.followed = framed.followed;
    const full = framed.count === slot.starts.length;
    file.at_end = at_end && !full;
    const is_still = framed.end === overlap && framed.count === 0;
    if (is_still && !at_end) return this.#beginScan(file, bytes.subarray(overlap));
    const finished = is_last && framed.end === count;
    const kind = finished ? "finished" : "read";
    const turn = { ...nothing, kind, more: !file.at_end } as const;
    if (is_still) return turn;
    const portion = this.#take(file, slot, framed, { position, read_at_ms });
    const { nul_bytes, members } = framed;
    return { ...turn, nul_bytes, members, portion };
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
    const checkpoint = file.moveTo(position + end, fingerprintOf(tail), mark);
    file.followed = framed.followed;
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
      release: this.#pool.releaseOf(slot),
    };
    return { count, bytes, checkpoint, records };
  }

  /** A whole chunk without a record's end: NUL bytes, or the beginning of a record that is longer than a chunk. */
  #beginScan(file: FollowedFile, bytes: Buffer): Turn {
    const state = file.checkpoint.framing?.state;
    if (this.#framer.contentStart(bytes, 0, state) === bytes.length) {
      file.hole_bytes = bytes.length;
    } else {
      file.long = new ScannedRecord(this.#framer.long(state, this.#long_reading.event_bytes_max));
      file.long.push(bytes);
    }
    return { ...nothing, more: true };
  }

  /** Looks for what follows NUL bytes, before which a record or a part of one may still be written. */
  async #scanHole(file: FollowedFile, descriptor: number, slot: Slot): Promise<Turn> {
    const { long } = file;
    const tail = long?.tail ?? file.checkpoint.tail;
    const start = file.offset + (long?.scanned_bytes ?? 0);
    const probed = await readFully(descriptor, slot.bytes, tail.length + 1, start - tail.length);
    if (!stillThere(tail, slot.bytes.subarray(0, probed))) return truncated;
    if (probed === tail.length || slot.bytes[tail.length] !== 0) {
      // A writer that had allocated ahead has begun to fill what it allocated.
      file.hole_bytes = 0;
      return { ...nothing, more: true };
    }
    const position = start + file.hole_bytes;
    const count = await readFully(descriptor, slot.bytes, chunk_bytes, position);
    file.at_end = count < chunk_bytes;
    if (this.#isCut(file, position + count, file.at_end)) return truncated;
    const nuls = skipNuls(slot.bytes.subarray(0, count), 0, count);
    file.hole_bytes += nuls;
    const ended = file.at_end && nuls === count;
    if (nuls === count && !(ended && file.finishing)) {
      return { ...nothing, more: !ended };
    }
    if (long === undefined) return this.#passHole(file, ended);
    if (ended) {
      long.finish();
      return readLong(this.#long_reading, file, descriptor, long);
    }
    long.followed_bytes = long.scanned_bytes + file.hole_bytes;
    file.hole_bytes = 0;
    return { ...nothing, more: true };
  }

  #passHole(file: FollowedFile, ended: boolean): Turn {
    const nul_bytes = file.hole_bytes;
    const { framing } = file.checkpoint;
    const checkpoint = file.moveTo(file.offset + nul_bytes, nuls_before, framing);
    const portion = { count: 0, bytes: nul_bytes, checkpoint, records: undefined };
    return { ...nothing, kind: ended ? "finished" : "read", more: !ended, nul_bytes, portion };
  }

  async #scanLong(
    file: FollowedFile,
    descriptor: number,
    long: ScannedRecord,
    slot: Slot,
  ): Promise<Turn> {
    const overlap = long.tail.length;
    const position = file.offset + long.scanned_bytes - overlap;
    const length = overlap + chunk_bytes;
    const count = await readFully(descriptor, slot.bytes, length, position);
    const bytes = slot.bytes.subarray(0, count);
    if (!stillThere(long.tail, bytes)) return truncated;
    const at_end = count < length;
    if (await isRewritten(file, descriptor, { position, bytes }, at_end)) return truncated;
    if (this.#isCut(file, position + count, at_end)) return truncated;
    const taken_bytes = long.push(bytes.subarray(overlap));
    if (at_end && file.finishing) long.finish();
    if (long.state === "ended") return readLong(this.#long_reading, file, descriptor, long);
    file.at_end = at_end;
    if (taken_bytes === 0 && !at_end) file.hole_bytes = count - overlap;
    return { ...nothing, more: !at_end };
  }

  /**
   * Fills `bytes` from the overlap on. A short read is the end of a local file; only where the file is known
   * to be longer, or is about to be finished, is that worth a second call.
   */
  async #readChunk(file: FollowedFile, descriptor: number, bytes: Buffer): Promise<number> {
    const position = file.offset - file.checkpoint.tail.length;
    const count = await readAt(descriptor, bytes, bytes.length, position);
    if (count === bytes.length || count === 0) return count;
    if (position + count >= file.identity.size && !file.finishing) return count;
    const rest = bytes.subarray(count);
    return count + (await readFully(descriptor, rest, rest.length, position + count));
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
      file.grown_at_ms = this.#clock.monotonic();
      file.sizes.note(size, this.#clock.now());
    }
    file.prove(size);
    return false;
  }
}
