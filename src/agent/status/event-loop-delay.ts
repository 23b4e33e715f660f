/**
 * How much later than asked for the event loop comes round: looked at ten times a second.
 */
import type { Clock } from "../../platform/clock.ts";
import { Histogram } from "../../platform/histogram.ts";

const interval_ms = 100;
const bounds_s = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
/** The most is known of this long, and of what went before it in the same steps. */
const window_ms = 15_000;

export class EventLoopDelay {
  /** Seconds. */
  readonly histogram = new Histogram(bounds_s);
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #window_began_ms: number;
  #most_now_s = 0;
  #most_before_s = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#window_began_ms = clock.monotonic();
    this.#running = this.#run();
  }

  /** The most of the last 15 to 30 seconds. */
  get recent_seconds_max(): number {
    return Math.max(this.#most_now_s, this.#most_before_s);
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const stop = this.#stopping.signal;
    while (!stop.aborted) {
      const began_ms = this.#clock.monotonic();
      await this.#clock.sleep(interval_ms, stop);
      if (!stop.aborted) this.#note(Math.max(0, this.#clock.monotonic() - began_ms - interval_ms));
    }
  }

  #note(delay_ms: number): void {
    const delay_s = delay_ms / 1000;
    this.histogram.add(delay_s, 1);
    const now_ms = this.#clock.monotonic();
    if (now_ms - this.#window_began_ms >= window_ms) {
      this.#window_began_ms = now_ms;
      this.#most_before_s = this.#most_now_s;
      this.#most_now_s = 0;
    }
    this.#most_now_s = Math.max(this.#most_now_s, delay_s);
  }
}
