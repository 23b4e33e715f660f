/**
 * The metrics of the agent as a whole: its state, its disk, its process.
 */
import type { Status } from "../status/status.ts";
import { warningsIn } from "../status/warnings.ts";
import { gauge, type Metric } from "./metric.ts";

export const agent_metrics: readonly Metric[] = [
  {
    name: "tallyman_build_info",
    type: "gauge",
    help: "Always 1; the labels say what runs.",
    labels: ["version", "node"],
    values: ({ version, node }) => [[{ version, node }, 1]],
  },
  gauge(
    "tallyman_ready",
    "1 while the state and all inputs are open; 0 while the agent starts or stops.",
    ({ state }) => (state === "ready" ? 1 : 0),
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
    "1 if the last reload was applied, 0 if it was refused; absent before the first.",
    ({ config: { last_reload } }) => last_reload && (last_reload.result === "applied" ? 1 : 0),
  ),
  gauge(
    "tallyman_config_last_reload_timestamp_seconds",
    "Time of the last reload; absent before the first.",
    ({ config: { last_reload } }) => last_reload && Date.parse(last_reload.at) / 1000,
  ),
  {
    name: "tallyman_warnings",
    type: "gauge",
    help: "Warnings that `tallyman status` shows now, by kind.",
    labels: ["code", "severity"],
    values: (status) => countWarnings(status),
  },
  gauge(
    "tallyman_quarantine_bytes",
    "Size of the quarantine on disk.",
    ({ quarantine }) => quarantine.bytes,
  ),
  gauge(
    "tallyman_quarantine_limit_bytes",
    "Size limit of the quarantine.",
    ({ quarantine }) => quarantine.bytes_max,
  ),
  gauge(
    "tallyman_state_disk_free_bytes",
    "Free space on the disk of state_dir.",
    ({ disk }) => disk.free_bytes,
  ),
  gauge(
    "tallyman_state_disk_size_bytes",
    "Size of the disk of state_dir.",
    ({ disk }) => disk.size_bytes,
  ),
  gauge("tallyman_state_write_failing", "1 while the state file cannot be written.", ({ disk }) =>
    disk.write_failing ? 1 : 0,
  ),
  {
    name: "tallyman_event_loop_delay_seconds",
    type: "histogram",
    help: "Delay of the event loop, sampled ten times a second.",
    labels: [],
    values: ({ process }) => [[{}, process.event_loop_delay]],
  },
  gauge(
    "process_start_time_seconds",
    "Time at which the agent started, seconds since the epoch.",
    ({ started_at }) => Date.parse(started_at) / 1000,
  ),
  {
    name: "process_cpu_seconds_total",
    type: "counter",
    help: "CPU time that the process has used.",
    labels: [],
    values: ({ process }) => [[{}, process.cpu_seconds]],
  },
  gauge(
    "process_resident_memory_bytes",
    "Resident memory of the process.",
    ({ process }) => process.resident_bytes,
  ),
  gauge(
    "nodejs_heap_size_used_bytes",
    "The part of it that JavaScript objects use (heap).",
    ({ process }) => process.heap_used_bytes,
  ),
  gauge("process_open_fds", "Open file descriptors.", ({ process }) => process.descriptors_open),
  gauge(
    "process_max_fds",
    "Limit of open file descriptors.",
    ({ process }) => process.descriptors_max,
  ),
];

function countWarnings(status: Status): [{ code: string; severity: string }, number][] {
  const counts = new Map<string, [{ code: string; severity: string }, number]>();
  for (const { code, severity } of warningsIn(status)) {
    const [, count] = counts.get(code) ?? [undefined, 0];
    counts.set(code, [{ code, severity }, count + 1]);
  }
  return [...counts.values()];
}
