/** The scan for fingerprints, byte by byte: where WebAssembly is not to be had. */
import { fold, folds } from "./fingerprints.ts";
import { bucket_shift, type KeyTable, keyTable } from "./key-table.ts";

/** Scans bytes for fingerprints. */
export interface Scan {
  /** Makes these bytes the ones that are scanned. */
  load(bytes: Buffer, start: number, end: number): void;
  /** Where the next fingerprint stands in whole from `from` on, before `to` or the end of what was loaded; -1 for nowhere. */
  next(from: number, to?: number): number;
}

export class ByteScan implements Scan {
  readonly #table: KeyTable;
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;

  constructor(keys: readonly number[]) {
    this.#table = keyTable(keys);
  }

  load(bytes: Buffer, _start: number, end: number): void {
    this.#bytes = bytes;
    this.#end = end;
  }

  next(from: number, to = this.#end): number {
    const bytes = this.#bytes;
    const { keys, factor } = this.#table;
    if (from + 4 > to) return -1;
    // The bytes come in one by one at the high end, as in a number that is read with its low byte first.
    let key = (bytes[from]! << 8) | (bytes[from + 1]! << 16) | (bytes[from + 2]! << 24) | folds;
    for (let at = from + 3; at < to; at += 1) {
      key = (key >>> 8) | ((bytes[at]! | fold) << 24);
      const bucket = 2 * (Math.imul(key, factor) >>> bucket_shift);
      if (keys[bucket] === key || keys[bucket + 1] === key) return at - 3;
    }
    return -1;
  }
}
