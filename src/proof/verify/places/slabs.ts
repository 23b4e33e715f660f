/**
 * Memory for the texts of events, in slabs that are used again when nobody needs a text in them any more. To leave them to V8's collector,
 * which comes late, would take some hundred megabytes.
 */
import { viewOf } from "../reading/text-room.ts";

const slab_bytes = 256 * 1024;
/** Longer texts are not made in a slab, but copied into one of their own. */
export const made_bytes_max = slab_bytes / 4;
/** So many slabs that nobody uses are kept. */
const spare_max = 16;

export class Slab {
  readonly bytes: Buffer;
  readonly view: DataView;
  used = 0;
  /** How many of its texts are needed. */
  needed = 0;

  constructor(length: number) {
    this.bytes = Buffer.allocUnsafeSlow(length);
    this.view = viewOf(this.bytes);
  }
}

export class Slabs {
  #current = new Slab(slab_bytes);
  readonly #spare: Slab[] = [];
  #used_bytes = slab_bytes;

  /** How much memory texts hold that are needed. */
  get used_bytes(): number {
    return this.#used_bytes;
  }

  /** A slab with that much room. */
  withRoom(length: number): Slab {
    if (length > slab_bytes) return this.#taken(new Slab(length));
    const current = this.#current;
    if (current.used + length <= slab_bytes) return current;
    this.#current = this.#taken(this.#spare.pop() ?? new Slab(slab_bytes));
    if (current.needed === 0) this.#giveBack(current);
    return this.#current;
  }

  /** One of the texts in it is not needed any more. */
  release(slab: Slab): void {
    slab.needed -= 1;
    if (slab.needed === 0 && slab !== this.#current) this.#giveBack(slab);
  }

  #taken(slab: Slab): Slab {
    this.#used_bytes += slab.bytes.length;
    return slab;
  }

  #giveBack(slab: Slab): void {
    this.#used_bytes -= slab.bytes.length;
    slab.used = 0;
    if (slab.bytes.length === slab_bytes && this.#spare.length < spare_max) this.#spare.push(slab);
  }
}

/** Keeps a text in the slab, which has room for it. Gives where it begins there: nothing is copied where it was made there. */
export function keepText(
  slab: Slab,
  { bytes, start: text_start, end }: { bytes: Buffer; start: number; end: number },
): number {
  const start = slab.used;
  if (bytes !== slab.bytes || text_start !== start) bytes.copy(slab.bytes, start, text_start, end);
  slab.used = start + end - text_start;
  slab.needed += 1;
  return start;
}
