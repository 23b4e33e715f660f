/** What an agent reports of its process: a part of the status. */
import type { HistogramCounts } from "../../platform/histogram.ts";

export interface ProcessStatus {
  readonly uptime_seconds: number;
  readonly cpu_seconds: number;
  readonly resident_bytes: number;
  readonly heap_used_bytes: number;
  readonly descriptors_open: number | undefined;
  readonly descriptors_max: number;
  /** How much later than asked for the event loop came round, in seconds. */
  readonly event_loop_delay: HistogramCounts;
  /** The most of the last half minute or so. */
  readonly event_loop_delay_seconds_max: number;
}
