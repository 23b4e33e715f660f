/** Clocks for tests: some on which time passes faster than outside, and one that knows what still waits on it. */
import { onTestFinished } from "vitest";
import { systemClock, type Clock, type Timer } from "../../../src/platform/clock.ts";
import { ManualClock } from "./manual-clock.ts";

/** The most that passes outside from one turn of the event loop to the next. */
const turn_ms_max = 2;
/** The least from one time to the next on a clock that never says the same twice. */
const step_ms = 0.001;

/**
 * A clock on which a test can live through an hour's outage, until the test is over.
 *
 * It stands still while this process does not get to work, so that on a busy machine no request is given up that would
 * have been answered: what counts is how often the event loop has turned.
 */
export function fastClock(factor: number): Clock {
  const clock = new ManualClock();
  let before_ms = systemClock.monotonic();
  const timer = setInterval(() => {
    const now_ms = systemClock.monotonic();
    clock.pass(Math.min(now_ms - before_ms, turn_ms_max) * factor);
    before_ms = now_ms;
  }, 1);
  onTestFinished(() => clearInterval(timer));
  return clock;
}

/**
 * A fast clock for what follows real files: `now` is the system's, as their times of change are. All who follow files share
 * it, since one hands times to the next. It runs while somebody waits on it, and as fastClock does not run ahead of a
 * process that does not get to work.
 */
class FileClock implements Clock {
  readonly #clock = new ManualClock();
  readonly #factor: number;
  #given_ms = 0;
  #waiting = 0;
  #ticking: NodeJS.Timeout | undefined;

  constructor(factor: number) {
    this.#factor = factor;
  }

  now(): number {
    return systemClock.now();
  }

  /** Never the same twice, as the system's: what came first, a look at a file or a read, is known by it. */
  monotonic(): number {
    this.#given_ms = Math.max(this.#clock.monotonic(), this.#given_ms + step_ms);
    return this.#given_ms;
  }

  after(delay_ms: number, callback: () => void): Timer {
    const end = this.#begin();
    const timer = this.#clock.after(delay_ms, () => {
      end();
      callback();
    });
    return {
      cancel: () => {
        end();
        timer.cancel();
      },
    };
  }

  async sleep(delay_ms: number, stop?: AbortSignal): Promise<void> {
    const end = this.#begin();
    await this.#clock.sleep(delay_ms, stop);
    end();
  }

  /** Somebody waits, until the result is called. */
  #begin(): () => void {
    this.#waiting += 1;
    this.#ticking ??= this.#tick();
    let is_over = false;
    return () => {
      if (is_over) return;
      is_over = true;
      this.#waiting -= 1;
      if (this.#waiting > 0) return;
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    };
  }

  #tick(): NodeJS.Timeout {
    let before_ms = systemClock.monotonic();
    return setInterval(() => {
      const now_ms = systemClock.monotonic();
      this.#clock.pass(Math.min(now_ms - before_ms, turn_ms_max) * this.#factor);
      before_ms = now_ms;
    }, 1);
  }
}

/** What follows files looks at them every few milliseconds, so faster than this there is no time to look. */
export const fileClock: Clock = new FileClock(5);

/** The system's clock, and how many of its timers are still to come. */
export class CountingClock implements Clock {
  waiting = 0;

  now(): number {
    return systemClock.now();
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  after(delay_ms: number, callback: () => void): Timer {
    let state: "waiting" | "over" = "waiting";
    const end = (): void => {
      if (state === "waiting") this.waiting -= 1;
      state = "over";
    };
    this.waiting += 1;
    const timer = systemClock.after(delay_ms, () => {
      end();
      callback();
    });
    return {
      cancel: () => {
        end();
        timer.cancel();
      },
    };
  }

  async sleep(delay_ms: number, stop?: AbortSignal): Promise<void> {
    this.waiting += 1;
    await systemClock.sleep(delay_ms, stop);
    this.waiting -= 1;
  }
}
