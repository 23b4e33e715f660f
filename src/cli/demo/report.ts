/**
 * What the demo prints: the flow, one event before and after, the throughput, and the books. 80 columns, and readable
 * without colour.
 */
import type { Books } from "../../ledger/books.ts";
import { ending } from "../process/ending.ts";
import { partsOf, withoutQuotes } from "../../preview/run/differences.ts";
import { differenceLines } from "../terminal/difference-lines.ts";
import { styled } from "../terminal/style.ts";
import type { AgentProcess } from "./agent-process.ts";
import type { DemoReceiver } from "./receiver.ts";
import type { DemoWriter } from "./writer.ts";

/** Who takes part in the demo. */
export interface Parts {
  writer: DemoWriter;
  receiver: DemoReceiver;
  agent: AgentProcess;
}

export function printFlow(chain: string, { url }: DemoReceiver): void {
  const receiver = url.replace("http://", "");
  console.log(
    `${styled("bold", "tallyman demo")}: the real agent, with a local receiver in place of Splunk.

    s3-audit.log ──► ${styled("bold", "tallyman")} ──► ${receiver} (HTTP Event Collector)

${chain}`,
  );
}

/** Shows the one place in which the event was changed, and says that there is no other. */
export function printEvent(writer: DemoWriter, receiver: DemoReceiver): void {
  const before = writer.sample;
  const parts = withoutQuotes(partsOf(before, eventIn(receiver.sample ?? "")));
  const shared = parts.filter(({ kind }) => kind === "same").map(({ text }) => text);
  const shared_bytes = Buffer.byteLength(shared.join(""));
  console.log(
    [
      `One of the events, ${count(Buffer.byteLength(before))} bytes. What was sent differs in one place:`,
      "",
      ...differenceLines(parts),
      "",
      `The other ${count(shared_bytes)} bytes were sent as they were written.`,
      "",
    ].join("\n"),
  );
}

/** The event in an envelope, by its bytes: it is the last member. */
function eventIn(envelope: string): string {
  return envelope.slice(envelope.indexOf('"event":') + '"event":'.length, -1);
}

export function printThroughput({ written, rotations }: DemoWriter, elapsed_ms: number): void {
  const seconds = elapsed_ms / 1000;
  const rate = count(Math.round(written / seconds));
  console.log(
    `${count(written)} events and ${rotations} rotation in ${seconds.toFixed(1)} s, agent start included: ` +
      `${rate} events/s.\n`,
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
  printBooks(books, { writer, receiver });
  const { received, delivered } = books.total;
  if (books.balanced && received === writer.written && receiver.events === delivered) {
    console.log(styled(["bold", "green"], "\nThe books balance: nothing is missing."));
    return;
  }
  console.log(
    styled(["bold", "red"], "\nThe counts do not match.") +
      ` Written ${count(writer.written)}, arrived ${count(receiver.events)}.`,
  );
  ending.status = 1;
}

function printBooks({ total }: Books, { writer, receiver }: Omit<Parts, "agent">): void {
  const rows: [name: string, events: number, remark: string][] = [
    ["received", total.received, `${count(writer.written)} were written to the file`],
    ["delivered", total.delivered, `${count(receiver.events)} were counted by the receiver`],
    ["filtered", total.filtered, "successful HeadObject calls"],
    ["quarantined", total.quarantined, ""],
    ["dropped", total.dropped, ""],
    ["in flight", total.in_flight, ""],
  ];
  console.log(styled("bold", "The books"));
  for (const [name, events, remark] of rows) {
    const row = `  ${name.padEnd(12)}${count(events).padStart(9)}`;
    console.log(remark === "" ? row : `${row}   ${styled("dim", remark)}`);
  }
}

function count(number: number): string {
  return number.toLocaleString("en-US");
}
