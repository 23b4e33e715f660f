/**
 * What a framer finds in a window whose records are not the window's own bytes: their content is joined or unescaped,
 * piece by piece, in a buffer of its own.
 */
import type { RecordHeader } from "../../../event/block.ts";
import type { Verdict } from "../../../event/event.ts";
import { Found, truncationOf } from "./found.ts";
import type { RecordPositions, Window } from "./framer.ts";

const content_bytes_min = 64 * 1024;

export class MadeFound extends Found {
  withheld: Set<number> | undefined = undefined;
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

  /** Where the record is that is being made. */
  get making(): { bytes: Buffer; start: number; end: number } {
    return { bytes: this.content, start: this.#start, end: this.#length };
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

  /** Notes what was made as no record, and why. */
  refuseMade(at: number, verdict: Verdict, header?: RecordHeader): void {
    this.verdicts ??= new Map();
    this.verdicts.set(this.count, verdict);
    this.finish(at, header);
  }

  /** Notes what was made as no record, and gives out nothing of it but its length and hash. */
  withhold(at: number, verdict: Verdict, header?: RecordHeader): void {
    this.truncations ??= new Map();
    this.truncations.set(this.count, truncationOf(this.content, this.#start, this.#length));
    this.withheld ??= new Set();
    this.withheld.add(this.count);
    this.discard();
    this.refuseMade(at, verdict, header);
  }

  /** Takes this byte off the end of what is being made, if that is its last. */
  dropLast(byte: number): void {
    if (this.#length > this.#start && this.content[this.#length - 1] === byte) this.#length -= 1;
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
