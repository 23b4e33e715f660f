/** The buffers that batches are filled in. */

/** Batch buffers that are used again, as a new one costs its page faults. Outputs whose batches have the same size share one. */
export class BufferPool {
  readonly bytes: number;
  #spare_max: number;
  readonly #spare: Buffer[] = [];

  constructor(bytes: number, spare_max = 0) {
    this.bytes = bytes;
    this.#spare_max = spare_max;
  }

  /** Has it keep at least so many for their next use. */
  keep(spare_max: number): void {
    this.#spare_max = Math.max(this.#spare_max, spare_max);
  }

  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.bytes);
  }

  giveBack(buffer: Buffer): void {
    if (buffer.length === this.bytes && this.#spare.length < this.#spare_max) {
      this.#spare.push(buffer);
    }
  }
}

/** A pool for each size of batches. */
export class BufferPools {
  readonly #pools = new Map<number, BufferPool>();

  of(bytes: number): BufferPool {
    const pool = this.#pools.get(bytes) ?? new BufferPool(bytes);
    this.#pools.set(bytes, pool);
    return pool;
  }
}
