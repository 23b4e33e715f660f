/**
 * Notices that nothing has come in over a stream for some time. It has one timer at a time, however much comes in.
 */
import type { Clock, Timer } from "../../platform/clock.ts";

export class QuietTimer {
  readonly #quiet_ms: number | undefined;
  readonly #clock: Clock;
  readonly #onQuiet: () => void;
  #timer: Timer | undefined;
  #received_at_ms = 0;

  /** Without a time it notices nothing. */
  constructor(quiet_ms: number | undefined, clock: Clock, onQuiet: () => void) {
    this.#quiet_ms = quiet_ms;
    this.#clock = clock;
    this.#onQuiet = onQuiet;
  }

  /** Says that something has come in. */
  received(): void {
    const quiet_ms = this.#quiet_ms;
    if (quiet_ms === undefined) return;
    this.#received_at_ms = this.#clock.monotonic();
    this.#timer ??= this.#clock.after(quiet_ms, () => this.#look(quiet_ms));
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(quiet_ms: number): void {
    this.#timer = undefined;
    const rest_ms = this.#received_at_ms + quiet_ms - this.#clock.monotonic();
    if (rest_ms > 0) this.#timer = this.#clock.after(rest_ms, () => this.#look(quiet_ms));
    else this.#onQuiet();
  }
}
