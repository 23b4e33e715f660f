/** A clock on which time passes faster than outside, so that a test can live through an hour's outage. */
import { systemClock, type Clock } from "../../src/platform/clock.ts";

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
