/** The scan for fingerprints in WebAssembly, 16 bytes at a time. The bytes are copied into its memory window by window. */
import { ByteScan, type Scan } from "../scan/byte-scan.ts";
import { fingerprint_bytes } from "../scan/fingerprints.ts";
import { keyTable } from "../scan/key-table.ts";
import { groupTables } from "./groups.ts";
import { keys_address, moduleBytes, window_address, window_bytes } from "./module.ts";

/** What is used of WebAssembly; the types of Node leave it to those of browsers. */
interface Engine {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => {
    readonly exports: { readonly memory: { readonly buffer: ArrayBuffer }; readonly next: Next };
  };
}

type Next = (from: number, end: number, factor: number) => number;

export class VectorScan implements Scan {
  readonly #next: Next;
  readonly #window: Buffer;
  readonly #factor: number;
  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;
  /** Which of the bytes are in the window. */
  #window_start = 0;
  #window_end = 0;

  constructor(keys: readonly number[]) {
    const { Instance, Module } = (globalThis as unknown as { WebAssembly: Engine }).WebAssembly;
    const { exports } = new Instance(new Module(moduleBytes()));
    const memory = exports.memory.buffer;
    const table = keyTable(keys);
    new Uint8Array(memory).set(groupTables(keys));
    new Int32Array(memory, keys_address).set(table.keys);
    this.#next = exports.next;
    this.#window = Buffer.from(memory, window_address);
    this.#factor = table.factor;
  }

  load(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#end = end;
    this.#fill(start);
  }

  #fill(start: number): void {
    this.#window_start = start;
    this.#window_end = Math.min(this.#end, start + window_bytes);
    this.#bytes.copy(this.#window, 0, start, this.#window_end);
  }

  next(from: number, to = this.#end): number {
    for (let at = from; ; at = this.#window_start) {
      const offset = window_address - this.#window_start;
      const end = Math.min(this.#window_end, to);
      const place = this.#next(at + offset, end + offset, this.#factor);
      if (place >= 0) return place - offset;
      if (end === to) return -1;
      // A fingerprint can stand across the end of the window.
      this.#fill(Math.max(this.#window_end - fingerprint_bytes + 1, from));
    }
  }
}

/** The scan that this process can have: some run without WebAssembly (`--jitless`), or on processors without vectors. */
export function fastestScan(keys: readonly number[]): Scan {
  try {
    return new VectorScan(keys);
  } catch {
    return new ByteScan(keys);
  }
}
