/** Clocks for tests: one on which time passes faster than outside, and one that knows what still waits on it. */
import { onTestFinished } from "vitest";
import { systemClock, type Clock, type Timer } from "../../src/platform/clock.ts";
import { ManualClock } from "./manual-clock.ts";

/** The most that passes outside from one turn of the event loop to the next. */
const turn_ms_max = 2;

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
