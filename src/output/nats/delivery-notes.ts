/** What the log says of deliveries that do not go as they should: each kind at most once a minute. */
import type { Clock } from "../../platform/clock.ts";
import type { LogFacts, Logger } from "../../platform/log.ts";
import { Reminder } from "../../platform/reminder.ts";

const notes = {
  receipt_refused: {
    code: "nats_receipt_refused",
    message:
      "A receipt does not fit the batch that it names, and settles nothing. Somebody may forge receipts.",
  },
  batch_returned: {
    code: "nats_batch_returned",
    message:
      "An aggregator refuses a batch. Its events are kept, and it is published again at growing intervals, up to ten minutes.",
  },
  stored_batch_refused: {
    code: "nats_stored_batch_refused",
    message:
      "An aggregator has refused a batch that counts as delivered, since `confirm` is `stream`. Its events may be lost.",
  },
  event_too_large: {
    code: "nats_event_too_large",
    message: "An event is too large for a message. It is in quarantine; the others are sent.",
  },
  stream_lost: {
    code: "nats_stream_lost",
    message:
      "The stream has lost batches that it had acknowledged. Those without a receipt are published again.",
  },
} as const;

export interface DeliveryNotesDeps {
  clock: Clock;
  log: Logger;
  logged: LogFacts;
}

export class DeliveryNotes {
  readonly #deps: DeliveryNotesDeps;
  readonly #reminder: Reminder<keyof typeof notes>;

  constructor(deps: DeliveryNotesDeps) {
    this.#deps = deps;
    this.#reminder = new Reminder(deps.clock);
  }

  say(note: keyof typeof notes, facts: LogFacts): void {
    const times = this.#reminder.due(note);
    if (times === 0) return;
    const also_before = times === 1 ? undefined : times - 1;
    const { log, logged } = this.#deps;
    const { code, message } = notes[note];
    log.error(code, { ...logged, ...facts, also_before }, message);
  }
}
