/**
 * Says in the log that events came into quarantine: by reason, with their number, once a minute for each.
 */
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { Reminder } from "../../platform/reminder.ts";

/** A plugin may make up reasons without end. */
const reasons_max = 200;
const other_reasons = "other";

export class EntriesLog {
  readonly #log: Logger;
  readonly #reminder: Reminder<string>;
  /** Events that no line has counted yet, by reason. */
  readonly #uncounted = new Map<string, number>();

  constructor(clock: Clock, log: Logger) {
    this.#log = log;
    this.#reminder = new Reminder(clock);
  }

  /** Takes note of events that were written, by their reasons. */
  note(reasons: readonly string[]): void {
    const noted = new Set<string>();
    for (const given of reasons) {
      const is_known = this.#uncounted.has(given) || this.#uncounted.size < reasons_max;
      const reason = is_known ? given : other_reasons;
      this.#uncounted.set(reason, (this.#uncounted.get(reason) ?? 0) + 1);
      noted.add(reason);
    }
    for (const reason of noted) {
      if (this.#reminder.due(reason) === 0) continue;
      const events = this.#uncounted.get(reason)!;
      this.#uncounted.set(reason, 0);
      this.#log.warn(
        "events_quarantined",
        { reason, events },
        "Events went to quarantine. `tallyman quarantine list` shows why.",
      );
    }
  }
}
