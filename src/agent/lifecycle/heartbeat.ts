/**
 * The heartbeat: now and then an event of sourcetype `tallyman:heartbeat`, so that in Splunk an agent on a quiet host differs from
 * one that hangs. It says how the agent is, in numbers, and holds nothing of events.
 *
 * It goes the way of the lifecycle's events: through their journal, and counted in the books.
 */
import type { Books } from "../../ledger/books.ts";
import type { OutputCondition } from "../../output/output.ts";

/** How the agent is at a moment. */
export interface Vitals {
  readonly books: Books;
  readonly outputs: ReadonlyMap<string, OutputCondition>;
  /** How many inputs are silent for longer than their `expect_every`. */
  readonly silent_inputs: number;
  /** How far the inputs are behind. */
  readonly lag_bytes: number;
  readonly lag_seconds: number;
}

/** What a heartbeat says, beside what all of tallyman's own events do. */
export interface HeartbeatEvent {
  readonly event: "heartbeat";
  /** How often one comes: who misses it for a few times that has something to look at. */
  readonly every_s: number;
  readonly uptime_s: number;
  readonly received: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly quarantined: number;
  readonly dropped: number;
  readonly in_flight: number;
  readonly lost_bytes: number;
  readonly balanced: boolean;
  readonly lag_bytes: number;
  readonly lag_s: number;
  /** Outputs that do not send. */
  readonly outputs_down: number;
  readonly silent_inputs: number;
}

export class Heartbeat {
  readonly #began_ms: number;
  #last_ms: number;

  /** The first one comes after a whole interval: the start has been reported. */
  constructor(monotonic_ms: number) {
    this.#began_ms = monotonic_ms;
    this.#last_ms = monotonic_ms;
  }

  /** The event, when it is time for one; `every_ms` is undefined where there are to be none. */
  due(
    every_ms: number | undefined,
    vitals: () => Vitals,
    monotonic_ms: number,
  ): HeartbeatEvent | undefined {
    if (every_ms === undefined || monotonic_ms - this.#last_ms < every_ms) return undefined;
    this.#last_ms = monotonic_ms;
    return heartbeatOf(vitals(), every_ms, monotonic_ms - this.#began_ms);
  }
}

function heartbeatOf(vitals: Vitals, every_ms: number, uptime_ms: number): HeartbeatEvent {
  const { books, outputs, silent_inputs, lag_bytes, lag_seconds } = vitals;
  const { received, delivered, filtered, quarantined, dropped, in_flight, lost_bytes } =
    books.total;
  const down = [...outputs.values()].filter(({ state }) => state !== "sending");
  return {
    event: "heartbeat",
    every_s: every_ms / 1000,
    uptime_s: Math.round(uptime_ms / 1000),
    received,
    delivered,
    filtered,
    quarantined,
    dropped,
    in_flight,
    lost_bytes,
    balanced: books.balanced,
    lag_bytes,
    lag_s: lag_seconds,
    outputs_down: down.length,
    silent_inputs,
  };
}
