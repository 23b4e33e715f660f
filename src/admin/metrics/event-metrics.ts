/**
 * The metrics of the books: what became of the events of each input.
 *
 * The counters are those of the books that are written, so that none falls after a crash, where Prometheus would take it
 * for one that has started again. They follow the live books within a moment, and agree with them when nothing moves.
 */
import type { CountsByReason, InputBooks } from "../../ledger/books.ts";
import type { Metric } from "./metric.ts";

type CountKey = {
  [Key in keyof InputBooks]: InputBooks[Key] extends number ? Key : never;
}[keyof InputBooks];
type CountsKey = Exclude<keyof InputBooks, CountKey>;

export const event_metrics: readonly Metric[] = [
  counter(
    "tallyman_events_received_total",
    "Events that came in and are safe: their fate is written, or they stand in a journal.",
    "received",
  ),
  counter(
    "tallyman_events_received_bytes_total",
    "Bytes of the events that have a fate.",
    "received_bytes",
  ),
  counter(
    "tallyman_events_replayed_total",
    "Of the received events, those that were taken out of quarantine to go their way again.",
    "replayed",
  ),
  {
    name: "tallyman_events_delivered_total",
    type: "counter",
    help: "Events that an output has delivered.",
    labels: ["input", "output"],
    values: ({ books_written, outputs }) => {
      // So that the first ones of an output are seen as an increase.
      const nothing = Object.fromEntries(outputs.map(({ name }) => [name, 0]));
      return Object.entries(books_written).flatMap(([input, { delivered }]) =>
        Object.entries({ ...nothing, ...delivered }).map(
          ([output, count]) => [{ input, output }, count] as const,
        ),
      );
    },
  },
  byReason("tallyman_events_filtered_total", "Events that a step has filtered, on purpose.", {
    key: "filtered",
    label: "step",
  }),
  byReason("tallyman_events_quarantined_total", "Events that went to quarantine.", {
    key: "quarantined",
    label: "reason",
  }),
  byReason("tallyman_events_dropped_total", "Events that were dropped.", {
    key: "dropped",
    label: "reason",
  }),
  byReason(
    "tallyman_quarantine_removed_events_total",
    "Quarantined events that are in quarantine no more, and were not replayed.",
    { key: "quarantine_removed", label: "reason" },
  ),
  byReason(
    "tallyman_lost_bytes_total",
    "Bytes that are known to have existed and could not be read.",
    { key: "lost_bytes", label: "reason" },
  ),
  counter(
    "tallyman_maybe_lost_bytes_total",
    "Bytes that may be lost, at most: of files that were written again with the same bytes, or had only their time set.",
    "maybe_lost_bytes",
  ),
  {
    name: "tallyman_events_in_flight",
    type: "gauge",
    help: "Events that came in and have no fate yet.",
    labels: ["input"],
    values: ({ books }) =>
      Object.entries(books.inputs).map(([input, { in_flight }]) => [{ input }, in_flight] as const),
  },
  {
    name: "tallyman_books_balanced",
    type: "gauge",
    help: "1 while received = delivered + filtered + quarantined + dropped + in flight, for every input.",
    labels: [],
    values: ({ books }) => [[{}, books.balanced ? 1 : 0]],
  },
];

function counter(name: string, help: string, key: CountKey): Metric {
  return {
    name,
    type: "counter",
    help,
    labels: ["input"],
    values: ({ books_written }) =>
      Object.entries(books_written).map(([input, books]) => [{ input }, books[key]] as const),
  };
}

function byReason(
  name: string,
  help: string,
  { key, label }: { key: CountsKey; label: string },
): Metric {
  return {
    name,
    type: "counter",
    help,
    labels: ["input", label],
    values: ({ books_written }) =>
      Object.entries(books_written).flatMap(([input, books]) => {
        const counts: CountsByReason = books[key];
        return Object.entries(counts).map(
          ([reason, count]) => [{ input, [label]: reason }, count] as const,
        );
      }),
  };
}
