/**
 * What comes again and again is said once a minute: the one place that decides whether a line of the log is due.
 */
import type { Clock } from "./clock.ts";

export const reminder_interval_ms = 60_000;

/** One for each thing that the log has lines about; `Key` distinguishes its kinds, of which there must be a bounded number. */
export class Reminder<Key = "any"> {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #said = new Map<Key, { at_ms: number; held_back: number }>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /**
   * How many occurrences a line stands for that is due now: this one, and those since the last line. 0 where the last line
   * is less than a minute old, so that none is due. What is due counts as said.
   */
  due(key: Key): number {
    const said = this.#said.get(key);
    if (said !== undefined && this.#clock.monotonic() - said.at_ms < reminder_interval_ms) {
      said.held_back += 1;
      return 0;
    }
    this.said(key);
    return 1 + (said?.held_back ?? 0);
  }

  /** A line was written, whether it was due or not. */
  said(key: Key): void {
    this.#said.set(key, { at_ms: this.#clock.monotonic(), held_back: 0 });
  }
}
