/** Clocks for tests: one on which time passes faster than outside, and one that knows what still waits on it. */
import { systemClock, type Clock, type Timer } from "../../src/platform/clock.ts";

/** A clock on which a test can live through an hour's outage. */
export function fastClock(factor: number): Clock {
  const started_ms = systemClock.now();
  const monotonic = (): number => systemClock.monotonic() * factor;
  const began_ms = monotonic();
  return {
    now: () => started_ms + monotonic() - began_ms,
    monotonic,
    after: (delay_ms, callback) => systemClock.after(delay_ms / factor, callback),
    sleep: (delay_ms, stop) => systemClock.sleep(delay_ms / factor, stop),
  };
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
