/**
 * Buffers that are used again and again, as fresh ones cost page faults: for deliveries, and for what is read.
 */

const KiB = 1024;
const smallest_bytes = 16 * KiB;
/** A larger buffer is rare and not kept. */
const kept_bytes_max = 2048 * KiB;
/** What all buffers that wait for their next use may hold. */
const pool_bytes_max = 8 * kept_bytes_max;

export class BytePool {
  /** The largest last. */
  readonly #free: Buffer[] = [];
  #free_bytes = 0;

  /** A buffer of at least `bytes_min`, with anything in it. */
  take(bytes_min: number): Buffer {
    const index = this.#free.findIndex((each) => each.length >= bytes_min);
    if (index === -1) return Buffer.allocUnsafeSlow(Math.max(bytes_min, smallest_bytes));
    const [bytes] = this.#free.splice(index, 1);
    this.#free_bytes -= bytes!.length;
    return bytes!;
  }

  /** Takes a buffer back. Give it once only. */
  give(bytes: Buffer): void {
    if (bytes.length > kept_bytes_max || this.#free_bytes + bytes.length > pool_bytes_max) return;
    const larger = this.#free.findIndex((each) => each.length >= bytes.length);
    this.#free.splice(larger === -1 ? this.#free.length : larger, 0, bytes);
    this.#free_bytes += bytes.length;
  }
}
