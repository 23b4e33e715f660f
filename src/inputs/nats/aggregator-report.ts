/** What an aggregator says of its books: of each lane what it has taken on, and which numbers are settled. */
import { randomUUID } from "node:crypto";
import { emptyBooks, sumOf } from "../../ledger/books.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import type { AggregatorReport } from "../../platform/nats/books/report.ts";
import { machineName, runId } from "../../platform/process/machine-name.ts";
import type { AgentLanes } from "./agent-lanes.ts";

export interface AggregatorReportFacts {
  readonly ledger: Ledger;
  readonly lanes: AgentLanes;
  readonly input: string;
  readonly clock: Clock;
}

export function aggregatorReport(facts: AggregatorReportFacts): AggregatorReport {
  const { ledger, lanes, input, clock } = facts;
  const books = ledger.books().inputs[input] ?? { ...emptyBooks(), in_flight: 0 };
  return {
    role: "aggregator",
    id: idIn(ledger, input),
    name: machineName(),
    instance: runId(),
    of: input,
    at: new Date(clock.now()).toISOString(),
    fates: {
      received: books.received,
      delivered: sumOf(books.delivered),
      filtered: sumOf(books.filtered),
      quarantined: sumOf(books.quarantined),
      dropped: sumOf(books.dropped),
      in_flight: books.in_flight,
    },
    lanes: lanes.books().map(({ settled, ...lane }) => {
      return { ...lane, settled: settled.map(([from, to]): [number, number] => [from, to]) };
    }),
    ended: lanes.ended(),
  };
}

/** An aggregator is its state: one that is started again, also elsewhere, is the same. */
function idIn(ledger: Ledger, input: string): string {
  const { kept } = ledger;
  const name = `fleet id ${input}`;
  const known = kept.get(name);
  if (typeof known === "string") return known;
  const id = randomUUID();
  kept.set(name, id);
  ledger.changed();
  return id;
}
