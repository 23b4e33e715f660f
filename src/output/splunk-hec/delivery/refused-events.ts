/**
 * What becomes of an event that Splunk refuses for what it holds: it goes to quarantine, and the log says so.
 *
 * The log has a line for the first of a reason, and then one a minute with how many more there were.
 */
import type { Clock } from "../../../platform/clock.ts";
import type { Logger } from "../../../platform/log.ts";
import type { Batch } from "../../batch/batch.ts";
import type { Encoder } from "../../batch/encoder.ts";
import type { Quarantine } from "../../quarantine/quarantine.ts";
import type { Narrowing } from "../answers/response.ts";

const reminder_interval_ms = 60_000;

export interface RefusedEventsFacts {
  quarantine: Pick<Quarantine, "addRefused">;
  encoder: Encoder;
  clock: Clock;
  log: Logger;
  /** What every line in the log carries. */
  logged: object;
}

export class RefusedEvents {
  readonly #facts: RefusedEventsFacts;
  /** By reason: monotonic time of the last line in the log, and events since. */
  readonly #said = new Map<string, { at_ms: number; events: number }>();

  constructor(facts: RefusedEventsFacts) {
    this.#facts = facts;
  }

  /** Takes the first event without a fate out of the batch. */
  take(batch: Batch, refusal: Narrowing): void {
    const { quarantine, encoder } = this.#facts;
    const event = batch.withdraw();
    const { reason, detail, code } = refusal;
    const decoded = encoder.decode(event.encoded, batch.path);
    quarantine.addRefused(event, decoded, { reason: `splunk_${reason}`, detail, code });
    const { input, stream } = event.origin;
    this.#say({ input, stream, offset: event.offset }, refusal);
  }

  #say(place: object, { reason, detail, status, code }: Narrowing): void {
    const { clock, log, logged } = this.#facts;
    const now = clock.monotonic();
    const said = this.#said.get(reason);
    if (said !== undefined && now - said.at_ms < reminder_interval_ms) {
      said.events += 1;
      return;
    }
    this.#said.set(reason, { at_ms: now, events: 0 });
    const also_before = said === undefined || said.events === 0 ? undefined : said.events;
    log.error(
      { ...logged, ...place, reason, detail, status, code, also_before },
      "Splunk refuses an event for what it holds. It is kept in quarantine, and the others are sent.",
    );
  }
}
