/** The dashboard of one agent: its inputs, its steps, its outputs, and the process. */
import { neutral, none_is_good, one_is_good, room, type Dashboard, type Panel, type Row } from "./contents.ts";
import { files, input_row, steps } from "./agent-inputs.ts";
import { agent, grown, inputs, lines, number, ofOutputs, outputs, rate } from "./panels.ts";

const yes_is_good: Panel["words"] = { 0: ["no", "red"], 1: ["yes", "green"] };
const health: Row = {
  title: "Health",
  panels: [
    {
      ...number,
      title: "Ready",
      queries: [{ expr: `tallyman_ready{${agent}}` }],
      words: yes_is_good,
      steps: one_is_good,
    },
    {
      ...number,
      title: "Books balance",
      queries: [{ expr: `tallyman_books_balanced{${agent}}` }],
      words: yes_is_good,
      steps: one_is_good,
    },
    {
      ...number,
      title: "Problems",
      description: "Problems that tallyman status shows now; the table below names them.",
      queries: [{ expr: `sum(tallyman_warnings{${agent}, severity="problem"}) or vector(0)` }],
      steps: none_is_good,
    },
    {
      ...number,
      title: "Events dropped",
      description: "Events that were dropped in the time shown. They are lost.",
      queries: [{ expr: `${grown("tallyman_events_dropped_total", agent)} or vector(0)` }],
      steps: none_is_good,
    },
    {
      ...number,
      title: "Running for",
      description: "Time since the agent started. Starts and reloads are marked in all plots.",
      unit: "s",
      queries: [{ expr: `time() - process_start_time_seconds{${agent}}` }],
    },
    {
      ...number,
      title: "Version",
      queries: [{ expr: `tallyman_build_info{${agent}}`, legend: "{{version}} (Node {{node}})" }],
      steps: neutral,
      shows_name: true,
    },
    {
      kind: "table",
      title: "Warnings",
      description:
        "Warnings that tallyman status shows now. What to do about each is in monitoring.md.",
      unit: "short",
      width: 12,
      height: 7,
      queries: [{ expr: `sum by (severity, code) (tallyman_warnings{${agent}}) > 0` }],
      columns: {
        severity: { title: "Severity" },
        code: { title: "Code" },
        Value: { title: "Warnings" },
      },
    },
    {
      ...lines(
        "What became of the events",
        "eps",
        ...["delivered", "filtered", "quarantined", "dropped"].map((fate) => ({
          expr: `sum(${rate(`tallyman_events_${fate}_total{${inputs}}`)})`,
          legend: fate,
        })),
      ),
      description: "By fate: received = delivered + filtered + quarantined + dropped + in flight.",
      stacked: true,
      width: 12,
      height: 7,
    },
  ],
};

const output_row: Row = {
  title: "Outputs",
  panels: [
    {
      kind: "state-timeline",
      title: "Sending",
      unit: "short",
      width: 16,
      height: 8,
      description: "Whether outputs send, and whether their endpoints accept events.",
      queries: [
        { expr: `max by (output) (tallyman_output_up{${outputs}})`, legend: "{{output}}" },
        {
          expr: `max by (output, endpoint) (tallyman_endpoint_up{${outputs}})`,
          legend: "{{output}}: {{endpoint}}",
        },
      ],
      words: { 0: ["no", "red"], 1: ["sending", "green"] },
      steps: one_is_good,
    },
    ofOutputs(
      "Delivered",
      "eps",
      rate(`tallyman_events_delivered_total{${inputs}, output=~"$output"}`),
    ),
    {
      ...lines(
        "Time to delivery",
        "s",
        ...[0.5, 0.95, 0.99].map((share) => ({
          expr: `histogram_quantile(${share}, sum by (output, le) (${rate(`tallyman_delivery_latency_seconds_bucket{${outputs}}`)}))`,
          legend: `{{output}}: ${share * 100} %`,
        })),
      ),
      description:
        "Time from reading or receiving an event to its delivery: so many of 100 events take at most this long.",
    },
    lines(
      "Requests",
      "reqps",
      {
        expr: `sum by (output) (${rate(`tallyman_output_requests_total{${outputs}}`)})`,
        legend: "{{output}}",
      },
      {
        expr: `sum by (output) (${rate(`tallyman_output_requests_failed_total{${outputs}}`)})`,
        legend: "{{output}}: failed",
      },
    ),
    ofOutputs("Sent", "binBps", rate(`tallyman_output_sent_bytes_total{${outputs}}`)),
    lines(
      "Requests in flight, batches waiting",
      "short",
      {
        expr: `sum by (output) (tallyman_output_requests_in_flight{${outputs}})`,
        legend: "{{output}}: in flight",
      },
      {
        expr: `sum by (output) (tallyman_output_batches_waiting{${outputs}})`,
        legend: "{{output}}: batches waiting",
      },
    ),
    lines("Answer time of endpoints", "s", {
      expr: `max by (output, endpoint) (tallyman_endpoint_latency_seconds{${outputs}})`,
      legend: "{{endpoint}}",
    }),
    {
      ...lines("Clocks of endpoints", "s", {
        expr: `max by (output, endpoint) (tallyman_endpoint_clock_ahead_seconds{${outputs}})`,
        legend: "{{endpoint}}",
      }),
      signed: true,
    },
    lines(
      "Acknowledgements",
      "short",
      {
        expr: `sum by (output) (tallyman_output_unacknowledged_events{${outputs}})`,
        legend: "{{output}}: waiting",
      },
      {
        expr: `sum by (output) (${rate(`tallyman_output_repeated_events_total{${outputs}}`)})`,
        legend: "{{output}}: repeated per second",
      },
    ),
  ],
};

const process_row: Row = {
  title: "The process and its disk",
  panels: [
    {
      ...lines("CPU", "percentunit", {
        expr: rate(`process_cpu_seconds_total{${agent}}`),
        legend: "CPU",
      }),
      description: "CPU time that the process uses; 100 % is one core.",
    },
    {
      ...lines(
        "Memory",
        "bytes",
        { expr: `process_resident_memory_bytes{${agent}}`, legend: "resident" },
        { expr: `nodejs_heap_size_used_bytes{${agent}}`, legend: "heap" },
      ),
      description:
        "Resident memory of the process, and the part of it that JavaScript objects use (heap).",
    },
    {
      ...lines("Delay of the event loop", "s", {
        expr: `histogram_quantile(0.99, sum by (le) (${rate(`tallyman_event_loop_delay_seconds_bucket{${agent}}`)}))`,
        legend: "99 %",
      }),
      description:
        "99 of 100 samples are at most this late. A plugin that takes long, or a busy machine, is seen here.",
    },
    {
      ...lines("Open descriptors", "percentunit", {
        expr: `process_open_fds{${agent}} / process_max_fds{${agent}}`,
        legend: "open",
      }),
      description: "Share of the limit of open file descriptors.",
      steps: room,
      max: 1,
    },
    {
      ...lines("Free disk", "percentunit", {
        expr: `tallyman_state_disk_free_bytes{${agent}} / tallyman_state_disk_size_bytes{${agent}}`,
        legend: "free",
      }),
      description: "Share of the disk of state_dir that is free.",
      max: 1,
    },
    {
      ...lines("Quarantine", "percentunit", {
        expr: `tallyman_quarantine_bytes{${agent}} / tallyman_quarantine_limit_bytes{${agent}}`,
        legend: "quarantine",
      }),
      description:
        "Share of its limit that the quarantine takes. When it is full, the oldest events in it are lost.",
      steps: room,
      max: 1,
    },
    {
      kind: "state-timeline",
      title: "State file",
      unit: "short",
      width: 24,
      height: 4,
      queries: [{ expr: `tallyman_state_write_failing{${agent}}`, legend: "state file" }],
      words: { 0: ["written", "green"], 1: ["cannot be written", "red"] },
      steps: none_is_good,
    },
    {
      kind: "state-timeline",
      title: "Configuration of the fleet",
      unit: "short",
      width: 24,
      height: 6,
      description:
        "Why an agent does not take the configuration of its fleet, or does not see it. Empty where it has no fleet.",
      queries: [
        { expr: `1 - tallyman_fleet_connected{${agent}}`, legend: "NATS is not reached" },
        {
          expr: `tallyman_fleet_configuration_unread{${agent}}`,
          legend: "its bucket cannot be read",
        },
        { expr: `tallyman_fleet_configuration_refused{${agent}}`, legend: "it is refused" },
        { expr: `tallyman_fleet_holding{${agent}}`, legend: "nothing is read for it" },
      ],
      words: { 0: ["no", "green"], 1: ["yes", "red"] },
      steps: none_is_good,
    },
  ],
};

/** Of one agent. */
export const agent_dashboard: Dashboard = {
  uid: "tallyman-agent",
  title: "tallyman: one agent",
  description:
    "One agent: its inputs, steps and outputs, what became of the events, and the process.",
  variables: [
    { name: "job", label: "Job", from: "tallyman_build_info", several: false },
    { name: "instance", label: "Agent", from: 'tallyman_build_info{job="$job"}', several: false },
    { name: "input", label: "Input", from: `tallyman_events_in_flight{${agent}}`, several: true },
    { name: "output", label: "Output", from: `tallyman_output_up{${agent}}`, several: true },
  ],
  rows: [health, input_row, files, steps, output_row, process_row],
  marks: {
    started: `process_start_time_seconds{${agent}} * 1000`,
    reloaded: `tallyman_config_last_reload_timestamp_seconds{${agent}} * 1000`,
  },
};
