/**
 * A process that works for the agent and runs plugins: it ends with the agent, and goes first where memory runs out.
 */
import { writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { guardProcess } from "./process-guard.ts";

/** An agent that is gone cannot end a plugin that loops; so another thread of this process does, within a second. */
const orphanGuard = (parent: number): string => `
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (process.ppid === ${parent}) Atomics.wait(never, 0, 0, 1000);
  process.kill(process.pid, "SIGKILL");
`;

/** Makes this process one that works for the process `parent`. Comes before plugins are loaded. */
export function becomePluginProcess(parent: number): void {
  new Worker(orphanGuard(parent), { eval: true, execArgv: [] }).unref();
  dieFirst();
  guardProcess();
}

/** Where the machine, or the service, has no memory left, the system ends this process rather than the agent. */
function dieFirst(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // Then the system chooses the largest, which is this one if it is at fault.
  }
}
