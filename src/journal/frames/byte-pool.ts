/**
 * Buffers that are used again and again, as fresh ones cost page faults: for deliveries, and for what is read.
 */

const KiB = 1024;
const smallest_bytes = 16 * KiB;
/** A larger buffer is rare and not kept. */
const kept_bytes_max = 2048 * KiB;
/** What all buffers that wait for their next use may hold. */
const pool_bytes_max = 4 * kept_bytes_max;
/** What journals read at a time: all together, and each of them. */
const pieces_bytes_max = 4096 * KiB;
const piece_bytes_min = 64 * KiB;
const piece_bytes_max = 256 * KiB;

export class BytePool {
  /** The largest last. */
  readonly #free: Buffer[] = [];
  #free_bytes = 0;
  #users = 0;

  /** Says that one more journal reads with it. */
  join(): void {
    this.#users += 1;
  }

  /** How much a journal reads at a time: with many of them less, since each may have to keep what it has read. */
  get piece_bytes(): number {
    const share = pieces_bytes_max / Math.max(1, this.#users);
    return Math.max(piece_bytes_min, Math.min(piece_bytes_max, Math.floor(share)));
  }

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
