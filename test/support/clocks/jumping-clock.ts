/** A clock on which no time passes but from one timer to the next, so that an hour takes as long as what happens in it. */
import type { Clock, Timer } from "../../../src/platform/clock.ts";

interface Alarm extends Timer {
  readonly at_ms: number;
  readonly callback: () => void;
}

export class JumpingClock implements Clock {
  #now_ms: number;
  readonly #alarms = new Set<Alarm>();

  constructor(now_ms: number) {
    this.#now_ms = now_ms;
  }

  now(): number {
    return this.#now_ms;
  }

  monotonic(): number {
    return this.#now_ms;
  }

  after(delay_ms: number, callback: () => void): Timer {
    const alarm: Alarm = {
      at_ms: this.#now_ms + Math.max(delay_ms, 0),
      callback,
      cancel: () => this.#alarms.delete(alarm),
    };
    this.#alarms.add(alarm);
    return alarm;
  }

  sleep(delay_ms: number, stop?: AbortSignal): Promise<void> {
    if (stop?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = (): void => {
        timer.cancel();
        stop?.removeEventListener("abort", finish);
        resolve();
      };
      const timer = this.after(delay_ms, finish);
      stop?.addEventListener("abort", finish);
    });
  }

  /** Jumps to the next timer, and calls it; false where nothing waits. */
  jump(): boolean {
    let next: Alarm | undefined;
    // Of two at the same time the one that was set first.
    for (const alarm of this.#alarms) if (alarm.at_ms < (next?.at_ms ?? Infinity)) next = alarm;
    if (next === undefined) return false;
    this.#alarms.delete(next);
    this.#now_ms = next.at_ms;
    next.callback();
    return true;
  }
}
