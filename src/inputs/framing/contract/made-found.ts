/**
 * What a framer finds in a window whose records are not the window's own bytes: their content is joined or unescaped,
 * piece by piece, in a buffer of its own.
 */
import type { RecordHeader } from "../../../event/block.ts";
import { Found } from "./found.ts";
import type { RecordPositions, Window } from "./framer.ts";

const content_bytes_min = 64 * 1024;

export class MadeFound extends Found {
  readonly #offsets: number[] = [];
  /** Bytes of `content` that are made. */
  #length = 0;
  /** Where the record begins that is being made. */
  #start = 0;

  constructor(window: Window, positions: RecordPositions) {
    super(window, positions);
    this.#use(Buffer.allocUnsafeSlow(content_bytes_min));
  }

  /** Bytes of the record that is being made. */
  get made_bytes(): number {
    return this.#length - this.#start;
  }

  /** Adds `bytes[start, end)` to the record that is being made. */
  append(bytes: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    this.#length += bytes.copy(this.content, this.#length, start, end);
  }

  /** Notes what was made as a record, which begins at `at` in the window. */
  finish(at: number, header?: RecordHeader): void {
    this.#offsets[this.count] = at;
    if (header !== undefined) this.describe(header);
    this.add(this.#start, this.#length);
    this.#start = this.#length;
  }

  /** Lets go of what was made since the last record. */
  discard(): void {
    this.#length = this.#start;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.content.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.content.length));
    this.content.copy(larger, 0, 0, this.#length);
    this.#use(larger);
  }

  #use(content: Buffer): void {
    this.content = content;
    this.made = { bytes: content, offsets: this.#offsets };
  }
}
