/** A table that says of most fingerprints that they are none: a byte for each value of a hash. */

const slot_bits = 13;
/** How many bytes the table has. */
export const slot_count = 1 << slot_bits;
/** The hash is the upper bits of the product. */
export const slot_factor = 0x9e3779b1;
export const slot_shift = 32 - slot_bits;

export function slotOf(key: number): number {
  return Math.imul(key, slot_factor) >>> slot_shift;
}

/** The table for these fingerprints. */
export function slots(keys: readonly number[]): Uint8Array {
  const table = new Uint8Array(slot_count);
  for (const key of keys) table[slotOf(key)] = 1;
  return table;
}
