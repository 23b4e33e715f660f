/** What the system would keep of this process if it crashed. */
import { writeFileSync } from "node:fs";

const filter = "/proc/self/coredump_filter";

/**
 * Leaves this process's memory, which has events and tokens in it, out of core dumps, and that of the processes that it starts. A
 * limit of size is not enough: a program that is given core dumps, as on most machines, need not keep to it. Never throws.
 */
export function emptyCoreDumps(): void {
  try {
    writeFileSync(filter, "0");
  } catch {
    // The kernel makes no core dumps, or none of this process.
  }
}
