/**
 * The fingerprints in a table in which two places are looked at for each: few enough bytes to stay in the processor's cache,
 * and what it says is right.
 */

/** 2^11 buckets of two fingerprints of four bytes: 16 KB. */
const bucket_bits = 11;
export const bucket_count = 1 << bucket_bits;
/** The hash is the upper bits of the product. */
export const bucket_shift = 32 - bucket_bits;

/** No fingerprint, since a folded byte is never 0. */
const nothing = 0;

/** Fingerprints by their hash. */
export interface KeyTable {
  /** Buckets of two. */
  readonly keys: Int32Array;
  /** With which no bucket has more than two. */
  readonly factor: number;
}

/** How many factors are tried; with 1000 fingerprints one of three works. */
const attempts_max = 10_000;

/** The table for these fingerprints. */
export function keyTable(keys: readonly number[]): KeyTable {
  // Odd numbers, far from one another.
  let factor = 0x9e3779b1 | 0;
  for (let attempt = 0; attempt < attempts_max; attempt += 1) {
    const table = tryTable(keys, factor);
    if (table !== undefined) return { keys: table, factor };
    factor = (Math.imul(factor, 0x2c1b3c6d) + 0x297a2d3a) | 1;
  }
  throw new Error(`${keys.length} fingerprints do not fit into the table`);
}

function tryTable(keys: readonly number[], factor: number): Int32Array | undefined {
  const table = new Int32Array(2 * bucket_count);
  for (const key of keys) {
    const first = 2 * (Math.imul(key, factor) >>> bucket_shift);
    if (table[first] === nothing) table[first] = key;
    else if (table[first + 1] === nothing) table[first + 1] = key;
    else return undefined;
  }
  return table;
}
