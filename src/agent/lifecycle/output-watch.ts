/**
 * When outputs stop taking events and go on, out of what their status says now and then.
 *
 * What is reported is always how it is now, so the last word is right whatever came before it. An output that changes too
 * often is reported only so often, with the number of changes that were not reported.
 */
import type { OutputCondition } from "../../output/output.ts";
import type { PauseEvent } from "./events.ts";

/** Shorter troubles, of which a retry is the end, are everyday. */
const retrying_ms_min = 10_000;
/** Of one output, within a minute. */
const reports_max = 6;
const minute_ms = 60_000;

interface Watched {
  /** What the last event said, or `sending` before the first. */
  reported: Pick<OutputCondition, "state" | "reason">;
  /** As it was seen last, once it had lasted long enough. */
  seen: OutputCondition["state"];
  /** Changes of it since the last event. */
  changes: number;
  /** When the trouble that was reported began; wall clock. */
  since: string | undefined;
  /** The same, monotonic. */
  began_ms: number | undefined;
  /** Since when it has been in trouble without a pause, monotonic. */
  trouble_ms: number | undefined;
  /** Of the events of the last minute, monotonic. */
  reports: number[];
}

export class OutputWatch {
  readonly #outputs = new Map<string, Watched>();

  /** The events that are due. `monotonic_ms` is what times are measured by, `now_ms` the wall clock. */
  look(
    status: ReadonlyMap<string, OutputCondition>,
    now_ms: number,
    monotonic_ms: number,
  ): PauseEvent[] {
    for (const name of this.#outputs.keys()) if (!status.has(name)) this.#outputs.delete(name);
    return [...status].flatMap(([name, condition]) => {
      const watched = this.#watched(name);
      const state = settledState(watched, condition, monotonic_ms);
      if (state === undefined) return [];
      if (state !== watched.seen) watched.changes += 1;
      watched.seen = state;
      if (state !== "sending") {
        watched.since ??= condition.since ?? new Date(now_ms).toISOString();
        watched.began_ms ??= watched.trouble_ms;
      }
      const event = eventOf(name, watched, { ...condition, state }, monotonic_ms);
      return event === undefined ? [] : [event];
    });
  }

  #watched(name: string): Watched {
    let watched = this.#outputs.get(name);
    if (watched === undefined) {
      watched = {
        reported: { state: "sending", reason: undefined },
        seen: "sending",
        changes: 0,
        since: undefined,
        began_ms: undefined,
        trouble_ms: undefined,
        reports: [],
      };
      this.#outputs.set(name, watched);
    }
    return watched;
  }
}

/** The state that counts; undefined while a trouble may be over in a moment. */
function settledState(
  watched: Watched,
  { state }: OutputCondition,
  monotonic_ms: number,
): OutputCondition["state"] | undefined {
  if (state === "sending") {
    watched.trouble_ms = undefined;
    return state;
  }
  watched.trouble_ms ??= monotonic_ms;
  const is_short = monotonic_ms - watched.trouble_ms < retrying_ms_min;
  return state === "retrying" && is_short ? undefined : state;
}

function eventOf(
  output: string,
  watched: Watched,
  { state, reason }: OutputCondition,
  monotonic_ms: number,
): PauseEvent | undefined {
  const { reported, since, began_ms, changes } = watched;
  if (state === reported.state) {
    // Back to the last reported state before the next report is due: nothing was reported wrongly.
    if (state === "sending") watched.since = watched.began_ms = undefined;
    return undefined;
  }
  watched.reports = watched.reports.filter((at_ms) => monotonic_ms - at_ms < minute_ms);
  if (watched.reports.length >= reports_max) return undefined;
  watched.reports.push(monotonic_ms);
  const unreported = changes - 1;
  watched.changes = 0;
  watched.reported = { state, reason };
  if (state !== "sending")
    return { event: "pause", output, state, reason, since: since!, unreported };
  watched.since = watched.began_ms = undefined;
  const duration_s = Math.round((monotonic_ms - began_ms!) / 1000);
  return {
    event: "resume",
    output,
    state,
    reason: reported.reason,
    since: since!,
    duration_s,
    unreported,
  };
}
