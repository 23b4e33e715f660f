/**
 * A program of its own that writes numbered audit events at a steady rate and rotates its file, as a storage
 * cluster with a busy logrotate does. Takes its orders as JSON in its first argument, ends when all is written.
 */
import {
  copyFileSync,
  openSync,
  closeSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { wekaEvent } from "../../../src/cli/demo/weka-events.ts";

export interface WriterOrders {
  path: string;
  /** Numbers of the first event and of the one after the last. */
  from: number;
  to: number;
  per_second: number;
  rotate_every_ms: number;
  /** How many old names are kept; older ones are deleted. */
  keep: number;
  mode: "rename" | "copytruncate";
}

/** How often it writes what has become due. */
const tick_ms = 5;

function shiftOldNames({ path, keep }: WriterOrders): void {
  rmSync(`${path}.${keep}`, { force: true });
  for (let age = keep - 1; age >= 1; age -= 1) {
    try {
      renameSync(`${path}.${age}`, `${path}.${age + 1}`);
    } catch {
      // There are not that many yet.
    }
  }
}

async function write(orders: WriterOrders): Promise<void> {
  const { path, from, to, per_second, rotate_every_ms, mode } = orders;
  let file = openSync(path, "a");
  const started_ms = performance.now();
  let rotated_ms = started_ms;
  for (let number = from; number < to;) {
    const now_ms = performance.now();
    if (now_ms - rotated_ms >= rotate_every_ms) {
      rotated_ms = now_ms;
      shiftOldNames(orders);
      if (mode === "rename") {
        renameSync(path, `${path}.1`);
        closeSync(file);
        file = openSync(path, "a");
      } else {
        copyFileSync(path, `${path}.1`);
        truncateSync(path, 0);
      }
    }
    const due = Math.min(to, from + Math.floor(((now_ms - started_ms) / 1000) * per_second));
    let text = "";
    for (; number < due; number += 1) text += `${wekaEvent(number)}\n`;
    if (text !== "") writeSync(file, text);
    await new Promise((resolve) => setTimeout(resolve, tick_ms));
  }
  closeSync(file);
}

if (process.argv[2] !== undefined) await write(JSON.parse(process.argv[2]) as WriterOrders);
