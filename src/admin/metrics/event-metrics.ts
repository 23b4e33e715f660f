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
    "Events received and recorded: settled in the saved books, or stored in a journal.",
    "received",
  ),
  counter(
    "tallyman_events_received_bytes_total",
    "Bytes of settled events: delivered, filtered, quarantined or dropped.",
    "received_bytes",
  ),
  counter(
    "tallyman_events_replayed_total",
    "The received events that were replayed from quarantine.",
    "replayed",
  ),
  byReason("tallyman_events_made_total", "The received events that a step made of others.", {
    key: "made",
    label: "step",
  }),
  {
    name: "tallyman_events_delivered_total",
    type: "counter",
    help: "Events delivered by an output.",
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
  byReason("tallyman_events_filtered_total", "Events filtered out by a step, as configured.", {
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
    "Quarantined events that were removed from quarantine without being replayed.",
    { key: "quarantine_removed", label: "reason" },
  ),
  byReason("tallyman_lost_bytes_total", "Bytes known to have existed that could not be read.", {
    key: "lost_bytes",
    label: "reason",
  }),
  counter(
    "tallyman_maybe_lost_bytes_total",
    "Upper bound of bytes that may be lost: files that were rewritten with the same bytes, or of which only the time was set.",
    "maybe_lost_bytes",
  ),
  {
    name: "tallyman_events_in_flight",
    type: "gauge",
    help: "Events received and not settled yet.",
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
