/**
 * Datagrams that were read and not given on: in one buffer, that has room for one more of any size until it is full.
 */
import { readSync } from "node:fs";
import { datagram_bytes_max } from "./batch.ts";

/** What makes one delivery: enough that a sync of the journal is shared by many. */
const bytes_max = 256 * 1024;
const datagrams_max = 8192;

export class GatheredDatagrams {
  // Only what is written of it is memory in use.
  readonly #bytes = Buffer.allocUnsafeSlow(bytes_max + datagram_bytes_max);
  readonly #ends = new Int32Array(datagrams_max);
  #count = 0;
  #length = 0;

  get is_empty(): boolean {
    return this.#count === 0;
  }

  get is_full(): boolean {
    return this.#count === datagrams_max || this.#length >= bytes_max;
  }

  /** Reads from a descriptor that does not block until nothing is there, or this is full. Returns how many it read. */
  fill(fd: number): number {
    const before = this.#count;
    while (!this.is_full) {
      const bytes = readOne(fd, this.#bytes, this.#length);
      if (bytes === undefined) break;
      this.#length += bytes;
      this.#ends[this.#count] = this.#length;
      this.#count += 1;
    }
    return this.#count - before;
  }

  /** Gives all of them, in buffers of their own, and is empty again. */
  take(): { bytes: ArrayBuffer; ends: Int32Array<ArrayBuffer> } {
    const { buffer, byteOffset } = this.#bytes;
    const bytes = buffer.slice(byteOffset, byteOffset + this.#length);
    const ends = this.#ends.slice(0, this.#count);
    this.#count = 0;
    this.#length = 0;
    return { bytes, ends };
  }
}

/** The bytes of the next datagram, that may be 0; undefined where none is there. */
function readOne(fd: number, buffer: Buffer, at: number): number | undefined {
  try {
    return readSync(fd, buffer, at, datagram_bytes_max, null);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "EAGAIN" || code === "EINTR") return undefined;
    throw cause;
  }
}
