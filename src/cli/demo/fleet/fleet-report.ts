/** What the demo of a fleet prints: who takes part, what happens, and the books of all. */
import { systemClock } from "../../../platform/clock.ts";
import { linesOf } from "../../fleet/books/lines.ts";
import { ending } from "../../process/ending.ts";
import { clearProgress } from "../../terminal/progress.ts";
import { styled, type Style } from "../../terminal/style.ts";
import type { Arrivals } from "./arrivals.ts";
import type { DemoBooks } from "./stream.ts";

export function printStart(url: string): void {
  console.log(
    `${styled("bold", "tallyman demo --fleet")}: real processes; a receiver stands for Splunk.

  agent-1 ──┐                          ┌──► aggregator-1 ──┐
            ├──► nats: n1, n2, n3 ─────┤                   ├──► ${url.replace("http://", "")}
  agent-2 ──┘                          └──► aggregator-2 ──┘
`,
  );
}

/** A line of what has happened. */
export function said(started_ms: number, what: string, style: Style = "reset"): void {
  clearProgress();
  const seconds = (systemClock.monotonic() - started_ms) / 1000;
  console.log(`${seconds.toFixed(1).padStart(6)} s  ${styled(style, what)}`);
}

interface Ends {
  readonly expected: number;
  readonly arrivals: Arrivals;
  readonly statuses: readonly (number | null)[];
}

/** Prints the books and sets the exit status: not 0 where anything does not add up. */
export function printEnd(books: DemoBooks, { expected, arrivals, statuses }: Ends): void {
  const { agents, aggregators, rows } = books;
  const asked = { agents, aggregators, all: true, now_ms: systemClock.now() };
  // Where its file is says nothing here.
  const shown = { ...books, rows: rows.map((row) => ({ ...row, source: "" })) };
  console.log(["", ...linesOf(shown, asked), ""].join("\n"));
  const delivered = rows.reduce((sum, row) => sum + row.delivered, 0);
  console.log(
    `The receiver has counted ${count(arrivals.distinct)} of ${count(expected)} events, and ${count(arrivals.repeats)} twice.`,
  );
  const is_whole = arrivals.distinct === expected && delivered === expected;
  if (books.agree && is_whole && statuses.every((status) => status === 0)) {
    console.log(styled(["bold", "green"], "\nThe books balance: nothing is missing."));
    return;
  }
  console.log(styled(["bold", "red"], "\nThe counts do not match."));
  ending.status = 1;
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
