/**
 * Bounds the time of the checks, each and all together, so that an end comes even where everything hangs.
 */
import type { Clock } from "../../platform/clock.ts";

export class Bounds {
  readonly #clock: Clock;
  readonly #end_ms: number;
  /** Calls that were given up on, and have not come back. */
  #hanging = 0;

  constructor(clock: Clock, total_ms: number) {
    this.#clock = clock;
    this.#end_ms = clock.monotonic() + total_ms;
  }

  /** What is left of the time for all, but no more than `limit_ms`. */
  within(limit_ms: number): number {
    return Math.max(0, Math.min(limit_ms, this.#end_ms - this.#clock.monotonic()));
  }

  get over(): boolean {
    return this.within(1) === 0;
  }

  /**
   * Whether something is still in progress that was given up on: a call to the system that does not return keeps a
   * process from its end.
   */
  get hanging(): boolean {
    return this.#hanging > 0;
  }

  /** What `work` gives, or "late" where that takes too long. */
  async bound<Result>(limit_ms: number, work: Promise<Result>): Promise<Result | "late"> {
    const { promise: late, resolve } = Promise.withResolvers<"late">();
    const stop = new AbortController();
    void this.#clock.sleep(this.within(limit_ms), stop.signal).then(() => resolve("late"));
    this.#hanging += 1;
    const settled = work.finally(() => {
      this.#hanging -= 1;
    });
    try {
      return await Promise.race([settled, late]);
    } finally {
      stop.abort();
      // Whoever comes late has nobody who waits for its error.
      settled.catch(() => undefined);
    }
  }
}
