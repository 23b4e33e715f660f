/** The last hour as it is plotted: what happened in a second between two samples, and how much was waiting at each. */
import type { HistoryReport } from "../../admin/web/history-report.ts";

export interface Hour {
  /** Epoch seconds, one for each row. */
  readonly at: readonly number[];
  /** Events a second. */
  readonly received: readonly number[];
  readonly delivered: readonly number[];
  /** Events. */
  readonly in_flight: readonly number[];
  readonly lag_bytes: readonly number[];
  readonly lag_seconds: readonly number[];
}

export function hourOf({ columns }: HistoryReport): Hour {
  const { at_seconds, received, delivered } = columns;
  return {
    at: at_seconds.slice(1),
    received: perSecond(received, at_seconds),
    delivered: perSecond(delivered, at_seconds),
    in_flight: columns.in_flight.slice(1),
    lag_bytes: columns.lag_bytes.slice(1),
    lag_seconds: columns.lag_seconds.slice(1),
  };
}

/** So few rows of it that somebody may read them, the last one among them. */
export function rowsOf({ at }: Hour, most: number): number[] {
  const every = Math.max(1, Math.ceil(at.length / most));
  return at.map((_, row) => row).filter((row) => (at.length - 1 - row) % every === 0);
}

function perSecond(counts: readonly number[], at: readonly number[]): number[] {
  return counts.slice(1).map((value, before) => {
    // A clock that was put back.
    const seconds = Math.max(1, at[before + 1]! - at[before]!);
    return Math.max(0, value - counts[before]!) / seconds;
  });
}
