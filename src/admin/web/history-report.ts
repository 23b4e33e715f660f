/** The last hour as the page gets it: a column for each figure, a row for each sample, the oldest first. */

/** Of which each sample has one figure. Those of events are counted since the books began. */
export const history_columns = [
  "at_seconds",
  "received",
  "delivered",
  "filtered",
  "quarantined",
  "dropped",
  "in_flight",
  "lag_bytes",
  "lag_seconds",
  "resident_bytes",
] as const;

export type HistoryColumn = (typeof history_columns)[number];

export interface HistoryReport {
  readonly interval_seconds: number;
  readonly columns: Readonly<Record<HistoryColumn, readonly number[]>>;
}
