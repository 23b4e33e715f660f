/**
 * The one way to time: what the clock says, and being called later.
 *
 * Everything that waits takes a Clock, so that a test can run an hour in a second.
 */

/**
 * Whole milliseconds, not less than asked for: the system keeps a list for each delay that there is, also for a while after
 * its last timer was cancelled.
 */
function wholeOf(delay_ms: number): number {
  return Math.ceil(delay_ms);
}

/** A call that is still to come. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall-clock time, milliseconds since the epoch. */
  now(): number;
  /** A clock that never jumps, milliseconds from an arbitrary start. */
  monotonic(): number;
  /** Calls `callback` once, after `delay_ms`. The call does not keep the process alive. */
  after(delay_ms: number, callback: () => void): Timer;
  /** Resolves after `delay_ms`, or at once when `stop` is aborted. Never rejects. */
  sleep(delay_ms: number, stop?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  // `performance.now()` would load its module, with much else in it.
  monotonic: () => {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000 + nanoseconds / 1e6;
  },
  after(delay_ms, callback) {
    const timer = setTimeout(callback, wholeOf(delay_ms));
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  sleep(delay_ms, stop) {
    if (stop?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        stop?.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, wholeOf(delay_ms));
      stop?.addEventListener("abort", finish, { once: true });
    });
  },
};
