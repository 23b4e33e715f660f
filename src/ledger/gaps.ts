/**
 * Which gaps are to be reported: what the books say was dropped, lost, or is gone from quarantine, less what was reported.
 */
import { z } from "zod";
import { countIn, type Books } from "./books.ts";

const kinds = ["dropped", "lost_bytes", "quarantine_removed"] as const;
/** One gap of an input is reported this often at most. */
const report_interval_ms = 60_000;

/** What was reported so far: events dropped or removed, and bytes lost, by input and reason. Kept in the state file. */
export const reportedGaps = z.lazy(() =>
  z.record(
    z.string(),
    z.object({
      dropped: z.record(z.string(), z.number()),
      lost_bytes: z.record(z.string(), z.number()),
      quarantine_removed: z.record(z.string(), z.number()).default({}),
    }),
  ),
);

export type ReportedGaps = z.infer<typeof reportedGaps>;

export interface Gap {
  readonly input: string;
  readonly reason: string;
  /** Events that were dropped or removed; undefined where only bytes are known. */
  readonly count?: number;
  /** Bytes that were lost; undefined where only events are known. */
  readonly bytes?: number;
  /** When the gap was first and last seen to grow, milliseconds since the epoch. */
  readonly first_ms: number;
  readonly last_ms: number;
}

/** A gap as it has been seen since it was last reported. */
interface Seen {
  amount: number;
  first_ms: number;
  last_ms: number;
}

export class Gaps {
  #reported: ReportedGaps;
  readonly #seen = new Map<string, Seen>();
  /** Monotonic time of the last report. */
  readonly #reported_at_ms = new Map<string, number>();

  constructor(reported: ReportedGaps) {
    this.#reported = structuredClone(reported);
  }

  /** What was reported, those included that `take` gave. A copy. */
  get reported(): ReportedGaps {
    return structuredClone(this.#reported);
  }

  /**
   * The gaps that are due to be reported, which then count as reported. With `all` those too that were reported a moment ago.
   * `now_ms` is wall-clock time; `monotonic_ms` is what the intervals are measured by.
   */
  take(books: Books, now_ms: number, monotonic_ms: number, all: boolean): Gap[] {
    return Object.entries(books.inputs).flatMap(([input, amounts]) =>
      kinds.flatMap((kind) =>
        Object.entries(amounts[kind]).flatMap(([reason, amount]): Gap[] => {
          const reported = this.#reportedOf(input)[kind];
          const unreported = amount - countIn(reported, reason);
          if (unreported <= 0) return [];
          const key = JSON.stringify([input, kind, reason]);
          const { first_ms, last_ms } = this.#see(key, unreported, now_ms);
          const reported_at_ms = this.#reported_at_ms.get(key) ?? -Infinity;
          if (!all && monotonic_ms - reported_at_ms < report_interval_ms) return [];
          reported[reason] = amount;
          this.#reported_at_ms.set(key, monotonic_ms);
          this.#seen.delete(key);
          const size = kind === "lost_bytes" ? { bytes: unreported } : { count: unreported };
          return [{ input, reason, ...size, first_ms, last_ms }];
        }),
      ),
    );
  }

  #reportedOf(input: string): ReportedGaps[string] {
    if (!Object.hasOwn(this.#reported, input)) this.#reported[input] = nothingReported();
    return this.#reported[input]!;
  }

  #see(key: string, amount: number, now_ms: number): Seen {
    const seen = this.#seen.get(key) ?? { amount: 0, first_ms: now_ms, last_ms: now_ms };
    if (amount > seen.amount) seen.last_ms = now_ms;
    seen.amount = amount;
    this.#seen.set(key, seen);
    return seen;
  }
}

function nothingReported(): ReportedGaps[string] {
  return { dropped: {}, lost_bytes: {}, quarantine_removed: {} };
}
