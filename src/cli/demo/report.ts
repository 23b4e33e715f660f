/**
 * What the demo prints: one event before and after, the throughput, and the books.
 */
import type { Books } from "../../ledger/books.ts";
import { ending } from "../ending.ts";
import type { AgentProcess } from "./agent-process.ts";
import type { DemoReceiver } from "./receiver.ts";
import type { DemoWriter } from "./writer.ts";

/** Who takes part in the demo. */
export interface Parts {
  writer: DemoWriter;
  receiver: DemoReceiver;
  agent: AgentProcess;
}

export function printEvent(writer: DemoWriter, receiver: DemoReceiver): void {
  console.log(`One event as it was written:\n\n    ${writer.sample}\n`);
  console.log(`The same event as Splunk gets it:\n\n    ${receiver.sample}\n`);
}

export function printThroughput({ written, rotations }: DemoWriter, elapsed_ms: number): void {
  const seconds = elapsed_ms / 1000;
  console.log(
    `${count(written)} events, ${rotations} rotation, in ${seconds.toFixed(1)} s ` +
      `from the agent's start: ${count(Math.round(written / seconds))} events/s.\n`,
  );
}

/** Prints the totals and sets the exit status: not 0 where anything does not add up. */
export function printResult({ writer, receiver, agent }: Parts, status: number | null): void {
  const { books } = agent;
  if (books === undefined || status !== 0) {
    console.log(`The agent ended with status ${status}:\n${agent.complaints.join("\n")}`);
    ending.status = 1;
    return;
  }
  printBooks(books);
  const complete =
    books.total.received === writer.written && receiver.events === books.total.delivered;
  console.log(
    complete && books.balanced
      ? `\nThe books balance, and the receiver counted ${count(receiver.events)} events, too.`
      : `\nThis does not add up: written ${writer.written}, arrived ${receiver.events}.`,
  );
  if (!complete || !books.balanced) ending.status = 1;
}

function printBooks({ total }: Books): void {
  console.log("The books:\n");
  const rows = [
    "received",
    "delivered",
    "filtered",
    "quarantined",
    "dropped",
    "in_flight",
  ] as const;
  for (const row of rows) {
    const sign = row === "received" ? " " : row === "delivered" ? "=" : "+";
    console.log(`  ${sign} ${row.replace("_", " ").padEnd(12)}${count(total[row]).padStart(10)}`);
  }
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
