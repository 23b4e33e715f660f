/**
 * The memory in which the streams of one input are gathered. While it is used up, a stream that holds more than
 * its share is not read on.
 *
 * What is delivered frees memory by itself. Unfinished lines do not, and streams that each hold a part of a long
 * one would wait for each other forever. So one of them at a time is favoured: it may go on beyond the limit, and
 * where it does not come to its line's end in good time, it is cut off.
 */
import type { Clock, Timer } from "../../platform/clock.ts";

/** A stream that holds an unfinished line. */
export interface MemoryUser {
  /** There may be memory again. */
  proceed(): void;
  /** Must give up its unfinished line. */
  cutOff(): void;
}

/** How long the favoured stream has for what is left of its line. */
const patience_ms = 10_000;

export class GatherMemory {
  readonly #bytes_max: number;
  readonly #clock: Clock;
  readonly #waiting = new Set<MemoryUser>();
  #favoured: { user: MemoryUser; timer: Timer } | undefined;
  #used_bytes = 0;

  constructor(bytes_max: number, clock: Clock) {
    this.#bytes_max = bytes_max;
    this.#clock = clock;
  }

  get used_bytes(): number {
    return this.#used_bytes;
  }

  get is_full(): boolean {
    return this.#used_bytes >= this.#bytes_max;
  }

  /** Says that somebody holds so many bytes more, or less. */
  change(bytes: number): void {
    this.#used_bytes += bytes;
    if (bytes >= 0 || this.is_full) return;
    this.#endFavour();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const user of waiting) user.proceed();
  }

  /** Whether the user may gather more of its line now; if not, it is notified when. */
  admits(user: MemoryUser): boolean {
    if (!this.is_full) return true;
    this.#favoured ??= this.#favour(user);
    if (this.#favoured.user === user) return true;
    this.#waiting.add(user);
    return false;
  }

  /** Says that the user waits no more, nor needs favour. */
  leave(user: MemoryUser): void {
    this.#waiting.delete(user);
    if (this.#favoured?.user !== user) return;
    this.#endFavour();
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    next.proceed();
  }

  #favour(user: MemoryUser): { user: MemoryUser; timer: Timer } {
    return { user, timer: this.#clock.after(patience_ms, () => user.cutOff()) };
  }

  #endFavour(): void {
    this.#favoured?.timer.cancel();
    this.#favoured = undefined;
  }
}
