/** What the log says of deliveries that do not go as they should: each kind at most once a minute. */
import type { Clock } from "../../platform/clock.ts";
import type { LogFacts, Logger } from "../../platform/log.ts";
import { Reminder } from "../../platform/reminder.ts";

const sentences = {
  nats_receipt_refused:
    "A receipt does not fit the batch that it names, and settles nothing. Somebody may forge receipts.",
  nats_event_too_large:
    "An event is too large for a message. It is in quarantine; the others are sent.",
  nats_stream_lost:
    "The stream has lost batches that it had acknowledged. Those without a receipt are published again.",
};

export interface DeliveryNotesDeps {
  clock: Clock;
  log: Logger;
  logged: LogFacts;
}

export class DeliveryNotes {
  readonly #deps: DeliveryNotesDeps;
  readonly #reminder: Reminder<keyof typeof sentences>;

  constructor(deps: DeliveryNotesDeps) {
    this.#deps = deps;
    this.#reminder = new Reminder(deps.clock);
  }

  say(code: keyof typeof sentences, facts: LogFacts): void {
    const times = this.#reminder.due(code);
    if (times === 0) return;
    const also_before = times === 1 ? undefined : times - 1;
    const { log, logged } = this.#deps;
    log.error(code, { ...logged, ...facts, also_before }, sentences[code]);
  }
}
