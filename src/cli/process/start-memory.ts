/**
 * The memory of V8's heap: what a start has made and no longer needs, and how much garbage it may hold later. V8 would keep the
 * memory of a start: its space for new objects grows while much is made that stays, and it hardly ever makes it smaller again.
 *
 * A flag of V8 that keeps that space small costs more than it saves: while a flag differs, V8 uses no code that it has compiled
 * with other flags, neither from the compile cache nor what is built into Node for its own modules.
 */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Clock } from "../../platform/clock.ts";

/** An agent with a hundred thousand files has more: there is little to gain then, and it would stop for long. */
const heap_bytes_max = 64 * 1024 * 1024;

/** By so many percent: by measure it costs no more processor time than 40, or V8's own way. */
const growth_percent = 20;

/** V8's collector; it takes these options from Node 22 on. */
type Collect = (options: { type: "major"; execution: "sync"; flavor: "last-resort" }) => void;

/** The loop is busy for no more of the time than this where an agent has little to do. */
const rest_utilization_max = 0.3;
const look_every_ms = 1000;

/**
 * Releases it once the agent is at rest, which is looked at every second. With a backlog it would lose time twice: while all stops, and
 * then until V8 has again compiled what is hot, since such a collection throws that away.
 */
export function releaseStartMemoryAtRest(clock: Clock): void {
  const since = performance.eventLoopUtilization();
  clock.after(look_every_ms, () => {
    const { utilization } = performance.eventLoopUtilization(since);
    if (utilization > rest_utilization_max) releaseStartMemoryAtRest(clock);
    else releaseStartMemory();
  });
}

/** Gives it back to the system. It stops everything for some 100 ms, so once. */
export function releaseStartMemory(): void {
  if (getHeapStatistics().used_heap_size > heap_bytes_max) return;
  // Only a new context has the function, and only while the flag is set.
  setFlagsFromString("--expose-gc");
  try {
    const collect = runInNewContext("gc") as Collect;
    collect({ type: "major", execution: "sync", flavor: "last-resort" });
  } finally {
    setFlagsFromString("--no-expose-gc");
  }
}

/**
 * Bounds by how much the heap grows beyond what was in use at the last collection. By itself V8 lets a small one grow to four times
 * that, so that an agent that has met very many files is several times as large as what it knows of them. Comes after the start: what
 * is loaded from then on, which is little, is compiled again.
 */
export function boundHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${growth_percent}`);
}
