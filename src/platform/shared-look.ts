/**
 * A look at something that may hang, as files on a network do: never more than one is in progress, since each takes one of
 * the few threads that also read and sync, and nobody waits for it for long.
 */
import type { Clock } from "./clock.ts";
import { atMost } from "./patience.ts";

export class SharedLook<T> {
  readonly #look: () => Promise<T>;
  readonly #clock: Clock;
  #under_way: Promise<T> | undefined;

  constructor(look: () => Promise<T>, clock: Clock) {
    this.#look = look;
    this.#clock = clock;
  }

  /** What is seen; undefined where that takes longer than `wait_ms`. Rejects as the look does. */
  async take(wait_ms: number): Promise<T | undefined> {
    this.#under_way ??= this.#look().finally(() => (this.#under_way = undefined));
    return atMost(this.#under_way, wait_ms, this.#clock);
  }
}
