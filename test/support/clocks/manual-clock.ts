/** A clock that stands still until a test lets time pass. */
import type { Clock, Timer } from "../../../src/platform/clock.ts";

interface Alarm {
  readonly at_ms: number;
  readonly callback: () => void;
  is_cancelled: boolean;
}

export class ManualClock implements Clock {
  #now_ms = 1_742_539_047_915;
  #alarms: Alarm[] = [];
  #sleeping = 0;

  /** How many calls there are that have yet to come back. */
  get alarms(): number {
    return this.#alarms.length;
  }

  /** How many of them end a sleep. */
  get sleeping(): number {
    return this.#sleeping;
  }

  now(): number {
    return this.#now_ms;
  }

  monotonic(): number {
    return this.#now_ms;
  }

  after(delay_ms: number, callback: () => void): Timer {
    const alarm: Alarm = { at_ms: this.#now_ms + delay_ms, callback, is_cancelled: false };
    this.#alarms.push(alarm);
    return {
      cancel: () => {
        alarm.is_cancelled = true;
        this.#alarms = this.#alarms.filter((each) => each !== alarm);
      },
    };
  }

  sleep(delay_ms: number, stop?: AbortSignal): Promise<void> {
    if (stop?.aborted) return Promise.resolve();
    this.#sleeping += 1;
    const over = new Promise<void>((resolve) => {
      const timer = this.after(delay_ms, resolve);
      stop?.addEventListener("abort", () => {
        timer.cancel();
        resolve();
      });
    });
    void over.then(() => (this.#sleeping -= 1));
    return over;
  }

  /** Lets time pass, and calls what is due in the order in which it was. */
  pass(milliseconds: number): void {
    this.#now_ms += milliseconds;
    const due = this.#alarms
      .filter(({ at_ms }) => at_ms <= this.#now_ms)
      .toSorted((one, other) => one.at_ms - other.at_ms);
    this.#alarms = this.#alarms.filter(({ at_ms }) => at_ms > this.#now_ms);
    for (const alarm of due) if (!alarm.is_cancelled) alarm.callback();
  }
}
