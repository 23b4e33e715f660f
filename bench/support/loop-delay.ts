/**
 * Loaded into the daemon by `--import`: notes how late its event loop comes round, ten times a second, in the file that
 * BENCH_DELAYS names. Each line has the wall clock, the longest delay since the line before, and the most processor time that
 * the loop's own thread took meanwhile from one of its turns to the next, in milliseconds: on a busy machine, a delay is mostly
 * that of the machine.
 */
import { appendFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const file = process.env["BENCH_DELAYS"]!;
const resolution_ms = 1;
const delays = monitorEventLoopDelay({ resolution: resolution_ms });
delays.enable();

/** What the thread has used so far. */
function usedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

let used_ms = usedMs();
let longest_ms = 0;
setInterval(() => {
  const now_ms = usedMs();
  longest_ms = Math.max(longest_ms, now_ms - used_ms);
  used_ms = now_ms;
}, resolution_ms).unref();

setInterval(() => {
  const delay_ms = delays.max / 1e6 - resolution_ms;
  appendFileSync(file, `${Date.now()} ${delay_ms.toFixed(1)} ${longest_ms.toFixed(1)}\n`);
  delays.reset();
  longest_ms = 0;
}, 100).unref();
