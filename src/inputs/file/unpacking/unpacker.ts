/**
 * Decompresses an open file from its beginning to its end, piece by piece: members or frames one after the other, and NUL
 * bytes between or behind them, which some writers pad with.
 *
 * Each read of the file begins a little before what was read last. Where these bytes are not what they were, the file was
 * written again.
 */
import { readFully } from "../discovery/file-access.ts";
import { nothing, type Decoder } from "./decoder.ts";
import { GzipDecoder } from "./gzip.ts";
import type { Compression } from "./kinds.ts";
import { ZstdDecoder } from "./zstd.ts";

/** Compressed bytes read at a time. */
const packed_chunk_bytes = 64 * 1024;
const overlap_bytes_max = 1024;

/**
 * Where the file stands at the end of what can be decompressed now.
 *
 * - whole: at the end of the file and of a member.
 * - unfinished: at the end of the file, within a member.
 * - damaged: at bytes that cannot be decompressed.
 * - rewritten: the file has other bytes than before.
 */
export type EndKind = "whole" | "unfinished" | "damaged" | "rewritten";

export class Unpacker {
  descriptor: number;
  readonly #decoder: Decoder;
  /** Compressed bytes from here on are decompressed one at a time, so that all before a damaged one comes out. */
  readonly #careful_from: number;
  readonly #chunk = Buffer.allocUnsafeSlow(overlap_bytes_max + packed_chunk_bytes);
  /** Up to where the file was read, and the last bytes before that. */
  #read_bytes = 0;
  #overlap: Buffer = nothing;
  /** Read, and not given to the decoder yet; and what the decoder gets to see of it. */
  #ahead: Buffer = nothing;
  #rest: Buffer = nothing;
  #end: EndKind | undefined;
  /** Members whose checksum is not that of their content. */
  mismatches = 0;
  #piece_from = 0;

  constructor(descriptor: number, compression: Compression, careful_from = Infinity) {
    this.descriptor = descriptor;
    this.#careful_from = careful_from;
    this.#decoder = compression === "gzip" ? new GzipDecoder() : new ZstdDecoder();
  }

  /** Compressed bytes that were taken. */
  get taken_bytes(): number {
    return this.#read_bytes - this.#ahead.length - this.#rest.length;
  }

  /** Where the compressed bytes begin that were decompressed last. */
  get piece_from(): number {
    return this.#piece_from;
  }

  /** Where it stands, if nothing came out of the last call. */
  get end(): EndKind | undefined {
    return this.#end;
  }

  /** How many compressed bytes are missing at least, where the file ends within a member. */
  get missing_bytes(): number {
    return this.#decoder.missingBytes(this.#rest);
  }

  /** The next piece of content; undefined where there is none now. Rejects with the system's error. */
  async next(): Promise<Buffer | undefined> {
    if (this.#end === "damaged" || this.#end === "rewritten") return undefined;
    this.#end = undefined;
    for (;;) {
      if (this.#decoder.is_between) this.#passNuls();
      const before = this.taken_bytes;
      const step = await this.#decoder.step(this.#rest);
      this.#rest = step.rest;
      if (this.taken_bytes !== before) this.#piece_from = before;
      if (step.kind === "content") return step.content;
      if (step.kind === "mismatch") this.mismatches += 1;
      if (step.kind === "damaged") this.#end = "damaged";
      if (step.kind === "starved" && !(await this.#feed())) {
        const is_whole = this.#decoder.is_between && this.#rest.length === 0;
        this.#end ??= is_whole ? "whole" : "unfinished";
      }
      if (this.#end !== undefined) return undefined;
    }
  }

  close(): void {
    this.#decoder.close();
  }

  /** Some writers fill what they allocated with NUL bytes. */
  #passNuls(): void {
    let nuls = 0;
    while (nuls < this.#rest.length && this.#rest[nuls] === 0) nuls += 1;
    if (nuls > 0) this.#rest = this.#rest.subarray(nuls);
  }

  /** Shows the decoder more bytes; false where there are none. */
  async #feed(): Promise<boolean> {
    if (this.#ahead.length === 0) this.#ahead = await this.#read();
    const { length } = this.#ahead;
    if (length === 0) return false;
    const from = this.#read_bytes - length;
    const is_careful = from + length > this.#careful_from;
    const size = is_careful ? Math.max(1, this.#careful_from - from) : length;
    const bytes = this.#ahead.subarray(0, size);
    this.#ahead = this.#ahead.subarray(size);
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    return true;
  }

  async #read(): Promise<Buffer> {
    const { length } = this.#overlap;
    const chunk = this.#chunk.subarray(0, length + packed_chunk_bytes);
    const position = this.#read_bytes - length;
    const count = await readFully(this.descriptor, chunk, chunk.length, position);
    const bytes = chunk.subarray(0, count);
    if (count < length || this.#overlap.compare(bytes, 0, length) !== 0) {
      this.#end = "rewritten";
      return nothing;
    }
    this.#overlap = Buffer.from(bytes.subarray(Math.max(0, count - overlap_bytes_max)));
    this.#read_bytes += count - length;
    return Buffer.from(bytes.subarray(length));
  }
}
