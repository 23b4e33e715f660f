/**
 * The writer of the soak: numbered audit events into a file at a steady rate, and a new file now and then.
 *
 * Forked by processes.ts with its orders as JSON. Says once a second how many events it has written; on the message `end` it
 * finishes; on `hold` and `go on` it waits and goes on. Full files keep lying there: who knows that they are shipped removes
 * them.
 */
import { closeSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";

export interface WriterOrders {
  directory: string;
  per_second: number;
  rotate_every_ms: number;
}

export interface WriterReport {
  written: number;
  rotations: number;
  ended: boolean;
}

export const active_name = "audit.log";
const tick_ms = 10;
const report_every_ms = 1000;
/** What is made in one go at most, so that it stays responsive where the machine is slow. */
const events_max = 2000;

async function write({ directory, per_second, rotate_every_ms }: WriterOrders): Promise<void> {
  const path = join(directory, active_name);
  let state: "writing" | "holding" | "ending" = "writing";
  process.on("message", (message) => {
    state = message === "end" ? "ending" : message === "hold" ? "holding" : "writing";
  });
  let file = openSync(path, "a");
  let written = 0;
  let rotations = 0;
  let due = 0;
  let last_ms = performance.now();
  let rotated_ms = last_ms;
  let reported_ms = last_ms;
  const report = (ended: boolean): void => {
    process.send!({ written, rotations, ended } satisfies WriterReport);
  };
  // Read anew each time, since a message changes it.
  const isEnding = (): boolean => state === "ending";
  while (!isEnding()) {
    await new Promise((resolve) => setTimeout(resolve, tick_ms));
    const now_ms = performance.now();
    // What it could not write in time is not made up for by more than a second's worth.
    if (state === "writing") due += ((now_ms - last_ms) / 1000) * per_second;
    due = Math.min(due, per_second);
    last_ms = now_ms;
    if (now_ms - rotated_ms >= rotate_every_ms) {
      rotated_ms = now_ms;
      rotations += 1;
      renameSync(path, join(directory, `audit-${String(rotations).padStart(6, "0")}.log`));
      closeSync(file);
      file = openSync(path, "a");
    }
    let text = "";
    for (let count = Math.min(Math.floor(due), events_max); count > 0; count -= 1) {
      text += `${wekaEvent(written)}\n`;
      written += 1;
      due -= 1;
    }
    if (text !== "") writeSync(file, text);
    if (now_ms - reported_ms < report_every_ms) continue;
    reported_ms = now_ms;
    report(false);
  }
  closeSync(file);
  report(true);
}

if (process.send !== undefined) {
  process.on("disconnect", () => process.exit());
  await write(JSON.parse(process.argv[2]!) as WriterOrders);
  process.disconnect!();
}
