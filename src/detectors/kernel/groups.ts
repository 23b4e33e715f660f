/**
 * The six tables of the scan: for each half of a byte, in which of eight groups it can be the half of a fingerprint's first,
 * second or third byte. The closer the fingerprints of a group are to one another, the fewer places pass that are none.
 */
import { fold } from "../scan/fingerprints.ts";

const group_count = 8;
const table_bytes = 16;
/** How many bytes of a fingerprint the tables know. */
const known_bytes = 3;

/** The tables one behind the other, as the module's memory begins: low halves and high halves for each of the three bytes. */
export function groupTables(keys: readonly number[]): Uint8Array {
  const tables = new Uint8Array(2 * known_bytes * table_bytes);
  const starts = [...new Set(keys.map((key) => key & 0xffffff))];
  starts.sort((a, b) => orderOf(a) - orderOf(b));
  starts.forEach((start, index) => {
    const group = 1 << Math.floor((index * group_count) / starts.length);
    for (let byte = 0; byte < known_bytes; byte += 1) {
      const folded = (start >>> (8 * byte)) & 0xff;
      // Both bytes that fold to it.
      for (const each of [folded, folded & ~fold]) {
        const table = 2 * byte * table_bytes;
        tables[table + (each & 15)]! |= group;
        tables[table + table_bytes + (each >>> 4)]! |= group;
      }
    }
  });
  return tables;
}

/** By the first byte, then by the third: of the orders that were tried, with this one the fewest places pass. */
function orderOf(start: number): number {
  const [first, second, third] = [start & 0xff, (start >>> 8) & 0xff, start >>> 16];
  return (first << 16) | (third << 8) | second;
}
