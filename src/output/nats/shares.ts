/**
 * How the places for what is not confirmed are shared: an input may have so many times as much as is free. So inputs whose batches are
 * not confirmed, however many they are, leave something free for the others, and one that is alone may still have most of it.
 */

/** Of four parts, one that nobody else needs may have three. */
const times_free = 3;

export class Shares {
  readonly #bytes_max: number;
  /** Of all inputs. */
  #bytes = 0;
  /** By input, of those that have any. */
  readonly #held = new Map<string, number>();
  /** By input: what `room` gave. */
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();

  constructor(bytes_max: number) {
    this.#bytes_max = bytes_max;
  }

  /** Counts bytes of the input that are not confirmed. */
  take(input: string, bytes: number): void {
    this.#count(input, bytes);
  }

  /** Counts them no more. */
  giveBack(input: string, bytes: number): void {
    this.#count(input, -bytes);
  }

  /** Undefined while the input may have more; else a promise for when it may. */
  room(input: string): Promise<void> | undefined {
    if (this.#hasRoom(input)) return undefined;
    const waiting = this.#waiting.get(input) ?? Promise.withResolvers<void>();
    this.#waiting.set(input, waiting);
    return waiting.promise;
  }

  /** Wakes whoever may have more, or everybody. */
  wake(whom: "those_with_room" | "all"): void {
    for (const [input, { resolve }] of this.#waiting) {
      if (whom === "those_with_room" && !this.#hasRoom(input)) continue;
      this.#waiting.delete(input);
      resolve();
    }
  }

  /** One that has nothing may have a block, also where others have taken more at once than there is. */
  #hasRoom(input: string): boolean {
    const held = this.#held.get(input) ?? 0;
    return held === 0 || held < times_free * (this.#bytes_max - this.#bytes);
  }

  #count(input: string, bytes: number): void {
    const held = (this.#held.get(input) ?? 0) + bytes;
    this.#bytes += bytes;
    if (held === 0) this.#held.delete(input);
    else this.#held.set(input, held);
  }
}
