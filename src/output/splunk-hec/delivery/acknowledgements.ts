/**
 * Batches that Splunk has taken and not indexed yet: each is asked after until Splunk says that it has, or is sent again.
 *
 * Only a clear yes counts. A no, an error, a page or silence may all be said of a request that is indexed, and of one
 * that is not: when `timeout_ms` is over the events are sent again, and may then be in Splunk twice.
 */
import type { Clock } from "../../../platform/clock.ts";
import type { LogFacts, Logger } from "../../../platform/log.ts";
import { Reminder } from "../../../platform/reminder.ts";
import type { Batch } from "../../batch/batch.ts";
import type { Channel } from "../endpoints/channel.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import type { Held } from "../../output.ts";
import type { Totals } from "./status.ts";

/** The first wait; indexers need about a second. */
const query_wait_ms_first = 1000;
const query_wait_ms_max = 10_000;
const query_wait_growth = 1.5;

/** What may be unacknowledged at a time. */
const requests_max = 64;
/** Beyond this, requests are to be filled rather than sent at once: all places would be taken by small ones. */
const requests_small_max = 16;
export const unacknowledged_bytes_max = 64 * 1024 * 1024;

/** Where Splunk will say that it has indexed what it took. */
export interface PendingAck {
  readonly endpoint: Endpoint;
  readonly channel: Channel;
  readonly ack_id: number;
}

export interface AcknowledgementsDeps {
  clock: Clock;
  log: Logger;
  timeout_ms: number;
  /** What every line in the log carries. */
  logged: LogFacts;
  totals: Totals;
  /** Called when Splunk has indexed the batch. */
  onGiven: (batch: Batch) => void;
  /** Called when the batch is to be sent again. */
  onLost: (batch: Batch) => void;
}

export class Acknowledgements {
  /** Events that are sent and not acknowledged. */
  events = 0;
  readonly #deps: AcknowledgementsDeps;
  readonly #closing = new AbortController();
  #requests = 0;
  #bytes = 0;
  readonly #reminder: Reminder;

  constructor(deps: AcknowledgementsDeps) {
    this.#deps = deps;
    this.#reminder = new Reminder(deps.clock);
  }

  get empty(): boolean {
    return this.#requests === 0;
  }

  get held(): Held {
    return { events: this.events, bytes: this.#bytes };
  }

  /** Whether nothing more may be sent before something is acknowledged. */
  get full(): boolean {
    return this.#requests >= requests_max || this.#bytes >= unacknowledged_bytes_max;
  }

  /** Whether a request need not be worth its place. */
  get few(): boolean {
    return this.#requests < requests_small_max;
  }

  add(batch: Batch, promise: PendingAck): void {
    this.#count(batch, 1);
    // Never rejects, but for a bug of ours.
    void this.#follow(batch, promise);
  }

  close(): void {
    this.#closing.abort();
  }

  async #follow(batch: Batch, { endpoint, channel, ack_id }: PendingAck): Promise<void> {
    const { clock, timeout_ms, onGiven, onLost } = this.#deps;
    const { signal } = this.#closing;
    const deadline_ms = clock.monotonic() + timeout_ms;
    let wait_ms = query_wait_ms_first;
    let given = false;
    while (!given && clock.monotonic() < deadline_ms) {
      await clock.sleep(Math.min(wait_ms, deadline_ms - clock.monotonic()), signal);
      if (signal.aborted) return;
      given = (await endpoint.query(channel, ack_id)) === true;
      if (signal.aborted) return;
      wait_ms = Math.min(wait_ms * query_wait_growth, query_wait_ms_max);
    }
    this.#count(batch, -1);
    if (given) {
      endpoint.channels.giveBack(channel, clock.monotonic());
      onGiven(batch);
    } else {
      this.#say(batch, endpoint);
      onLost(batch);
    }
  }

  #count({ events, length }: Batch, sign: 1 | -1): void {
    this.#requests += sign;
    this.#bytes += sign * length;
    this.events += sign * events;
  }

  #say({ events }: Batch, { url }: Endpoint): void {
    const { log, logged, timeout_ms, totals } = this.#deps;
    totals.events_repeated += events;
    if (this.#reminder.due("any") === 0) return;
    log.error(
      "splunk_ack_missing",
      {
        ...logged,
        url,
        events,
        events_repeated: totals.events_repeated,
        ack_timeout_ms: timeout_ms,
      },
      "Splunk accepted events and did not confirm that it indexed them. They are sent again, and may be duplicated.",
    );
  }
}
