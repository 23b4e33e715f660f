/**
 * What becomes of an event that Splunk refuses for what it holds: it goes to quarantine, and the log says so.
 *
 * The log has a line for the first of a reason, and then one a minute with how many more there were.
 */
import type { Clock } from "../../../platform/clock.ts";
import type { LogFacts, Logger } from "../../../platform/log.ts";
import { Reminder } from "../../../platform/reminder.ts";
import type { Batch } from "../../batch/batch.ts";
import type { Encoder } from "../../batch/encoder.ts";
import type { Quarantine } from "../../quarantine/quarantine.ts";
import type { Narrowing } from "../answers/response.ts";

export interface RefusedEventsDeps {
  quarantine: Pick<Quarantine, "addRefused">;
  encoder: Encoder;
  clock: Clock;
  log: Logger;
  /** What every line in the log carries. */
  logged: LogFacts;
}

export class RefusedEvents {
  readonly #deps: RefusedEventsDeps;
  /** By reason. */
  readonly #reminder: Reminder<string>;

  constructor(deps: RefusedEventsDeps) {
    this.#deps = deps;
    this.#reminder = new Reminder(deps.clock);
  }

  /** Takes the first event without a fate out of the batch. */
  take(batch: Batch, refusal: Narrowing): void {
    const { quarantine, encoder } = this.#deps;
    const event = batch.takeFirst();
    const { reason, detail, code } = refusal;
    const decoded = encoder.decode(event.encoded, batch.path);
    if (event.place !== undefined) event.receipt.withhold(event.place, "quarantined");
    quarantine.addRefused(event, decoded, { reason: `splunk_${reason}`, detail, code });
    const { input, stream } = event.origin;
    this.#say({ input, stream, offset: event.offset }, refusal);
  }

  #say(place: LogFacts, { reason, detail, status, code }: Narrowing): void {
    const { log, logged } = this.#deps;
    const times = this.#reminder.due(reason);
    if (times === 0) return;
    const also_before = times === 1 ? undefined : times - 1;
    log.error(
      "splunk_event_refused",
      { ...logged, ...place, reason, detail, status, splunk_code: code, also_before },
      "Splunk refuses an event for its content. It is in quarantine; the others are sent.",
    );
  }
}
