/** Says in the log which events a corrected index has freed. */
import type { FreedEvents } from "../../admin/status/waiting-report.ts";
import type { Logger } from "../../platform/log.ts";

export function logFreed(log: Logger, freed: readonly FreedEvents[]): void {
  for (const each of freed)
    log.info("index_corrected", { ...each }, "Events that waited for a refused index are freed.");
}
