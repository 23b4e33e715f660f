/**
 * How long one turn of the event loop may go on with events: what is slow to redact comes in small events, too.
 *
 * The clock is looked at once for so many bytes, so that it costs ordinary events nothing.
 */
import { type Clock, systemClock } from "../../platform/clock.ts";

/** Hostile text of so many bytes takes some milliseconds. */
const look_bytes = 16_384;
const turn_ms_max = 10;

export class Turn {
  readonly #clock: Clock;
  #began_ms: number;
  #bytes = 0;
  /** Once it has gone on for long enough: resolves when others have had their turn. */
  end: Promise<void> | undefined = undefined;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#began_ms = clock.monotonic();
  }

  /** Comes after each event, with the length of its record. */
  count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < look_bytes) return;
    this.#bytes = 0;
    const now_ms = this.#clock.monotonic();
    if (now_ms - this.#began_ms < turn_ms_max) return;
    this.end = this.#clock.sleep(0);
  }

  /** Begins the next turn. */
  begin(): void {
    this.#began_ms = this.#clock.monotonic();
    this.end = undefined;
  }
}
