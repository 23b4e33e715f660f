/** Files of numbered audit events, and the processes that write them. */
import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";
import type { Reading } from "../events/envelopes.ts";
import type { WriterOrders } from "./rotating-writer.ts";

const request_id_key = '"requestID":"';

/** Writes the events with numbers from `from` up to, but without, `to`, as `line` makes them. */
export function writeEvents(
  path: string,
  from: number,
  to: number,
  line: (number: number) => string = wekaEvent,
): void {
  const file = openSync(path, "a");
  for (let number = from; number < to;) {
    let text = "";
    for (const end = Math.min(number + 2000, to); number < end; number += 1) {
      text += `${line(number)}\n`;
    }
    writeSync(file, text);
  }
  closeSync(file);
}

/** Runs the rotating writer as a process, and resolves when it has written everything. */
export async function writeRotating(orders: WriterOrders): Promise<void> {
  const program = new URL("rotating-writer.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, JSON.stringify(orders)], { stdio: "inherit" });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const [status] = (await once(child, "close")) as [number | null];
  if (status !== 0) throw new Error(`the writer ended with status ${status}`);
}

/**
 * Reads an event-mode body of numbered audit events without parsing it: calls back with each event's number and
 * the bytes of its envelope, in order.
 */
export function readNumbered(onEvent: (number: number, envelope: Buffer) => void) {
  return (body: Buffer): Reading => {
    for (let start = 0; start < body.length;) {
      const end = body.indexOf(10, start);
      if (end < 0) throw new Error("a body does not end with a line feed");
      const envelope = body.subarray(start, end);
      const at = envelope.lastIndexOf(request_id_key);
      const from = at + request_id_key.length;
      const digits = envelope.toString("latin1", from, from + 16);
      onEvent(Number.parseInt(digits, 16), envelope);
      start = end + 1;
    }
    return { events: [], code: 0 };
  };
}

/** Counts how often each number came. */
export class Tally {
  readonly counts: Uint8Array;
  /** How many different numbers came. */
  distinct = 0;
  /** How many came more than once, each repetition counted. */
  repeats = 0;

  constructor(size: number) {
    this.counts = new Uint8Array(size);
  }

  add(number: number): void {
    const before = this.counts[number] ?? 0;
    if (before === 0) this.distinct += 1;
    else this.repeats += 1;
    this.counts[number] = before + 1;
  }

  /** Numbers, among those that `expected` names, that never came. */
  missing(expected: (number: number) => boolean = () => true): number[] {
    return [...this.counts.keys()].filter((each) => this.counts[each] === 0 && expected(each));
  }
}
