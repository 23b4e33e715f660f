/**
 * Reads one segment from its first frame to its last that is safe, in large pieces of whole frames.
 */
import type { BytePool } from "../frames/byte-pool.ts";
import type { JournalFile } from "./files.ts";
import { segment_header_bytes } from "../frames/format.ts";
import { findFrames, type Frame } from "../frames/frame-scanner.ts";
import { readTolerantly } from "./read-tolerantly.ts";
import type { Segment, Segments } from "./segments.ts";

/** What one read came to. */
export interface Chunk {
  readonly segment: Segment;
  /** Lent from the pool. */
  readonly bytes: Buffer;
  /** Where the bytes are in the segment's file. */
  readonly offset: number;
  readonly frames: readonly Frame[];
}

export class SegmentCursor {
  readonly segment: Segment;
  readonly #segments: Segments;
  readonly #pool: BytePool;
  #file: JournalFile | undefined;
  #offset = segment_header_bytes;
  /** Bytes that the next read must bring at least. */
  #wanted_bytes = 0;

  constructor(segment: Segment, segments: Segments, pool: BytePool) {
    this.segment = segment;
    this.#segments = segments;
    this.#pool = pool;
  }

  /** Whether there is something to read now. */
  get has_more(): boolean {
    return !this.segment.given_up && this.#offset < this.segment.readable_bytes;
  }

  /** Whether all is read, and nothing more will come. */
  get is_through(): boolean {
    return !this.has_more && (this.segment.sealed || this.segment.given_up);
  }

  /** Reads on. Rejects with the system's error; it may be tried again then. */
  async read(): Promise<Chunk> {
    const { segment } = this;
    const { piece_bytes } = this.#pool;
    const offset = this.#offset;
    const rest_bytes = segment.readable_bytes - offset;
    const wanted_bytes = Math.min(Math.max(piece_bytes, this.#wanted_bytes), rest_bytes);
    this.#file ??= await this.#open();
    const bytes = this.#pool.take(wanted_bytes);
    const wanted = bytes.subarray(0, wanted_bytes);
    const count = this.#file === undefined ? 0 : await readTolerantly(this.#file, wanted, offset);
    const is_cut = count < wanted_bytes;
    const at_end = is_cut || wanted_bytes === rest_bytes;
    const found = findFrames(bytes.subarray(0, count), this.#segments.tag, at_end);
    // A file that someone has cut or removed ends here, whatever was written to it.
    this.#offset = is_cut ? segment.readable_bytes : offset + found.done_bytes;
    this.#wanted_bytes = found.wanted_bytes;
    return { segment, bytes, offset, frames: found.frames };
  }

  /** Undefined where somebody has removed the file. */
  async #open(): Promise<JournalFile | undefined> {
    try {
      return await this.#segments.files.open(this.segment.path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw cause;
    }
  }

  /** Never rejects. */
  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => undefined);
  }
}
