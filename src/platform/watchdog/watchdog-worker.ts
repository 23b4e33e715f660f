/**
 * The watchdog's thread: looks a few times whether the main thread still works. Where it hangs, it says so on standard
 * error, keeps the event for the next start, and ends the process by SIGALRM.
 */
import { write } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../clock.ts";
import { replaceFile } from "../files/atomic-file.ts";
import { atMost } from "../patience.ts";
import { hashOfRecord, withHungEvent } from "./hung-events.ts";
import { Looks, looks_max } from "./looks.ts";
import { Marks, type SeenRecord } from "./marks.ts";
import type { Activity, WatchMessage, WatchOrders } from "./orders.ts";
import { reportOf } from "./report.ts";

/** How long a disk or a reader of standard error that does not answer may keep it from ending the process. */
const patience_ms = 2000;
const stderr_fd = 2;

const { memory, timeout_ms, form, kept } = workerData as WatchOrders;
const marks = new Marks(memory);
const activities = new Map<number, Activity>();
parentPort!.on("message", ({ number, activity }: WatchMessage) => {
  activities.set(number, activity);
});
await untilItHangs();
await bark(activities.get(marks.activity));

async function untilItHangs(): Promise<void> {
  const looks = new Looks();
  while (!looks.look(marks.progress, marks.activity)) {
    await systemClock.sleep(timeout_ms / looks_max);
  }
}

async function bark(activity: Activity | undefined): Promise<void> {
  const record = activity?.kind === "step" ? marks.record() : undefined;
  const report = reportOf(activity, record, timeout_ms);
  const at = new Date(systemClock.now()).toISOString();
  await atMost(
    say(form === "json" ? report.asLogLine(at) : report.asText()),
    patience_ms,
    systemClock,
  );
  if (record !== undefined) await atMost(keep(activity!, record), patience_ms, systemClock);
  process.kill(process.pid, "SIGALRM");
  // A plugin may listen for it.
  await systemClock.sleep(patience_ms);
  process.kill(process.pid, "SIGKILL");
}

function say(line: string): Promise<void> {
  return new Promise((resolve) => write(stderr_fd, `${line}\n`, () => resolve()));
}

/** Never rejects: where it cannot be written, the step hangs at the same event again, and the log says so again. */
async function keep({ code, step }: Activity, { bytes, content }: SeenRecord): Promise<void> {
  if (kept === undefined || code === undefined || step === undefined) return;
  const event = { code, step, bytes, sha256: hashOfRecord(content) };
  try {
    await replaceFile(kept.file, withHungEvent(kept.events, event));
  } catch (cause) {
    const { code: reason = "an error" } = cause as NodeJS.ErrnoException;
    await say(`tallyman: cannot write ${kept.file}: ${reason}`);
  }
}
