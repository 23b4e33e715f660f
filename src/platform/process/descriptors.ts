/**
 * How many files and sockets this process may have open, and how many more it can open.
 */
import { readdirSync, readFileSync } from "node:fs";

/** The limit on file descriptors (RLIMIT_NOFILE); Infinity where there is none, or /proc does not say. */
export function descriptorsMax(): number {
  try {
    // proc_pid_limits(5): the soft limit comes first. Node has raised it to the hard one.
    const limits = readFileSync("/proc/self/limits", "utf8");
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}

/** How many are in use; undefined where /proc does not say. */
export function descriptorsOpen(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}

/** The limit less those in use; undefined where /proc does not say. */
export function spareDescriptors(): number | undefined {
  const spare = descriptorsMax() - (descriptorsOpen() ?? Infinity);
  return Number.isFinite(spare) ? spare : undefined;
}
