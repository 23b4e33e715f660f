/** The scan for fingerprints, byte by byte: where WebAssembly is not to be had. */
import { fold, folds } from "./fingerprints.ts";
import { slotOf, slots } from "./slots.ts";

/** Scans bytes for fingerprints. */
export interface Scan {
  /** Makes these bytes the ones that are scanned. */
  load(bytes: Buffer, start: number, end: number): void;
  /** Where the next fingerprint may stand, from `from` on; -1 for nowhere. Some that it gives are none. */
  next(from: number): number;
}

export class ByteScan implements Scan {
  readonly #slots: Uint8Array;
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;

  constructor(keys: readonly number[]) {
    this.#slots = slots(keys);
  }

  load(bytes: Buffer, _start: number, end: number): void {
    this.#bytes = bytes;
    this.#end = end;
  }

  next(from: number): number {
    const [bytes, table, end] = [this.#bytes, this.#slots, this.#end];
    if (from + 4 > end) return -1;
    // The bytes come in one by one at the high end, as in a number that is read with its low byte first.
    let key = (bytes[from]! << 8) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 24) | folds;
    for (let at = from + 3; at < end; at += 1) {
      key = (key >>> 8) | ((bytes[at]! | fold) << 24);
      if (table[slotOf(key)] === 1) return at - 3;
    }
    return -1;
  }
}
