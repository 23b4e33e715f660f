/**
 * The first look at a record of whose members only some at the top are wanted: WebAssembly proves most records to be JSON in a
 * fraction of the walker's time. What it is not sure of is the walker's to decide, who knows all of JSON.
 */
import { instantiate } from "../../platform/webassembly/engine.ts";
import { byteClasses } from "./bytes.ts";
import {
  moduleBytes,
  row_places,
  row_words,
  rows_address,
  window_address,
  window_bytes,
} from "./module.ts";

type Check = (end: number, lengths: number) => number;

export class JsonKernel {
  /** Of each member at the top whose key has a wanted length, `row_words` words: see `row_places`. */
  readonly rows: Int32Array;
  readonly #check: Check;
  readonly #window: Buffer;

  /** Throws where the process cannot run it. */
  constructor() {
    const { check, memory } = instantiate<{ readonly check: Check }>(moduleBytes());
    new Uint8Array(memory.buffer).set(byteClasses());
    this.rows = new Int32Array(memory.buffer, rows_address, (window_address - rows_address) >> 2);
    this.#window = Buffer.from(memory.buffer, window_address);
    this.#check = check;
  }

  /**
   * Whether `bytes[start, end)` is JSON: how many words of rows there are then, with places from the record's start on; -1 where it
   * cannot tell. Bit (n mod 32) of `lengths` is set where keys of n bytes are wanted.
   */
  check(bytes: Buffer, start: number, end: number, lengths: number): number {
    const length = end - start;
    if (length > window_bytes) return -1;
    bytes.copy(this.#window, 0, start, end);
    this.#window[length] = 0;
    const found = this.#check(window_address + length, lengths);
    return found < 0 ? -1 : found >> 2;
  }
}

export const origin = window_address;
export { row_places, row_words };

/** One kernel for all: nothing of a record is kept beyond the call. */
class SharedKernel {
  #kernel: JsonKernel | undefined = undefined;
  #is_missing = false;

  get kernel(): JsonKernel | undefined {
    if (this.#kernel !== undefined || this.#is_missing) return this.#kernel;
    try {
      this.#kernel = new JsonKernel();
    } catch {
      // Without WebAssembly (`--jitless`), or on a processor without vectors.
      this.#is_missing = true;
    }
    return this.#kernel;
  }
}

const shared = new SharedKernel();

/** Undefined where the process cannot run it. */
export function jsonKernel(): JsonKernel | undefined {
  return shared.kernel;
}
