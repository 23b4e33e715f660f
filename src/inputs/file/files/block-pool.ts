/**
 * Buffers for blocks, used again and again: a block's bytes and the positions of its records.
 *
 * Two are in use at a time (one block is processed while the next is read). More are made when a consumer
 * keeps its blocks, which its backpressure bounds, and at most `slots_kept_max` wait for their next use.
 */

/**
 * Bytes read at a time, where a framing does not need more. More of them push each other out of a processor's cache, and fewer
 * cost more than they gain.
 */
export const chunk_bytes = 256 * 1024;

/**
 * Bytes before a read's offset that are read again, to see that they are still what was read before. Enough for whole
 * records, as the ends of records are often the same.
 */
export const overlap_bytes_max = 4096;

/** Records in a block. A chunk of shorter lines becomes several blocks. */
const records_max = 16 * 1024;
const slots_kept_max = 4;

export interface Slot {
  readonly bytes: Buffer;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly event_bytes_max: number;
}

export class BlockPool {
  readonly #event_bytes_max: number;
  /** Bytes read at a time. */
  readonly chunk_bytes: number;
  readonly #free: Slot[] = [];

  /** `window_bytes`: see Framer. */
  constructor(event_bytes_max: number, window_bytes = 0) {
    this.#event_bytes_max = event_bytes_max;
    this.chunk_bytes = Math.max(chunk_bytes, window_bytes);
  }

  take(): Slot {
    return (
      this.#free.pop() ?? {
        bytes: Buffer.allocUnsafeSlow(this.chunk_bytes + overlap_bytes_max),
        starts: new Int32Array(records_max),
        ends: new Int32Array(records_max),
        event_bytes_max: this.#event_bytes_max,
      }
    );
  }

  /** Takes a slot back. Give it once only: a slot given twice would be lent to two blocks at once. */
  give(slot: Slot): void {
    if (this.#free.length < slots_kept_max) this.#free.push(slot);
  }

  /** The call with which a block gives its slot back, however often it is called. */
  releaseOf(slot: Slot): () => void {
    let lent = true;
    return () => {
      if (lent) this.give(slot);
      lent = false;
    };
  }
}
