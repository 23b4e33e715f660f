/**
 * How long a server has answered nothing: another one may do better, where this one has lost its way to the others. It is asked for
 * longer each time, since it may be that nobody could answer.
 */
import type { Clock } from "../clock.ts";

const patience_ms_min = 20_000;
const patience_ms_max = 300_000;

export class Silence {
  readonly #clock: Pick<Clock, "monotonic">;
  #since_ms: number | undefined;
  #patience_ms = patience_ms_min;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  answered(): void {
    this.#since_ms = undefined;
    this.#patience_ms = patience_ms_min;
  }

  /** Whether that has lasted too long; then it begins again. */
  unanswered(): boolean {
    const now_ms = this.#clock.monotonic();
    this.#since_ms ??= now_ms;
    if (now_ms - this.#since_ms < this.#patience_ms) return false;
    this.#since_ms = undefined;
    this.#patience_ms = Math.min(this.#patience_ms * 2, patience_ms_max);
    return true;
  }
}
