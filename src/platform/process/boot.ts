/**
 * When the machine was started, by its clock: about the same as long as it runs, unless the clock is set. (The kernel's own id of a
 * boot is not there to be read where a service sees no more of /proc than processes.)
 */
import { uptime } from "node:os";
import { systemClock } from "../clock.ts";

export function bootedAt(): number {
  return Math.round(systemClock.now() - uptime() * 1000);
}
