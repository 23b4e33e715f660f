/** A clock for a file input, by which a test waits for the looks that the input takes, however slow it is. */
import type { Clock } from "../../../src/platform/clock.ts";
import { eventually } from "../eventually.ts";
import { fileClock } from "./fast-clock.ts";

/** Within so many looks everything that is there is found and read, on any machine. */
const looks_max = 200;

export class SurveyClock implements Clock {
  now = fileClock.now.bind(fileClock);
  monotonic = fileClock.monotonic.bind(fileClock);
  after = fileClock.after.bind(fileClock);
  /** Sleeps that were begun: of a file input only what lies between two surveys is one. */
  #sleeps = 0;

  sleep(delay_ms: number, stop?: AbortSignal): Promise<void> {
    this.#sleeps += 1;
    return fileClock.sleep(delay_ms, stop);
  }

  /** Resolves when so many more looks at all files are over. */
  async looks(count: number): Promise<void> {
    // One may be under way.
    const until = this.#sleeps + count + 1;
    await eventually(() => this.#sleeps >= until);
  }

  /** Resolves when the condition holds, or after so many looks that it never will. */
  async until(condition: () => boolean): Promise<void> {
    const end = this.#sleeps + looks_max;
    await eventually(() => condition() || this.#sleeps > end);
  }
}
