/**
 * What the buffers of an agent may have in memory together: with many inputs and outputs, as much as one alone may have would be too
 * much for each of them.
 */
const KiB = 1024;
const MiB = 1024 * KiB;
/** Of one buffer, while there is room for all. */
const own_bytes_max = 2 * MiB;
/** Of one buffer, whatever the others have: so that none can hold up another. */
const own_bytes_min = 64 * KiB;
const all_bytes_max = 4 * MiB;
/** Of what is written and synced at once, where they are many. */
const portion_bytes_min = 112 * KiB;

export interface RoomOptions {
  readonly own_bytes_max: number;
  readonly own_bytes_min: number;
  readonly all_bytes_max: number;
}

/** One who waits until there is room. */
interface Waiting {
  look(): void;
}

export class BufferRoom {
  readonly #buffers: () => number;
  readonly #options: RoomOptions;
  readonly #waiting = new Set<Waiting>();
  #bytes = 0;

  /** `buffers` says how many share it. */
  constructor(
    buffers: () => number,
    options: RoomOptions = { own_bytes_max, own_bytes_min, all_bytes_max },
  ) {
    this.#buffers = buffers;
    this.#options = options;
  }

  /** As much as a buffer may write at once, so that there is room for all of them to do so. */
  get portion_bytes_max(): number {
    return Math.max(portion_bytes_min, this.#options.all_bytes_max / Math.max(1, this.#buffers()));
  }

  /** Whether a buffer that has so many bytes has to wait. */
  isFull(own_bytes: number): boolean {
    const { own_bytes_max: most, own_bytes_min: least, all_bytes_max: all } = this.#options;
    return own_bytes >= most || (own_bytes >= least && this.#bytes >= all);
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Bytes are in memory no more: whoever waits looks again. */
  remove(bytes: number): void {
    this.#bytes -= bytes;
    for (const each of this.#waiting) each.look();
  }

  /** Has it look whenever there is more room, until it says that it waits no more. */
  wait(waiting: Waiting): void {
    this.#waiting.add(waiting);
  }

  waitNoMore(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }
}

/** What one buffer can have read from its input, or from its journal, before its output takes it. */
export const buffer_held_bytes_max = 2 * own_bytes_max;
