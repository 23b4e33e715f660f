/**
 * How many more files and sockets this process can open.
 */
import { readdirSync, readFileSync } from "node:fs";

/** The limit on file descriptors (RLIMIT_NOFILE) less those in use; undefined where /proc does not say. */
export function spareDescriptors(): number | undefined {
  try {
    // proc_pid_limits(5): the soft limit comes first. Node has raised it to the hard one.
    const limit = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return limit === undefined ? undefined : Number(limit) - readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}
