/**
 * The bytes of one record, and what scans have found out about them.
 *
 * One scan checks the record and finds all that the chain's steps look for. Of a large record that may take long, so whoever only
 * wants to know whether it is JSON, and its time, has it scanned for no more than that.
 */
import { type Invalid, UnreadableError } from "./event.ts";
import type { Walker } from "./scan/walker.ts";
import type { Scanner } from "./scanner.ts";

/** Records that are longer are large: what is done with one of them may take long. */
export const large_bytes = 32_768;

export class RecordBytes {
  readonly #scanner: Scanner;
  bytes: Buffer;
  start: number;
  end: number;
  /** The walker's generation when it scanned these bytes; -1 before. */
  #generation = -1;
  /** The same of the outline. */
  #outline_generation = -1;
  /** Known after a scan of either kind. */
  #invalid: Invalid | undefined = undefined;

  constructor(scanner: Scanner, bytes: Buffer, start: number, end: number) {
    this.#scanner = scanner;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  get invalid(): Invalid | undefined {
    if (this.#generation < 0 && this.#outline_generation < 0) {
      if (this.end - this.start > large_bytes) this.#scanOutline();
      else this.scan();
    }
    return this.#invalid;
  }

  /** Throws an UnreadableError where the record is not JSON. */
  assertReadable(): void {
    const { invalid } = this;
    if (invalid === undefined) return;
    throw new UnreadableError(`the event is not JSON: ${invalid.reason} at byte ${invalid.byte}`);
  }

  /** Other bytes, all of which are the record. */
  take(bytes: Buffer): void {
    this.bytes = bytes;
    this.start = 0;
    this.end = bytes.length;
    this.#generation = -1;
    this.#outline_generation = -1;
    this.#invalid = undefined;
  }

  /** Whether the walker's spans are those of this record. */
  get is_scanned(): boolean {
    return this.#generation === this.#scanner.walker.generation;
  }

  scan(): void {
    const { walker } = this.#scanner;
    this.#invalid = walker.scan(this.bytes, this.start, this.end);
    this.#generation = walker.generation;
  }

  /** The walker that has the spans of the chain's path of that number, after a scan where one is due. */
  scannedFor(number: number): Walker {
    const { walker } = this.#scanner;
    if (this.is_scanned) return walker;
    const { outline } = this.#scanner;
    if (this.end - this.start > large_bytes && number < outline.paths.length) {
      if (this.#outline_generation !== outline.generation) this.#scanOutline();
      return outline;
    }
    this.scan();
    return walker;
  }

  #scanOutline(): void {
    const { outline } = this.#scanner;
    this.#invalid = outline.scan(this.bytes, this.start, this.end);
    this.#outline_generation = outline.generation;
  }
}
