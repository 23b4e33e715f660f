/**
 * The content of a compressed file, read at positions as a plain file is.
 *
 *     0    head              window                                     the end of what there is
 *     |----|----------|------[--------- kept ---------]------------------|
 *
 * It is decompressed once, from the beginning on, and what was given last is kept: each read begins where the one before it
 * began, or later. Short reads at other places are remembered. Whoever reads elsewhere makes it begin again.
 */
import type { Compression } from "./kinds.ts";
import { Unpacker, type EndKind } from "./unpacker.ts";

const head_bytes_max = 1024;
/** Content passed over in one read. Other files have their turns between two. */
const skip_bytes_max = 8 * 1024 * 1024;
/** Short reads that are remembered, and how short they are. */
const spans_max = 4;
const span_bytes_max = 8 * 1024;

/** Thrown by a read of what is not decompressed yet: the next one goes on. */
export class NotReached extends Error {}

/** Bytes that were read. */
interface Span {
  readonly position: number;
  readonly length: number;
  readonly bytes: Buffer;
}

/** A piece of content at a place that is read again later. */
interface Pin {
  readonly position: number;
  readonly pieces: Buffer[];
  length: number;
}

export interface UnpackedOptions {
  /** Most bytes of a pinned place that are kept. */
  readonly pinned_bytes_max: number;
}

export class Unpacked {
  readonly compression: Compression;
  readonly #options: UnpackedOptions | undefined;
  #unpacker: Unpacker;
  /** Content from `#from` to `#to` is kept. */
  #pieces: Buffer[] = [];
  #from = 0;
  #to = 0;
  #head: Buffer = Buffer.alloc(0);
  #spans: Span[] = [];
  #pin: Pin | undefined;
  /** Where damage was met first: the second look is a careful one. */
  #damage_from: number | undefined;

  /** Without options nothing is pinned, and a read goes on however much it has to pass over: it throws no NotReached. */
  constructor(descriptor: number, compression: Compression, options?: UnpackedOptions) {
    this.compression = compression;
    this.#options = options;
    this.#unpacker = new Unpacker(descriptor, compression);
  }

  /** Another handle on the same file. */
  set descriptor(descriptor: number) {
    this.#unpacker.descriptor = descriptor;
  }

  /** Whether the file was seen to have other bytes than before. */
  get is_rewritten(): boolean {
    return this.#unpacker.end === "rewritten";
  }

  /** Compressed bytes that were decompressed. */
  get packed_bytes(): number {
    return this.#unpacker.taken_bytes;
  }

  /** Where it stands after a read that came to the end. */
  get end(): { kind: EndKind | undefined; packed_bytes: number; missing_bytes: number } {
    const { end: kind, taken_bytes: packed_bytes, missing_bytes } = this.#unpacker;
    return { kind, packed_bytes, missing_bytes };
  }

  get mismatches(): number {
    return this.#unpacker.mismatches;
  }

  /** Reads up to `length` bytes at `position` into the front of `bytes`. Throws NotReached; rejects with the system's error. */
  async read(bytes: Buffer, length: number, position: number): Promise<number> {
    for (;;) {
      try {
        return await this.#read(bytes, length, position);
      } catch (error) {
        if (!(error instanceof NotReached) || this.#options !== undefined) throw error;
      }
    }
  }

  async #read(bytes: Buffer, length: number, position: number): Promise<number> {
    if (position + length <= this.#head.length) {
      return this.#head.copy(bytes, 0, position, position + length);
    }
    const span = this.#spans.find((each) => each.position === position && each.length === length);
    if (span !== undefined) return span.bytes.copy(bytes);
    if (this.#isPinned(position, length)) return copyOf(this.#pin!.pieces, bytes, 0, length);
    if (position < this.#from) this.#restart(undefined);
    await this.#reach(position, length);
    const count = Math.max(0, Math.min(length, this.#to - position));
    copyOf(this.#pieces, bytes, position - this.#from, count);
    if (length <= span_bytes_max && count === length) this.#remember(bytes, length, position);
    return count;
  }

  /** How far the content goes, up to `position`. */
  async reach(position: number): Promise<number> {
    const tail_from = Math.max(0, position - span_bytes_max);
    for (;;) {
      try {
        if (tail_from < this.#from) this.#restart(undefined);
        await this.#reach(tail_from, position - tail_from);
        return Math.min(position, this.#to);
      } catch (error) {
        if (!(error instanceof NotReached)) throw error;
      }
    }
  }

  /** Keeps what is at `position`, which was just read, as much as an event may have. */
  pin(position: number): void {
    const pin: Pin = { position, pieces: [], length: 0 };
    let from = this.#from;
    for (const piece of this.#pieces) {
      const part = piece.subarray(Math.max(0, position - from));
      from += piece.length;
      if (from > position) this.#addTo(pin, part);
    }
    this.#pin = pin;
  }

  /** Has it decompressed from its beginning again, as the file has changed since a part was damaged. */
  retry(): void {
    this.#damage_from = undefined;
    this.#restart(undefined);
  }

  close(): void {
    this.#unpacker.close();
  }

  /** Decompresses until there are `length` bytes at `position`, or no more. */
  async #reach(position: number, length: number): Promise<void> {
    const skip_to = this.#to + skip_bytes_max;
    this.#drop(position);
    while (this.#to < position + length) {
      const piece = await this.#unpacker.next();
      if (piece === undefined) {
        this.#meetEnd();
        return;
      }
      this.#take(piece);
      this.#drop(position);
      if (this.#to >= skip_to && this.#to < position) throw new NotReached();
    }
  }

  /** What is damaged is looked at twice: the second time so that all that comes before it is read. */
  #meetEnd(): void {
    const { end, piece_from } = this.#unpacker;
    if (end !== "damaged" || this.#damage_from !== undefined) return;
    this.#damage_from = piece_from;
    this.#restart(piece_from);
    throw new NotReached();
  }

  #restart(careful_from: number | undefined): void {
    const { descriptor } = this.#unpacker;
    this.#unpacker.close();
    this.#unpacker = new Unpacker(
      descriptor,
      this.compression,
      careful_from ?? this.#damage_from ?? Infinity,
    );
    this.#pieces = [];
    this.#from = 0;
    this.#to = 0;
    this.#pin = undefined;
  }

  #take(piece: Buffer): void {
    if (this.#to < head_bytes_max && this.#head.length < head_bytes_max) {
      const more = piece.subarray(this.#head.length - this.#to, head_bytes_max - this.#to);
      this.#head = Buffer.concat([this.#head, more]);
    }
    this.#pieces.push(piece);
    this.#to += piece.length;
    if (this.#pin !== undefined) this.#addTo(this.#pin, piece);
  }

  #addTo(pin: Pin, piece: Buffer): void {
    if (pin.length >= (this.#options?.pinned_bytes_max ?? 0)) return;
    pin.pieces.push(piece);
    pin.length += piece.length;
  }

  /** Lets go of what comes before `position`. */
  #drop(position: number): void {
    while (this.#pieces.length > 0 && this.#from + this.#pieces[0]!.length <= position) {
      this.#from += this.#pieces.shift()!.length;
    }
  }

  #isPinned(position: number, length: number): boolean {
    const pin = this.#pin;
    return pin !== undefined && pin.position === position && pin.length >= length;
  }

  #remember(bytes: Buffer, length: number, position: number): void {
    const span = { position, length, bytes: Buffer.from(bytes.subarray(0, length)) };
    this.#spans = [span, ...this.#spans].slice(0, spans_max);
  }
}

/** Copies `length` bytes of the pieces, from `from` on, to the front of `bytes`. */
function copyOf(pieces: readonly Buffer[], bytes: Buffer, from: number, length: number): number {
  let skipped = from;
  let done = 0;
  for (const piece of pieces) {
    if (done === length) break;
    if (skipped >= piece.length) {
      skipped -= piece.length;
      continue;
    }
    done += piece.copy(bytes, done, skipped, skipped + length - done);
    skipped = 0;
  }
  return done;
}
