/** What the system says of another process: how much memory it has, how long it has worked, and whether it could work. */
import { readFileSync } from "node:fs";

const page_bytes = 4096;
/** Processor time is counted in hundredths of a second, whatever the kernel's own ticks. */
const tick_ms = 10;

/** Bytes of memory that the process really has; 0 where that cannot be found out. */
export function residentBytes(pid: number): number {
  try {
    const [, resident] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
    return Number(resident) * page_bytes;
  } catch {
    return 0;
  }
}

/** Processor time of the process so far, and whether its main thread would work if it were let. */
export function workOf(pid: number): { readonly spent_ms: number; readonly is_running: boolean } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name of the program, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const spent_ms = (Number(fields[11]) + Number(fields[12])) * tick_ms;
    return { spent_ms, is_running: fields[0] === "R" };
  } catch {
    return { spent_ms: 0, is_running: false };
  }
}
