/**
 * The metrics of the agent as a whole: its state, its disk, its process.
 */
import type { Status } from "../status/status.ts";
import { warningsIn } from "../status/warnings.ts";
import type { Metric } from "./metric.ts";

export const agent_metrics: readonly Metric[] = [
  {
    name: "tallyman_build_info",
    type: "gauge",
    help: "Always 1; the labels say what runs.",
    labels: ["version", "node"],
    values: ({ version, node }) => [[{ version, node }, 1]],
  },
  gauge("tallyman_ready", "1 while everything is open; 0 while it starts or stops.", ({ state }) =>
    state === "ready" ? 1 : 0,
  ),
  {
    name: "tallyman_config_info",
    type: "gauge",
    help: "Always 1; the label is the digest of the configuration and the plugins in force.",
    labels: ["digest"],
    values: ({ config: { digest } }) => (digest === undefined ? [] : [[{ digest }, 1]]),
  },
  gauge(
    "tallyman_config_last_reload_successful",
    "1 where the last reload was applied, 0 where it was refused; missing before the first.",
    ({ config: { last_reload } }) => last_reload && (last_reload.result === "applied" ? 1 : 0),
  ),
  gauge(
    "tallyman_config_last_reload_timestamp_seconds",
    "When the last reload was; missing before the first.",
    ({ config: { last_reload } }) => last_reload && Date.parse(last_reload.at) / 1000,
  ),
  {
    name: "tallyman_warnings",
    type: "gauge",
    help: "How many warnings of a kind `tallyman status` shows now.",
    labels: ["code", "severity"],
    values: (status) => countWarnings(status),
  },
  gauge(
    "tallyman_quarantine_bytes",
    "Bytes of the quarantine on the disk.",
    ({ quarantine }) => quarantine.bytes,
  ),
  gauge(
    "tallyman_quarantine_limit_bytes",
    "What the quarantine may hold.",
    ({ quarantine }) => quarantine.bytes_max,
  ),
  gauge(
    "tallyman_state_disk_free_bytes",
    "What is free on the disk of state_dir.",
    ({ disk }) => disk.free_bytes,
  ),
  gauge(
    "tallyman_state_disk_size_bytes",
    "The size of the disk of state_dir.",
    ({ disk }) => disk.size_bytes,
  ),
  gauge("tallyman_state_write_failing", "1 while the state file cannot be written.", ({ disk }) =>
    disk.write_failing ? 1 : 0,
  ),
  {
    name: "tallyman_event_loop_delay_seconds",
    type: "histogram",
    help: "How much later than asked for the event loop came round, ten times a second.",
    labels: [],
    values: ({ process }) => [[{}, process.event_loop_delay]],
  },
  gauge(
    "process_start_time_seconds",
    "When the agent started, seconds since the epoch.",
    ({ started_at }) => Date.parse(started_at) / 1000,
  ),
  {
    name: "process_cpu_seconds_total",
    type: "counter",
    help: "Processor time that the process has used.",
    labels: [],
    values: ({ process }) => [[{}, process.cpu_seconds]],
  },
  gauge(
    "process_resident_memory_bytes",
    "Memory that the process has.",
    ({ process }) => process.resident_bytes,
  ),
  gauge(
    "nodejs_heap_size_used_bytes",
    "Of it, what JavaScript objects take.",
    ({ process }) => process.heap_used_bytes,
  ),
  gauge(
    "process_open_fds",
    "Files and sockets that are open.",
    ({ process }) => process.descriptors_open,
  ),
  gauge("process_max_fds", "How many may be open.", ({ process }) => process.descriptors_max),
];

function gauge(
  name: string,
  help: string,
  valueOf: (status: Status) => number | undefined,
): Metric {
  return {
    name,
    type: "gauge",
    help,
    labels: [],
    values: (status) => {
      const value = valueOf(status);
      return value === undefined ? [] : [[{}, value]];
    },
  };
}

function countWarnings(status: Status): [{ code: string; severity: string }, number][] {
  const counts = new Map<string, [{ code: string; severity: string }, number]>();
  for (const { code, severity } of warningsIn(status)) {
    const [, count] = counts.get(code) ?? [undefined, 0];
    counts.set(code, [{ code, severity }, count + 1]);
  }
  return [...counts.values()];
}
