/**
 * Loaded into the daemon by `--import`: notes how late its event loop comes round, ten times a second, in the file that
 * BENCH_DELAYS names. Each line has the wall clock and the longest delay since the line before, in milliseconds.
 */
import { appendFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const file = process.env["BENCH_DELAYS"]!;
const resolution_ms = 1;
const delays = monitorEventLoopDelay({ resolution: resolution_ms });
delays.enable();
setInterval(() => {
  appendFileSync(file, `${Date.now()} ${(delays.max / 1e6 - resolution_ms).toFixed(1)}\n`);
  delays.reset();
}, 100).unref();
