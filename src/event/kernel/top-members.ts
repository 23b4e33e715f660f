/**
 * Reads records of which nothing is wanted but members at the top, by the kernel. It leaves alone those that the kernel is not
 * sure of, and for a while all records where those are many, so that hardly any is looked at twice.
 */
import { type JsonKernel, jsonKernel, origin, row_places, row_words } from "./json-kernel.ts";

/** Where the values are noted: the walker's table. */
export interface ValueTable {
  open(paths: readonly number[], member: number, start: number): number;
  close(row: number, count: number, end: number, plain: number): void;
}

/** A wanted key, and the numbers of the paths that it is. */
interface WantedKey {
  readonly bytes: Buffer;
  readonly numbers: number[];
}

/** So many more unsure than sure ones, and that many records go by without a look. */
const doubts_max = 16;
const records_passed = 1024;

export class TopMembers {
  readonly #keys: WantedKey[] = [];
  /** Bit (n mod 32) is set when a key has n bytes. */
  #lengths = 0;
  #kernel: JsonKernel | undefined;
  #doubts = 0;
  /** Records that are still to be passed. */
  #passed = 0;
  #is_started = false;

  /** The paths' numbers are their places in the list. */
  constructor(keys: readonly string[]) {
    for (const [number, key] of keys.entries()) {
      const bytes = Buffer.from(key);
      const known = this.#keys.find((each) => each.bytes.equals(bytes));
      if (known !== undefined) known.numbers.push(number);
      else this.#keys.push({ bytes, numbers: [number] });
      this.#lengths |= 1 << bytes.length;
    }
  }

  /** Whether `bytes[start, end)` is JSON for sure; notes the wanted values then. */
  read(bytes: Buffer, start: number, end: number, values: ValueTable): boolean {
    if (this.#passed > 0) {
      this.#passed -= 1;
      return false;
    }
    if (!this.#is_started) {
      this.#is_started = true;
      this.#kernel = jsonKernel();
    }
    const kernel = this.#kernel;
    if (kernel === undefined) return false;
    const words = kernel.check(bytes, start, end, this.#lengths);
    if (words < 0) {
      this.#doubt();
      return false;
    }
    if (this.#doubts > 0) this.#doubts -= 1;
    for (let row = 0; row < words; row += row_words) {
      this.#note(kernel.rows, row, { bytes, start, values });
    }
    return true;
  }

  #doubt(): void {
    this.#doubts += 1;
    if (this.#doubts < doubts_max) return;
    this.#doubts = doubts_max >> 1;
    this.#passed = records_passed;
  }

  #note(
    rows: Int32Array,
    row: number,
    record: { bytes: Buffer; start: number; values: ValueTable },
  ): void {
    const { bytes, start, values } = record;
    const offset = start - origin;
    const member = rows[row + row_places.key_start]! + offset;
    const key_end = rows[row + row_places.key_end]! + offset;
    for (const { bytes: key, numbers } of this.#keys) {
      if (key.length !== key_end - member - 2 || !isAt(key, bytes, member + 1)) continue;
      const opened = values.open(numbers, member, rows[row + row_places.start]! + offset);
      const end = rows[row + row_places.end]! + offset;
      values.close(opened, numbers.length, end, rows[row + row_places.plain]!);
      return;
    }
  }
}

function isAt(key: Buffer, bytes: Buffer, at: number): boolean {
  for (let byte = 0; byte < key.length; byte += 1) if (bytes[at + byte] !== key[byte]) return false;
  return true;
}
