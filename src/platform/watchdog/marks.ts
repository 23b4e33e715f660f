/**
 * Where the main thread notes what it is about to do, in memory that the watchdog's thread sees even while the main thread
 * hangs. A note costs some 60 nanoseconds, most of it for the copy of the record.
 */

/** Of a longer record, this much is compared: enough to know it again. */
export const record_bytes_max = 64 * 1024;
const origin_bytes_max = 16 * 1024;

/** Where the numbers are. */
const cell = { progress: 0, activity: 1, origin_length: 2, record_length: 3 } as const;
const numbers_bytes = 16;
const offset_bytes = 8;

/** A record in its block. */
export interface MarkedRecord {
  readonly block: {
    readonly origin: { readonly input: string; readonly stream: string };
    readonly bytes: Buffer;
    readonly starts: Int32Array;
    readonly ends: Int32Array;
  };
  readonly number: number;
  /** Offset in its stream. */
  readonly offset: number;
}

/** What is known of the record that a step was given last. */
export interface SeenRecord {
  readonly input: string;
  readonly stream: string;
  readonly offset: number;
  /** Its length. */
  readonly bytes: number;
  /** Its first bytes, up to record_bytes_max. */
  readonly content: Buffer;
}

export class Marks {
  readonly memory: SharedArrayBuffer;
  readonly #cells: Int32Array;
  readonly #offset: Float64Array;
  readonly #origin: Buffer;
  readonly #record: Buffer;
  #last_origin: object | undefined;

  constructor(memory?: SharedArrayBuffer) {
    const head = numbers_bytes + offset_bytes;
    this.memory = memory ?? new SharedArrayBuffer(head + origin_bytes_max + record_bytes_max);
    this.#cells = new Int32Array(this.memory, 0, numbers_bytes / 4);
    this.#offset = new Float64Array(this.memory, numbers_bytes, 1);
    this.#origin = Buffer.from(this.memory, head, origin_bytes_max);
    this.#record = Buffer.from(this.memory, head + origin_bytes_max, record_bytes_max);
  }

  /** Grows while the main thread works. */
  get progress(): number {
    return Atomics.load(this.#cells, cell.progress);
  }

  /** The number of what it does; 0 for nothing that has one. */
  get activity(): number {
    return Atomics.load(this.#cells, cell.activity);
  }

  /** The main thread works. */
  beat(): void {
    this.#cells[cell.progress]! += 1;
  }

  /** Something begins, or ends with 0; gives what was in progress before. */
  begin(activity: number): number {
    const before = this.#cells[cell.activity]!;
    this.#cells[cell.progress]! += 1;
    this.#cells[cell.activity] = activity;
    return before;
  }

  /** A step is given a record. */
  beginRecord(activity: number, record: MarkedRecord): number {
    const { block, number } = record;
    if (block.origin !== this.#last_origin) this.#noteOrigin(block.origin);
    const start = block.starts[number]!;
    const end = block.ends[number]!;
    this.#cells[cell.record_length] = end - start;
    this.#offset[0] = record.offset;
    block.bytes.copy(this.#record, 0, start, Math.min(end, start + record_bytes_max));
    return this.begin(activity);
  }

  /** The record that a step was given last. It is whole where the main thread hangs in that step. */
  record(): SeenRecord {
    const text = this.#origin.toString("utf8", 0, this.#cells[cell.origin_length]);
    const [input = "", stream = ""] = text.split("\n", 2);
    const bytes = this.#cells[cell.record_length]!;
    const content = Buffer.from(this.#record.subarray(0, Math.min(bytes, record_bytes_max)));
    return { input, stream, offset: this.#offset[0]!, bytes, content };
  }

  #noteOrigin(origin: MarkedRecord["block"]["origin"]): void {
    this.#last_origin = origin;
    this.#cells[cell.origin_length] = this.#origin.write(`${origin.input}\n${origin.stream}`);
  }
}
