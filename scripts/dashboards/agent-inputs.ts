/** What the dashboard of one agent shows of its inputs, their files and journals, and their steps. */
import { late, none_is_good, room, type Panel, type Row } from "./contents.ts";
import { inputs, lines, ofInputs, ofSteps, rate } from "./panels.ts";

export const input_row: Row = {
  title: "Inputs",
  panels: [
    ofInputs("Received", "eps", rate(`tallyman_events_received_total{${inputs}}`)),
    ofInputs("Settled", "binBps", rate(`tallyman_events_received_bytes_total{${inputs}}`)),
    ofInputs("In flight", "short", `tallyman_events_in_flight{${inputs}}`),
    ofInputs("Backlog", "bytes", `tallyman_input_lag_bytes{${inputs}}`),
    {
      ...ofInputs("Age of the oldest event", "s", `tallyman_input_lag_seconds{${inputs}}`),
      steps: late,
    },
    ofInputs("Paused", "s", `tallyman_input_paused_seconds{${inputs}}`),
    ofInputs("No event for", "s", `tallyman_input_silent_seconds{${inputs}}`),
    {
      kind: "state-timeline",
      title: "Silent",
      unit: "short",
      width: 8,
      height: 8,
      queries: [{ expr: `max by (input) (tallyman_input_silent{${inputs}})`, legend: "{{input}}" }],
      words: { 0: ["no", "green"], 1: ["silent", "red"] },
      steps: none_is_good,
    },
    ofInputs("Connections", "short", `tallyman_input_connections{${inputs}}`),
    {
      ...lines(
        "Dropped and quarantined",
        "eps",
        {
          expr: `sum by (input, reason) (${rate(`tallyman_events_dropped_total{${inputs}}`)})`,
          legend: "{{input}}: dropped, {{reason}}",
        },
        {
          expr: `sum by (input, reason) (${rate(`tallyman_events_quarantined_total{${inputs}}`)})`,
          legend: "{{input}}: quarantined, {{reason}}",
        },
      ),
      description:
        "Events that were not delivered, by reason. Dropped ones are lost; those in quarantine can be replayed.",
    },
    {
      ...lines(
        "Bytes lost",
        "bytes",
        {
          expr: `sum by (input, reason) (tallyman_lost_bytes_total{${inputs}})`,
          legend: "{{input}}: {{reason}}",
        },
        {
          expr: `sum by (input) (tallyman_maybe_lost_bytes_total{${inputs}}) > 0`,
          legend: "{{input}}: maybe",
        },
      ),
      description:
        "Bytes that could not be read before they were gone, of all time; and those of which nothing can tell.",
    },
    ofTimes(),
  ],
};

function ofTimes(): Panel {
  return lines("Times that cannot be right", "eps", {
    expr: `sum by (input, fault) (${rate(`tallyman_time_faults_total{${inputs}}`)})`,
    legend: "{{input}}: {{fault}}",
  });
}

export const files: Row = {
  title: "Files and journals",
  panels: [
    {
      kind: "table",
      title: "Files furthest behind",
      description: "The 20 files of each input that are furthest behind, and the others together.",
      unit: "short",
      width: 16,
      height: 8,
      queries: [
        { expr: `max by (input, file) (tallyman_file_lag_bytes{${inputs}}) > 0` },
        { expr: `max by (input, file) (tallyman_file_lag_seconds{${inputs}})` },
      ],
      columns: {
        input: { title: "Input" },
        file: { title: "File" },
        "Value #A": { title: "Backlog", unit: "bytes" },
        "Value #B": { title: "Oldest event", unit: "s" },
      },
    },
    {
      ...lines(
        "Files",
        "short",
        { expr: `sum by (input) (tallyman_input_files{${inputs}})`, legend: "{{input}}: followed" },
        {
          expr: `sum by (input) (tallyman_input_files_unreadable{${inputs}}) > 0`,
          legend: "{{input}}: unreadable",
        },
        {
          expr: `sum by (input) (tallyman_input_files_refused{${inputs}}) > 0`,
          legend: "{{input}}: refused",
        },
        {
          expr: `sum by (input) (tallyman_input_paths_unmatched{${inputs}}) > 0`,
          legend: "{{input}}: paths without a file",
        },
      ),
      description:
        "Files that are followed, those that cannot be read or are refused, and paths that match nothing.",
    },
    {
      ...lines("Journals", "percentunit", {
        expr: `max by (input, output) (tallyman_journal_bytes{${inputs}} / tallyman_journal_limit_bytes{${inputs}})`,
        legend: "{{input}} {{output}}",
      }),
      description:
        "Share of its limit that each journal takes. What happens when it is full, when_full says.",
      steps: room,
      max: 1,
    },
    lines("Events in journals", "short", {
      expr: `sum by (input, output) (tallyman_journal_events{${inputs}})`,
      legend: "{{input}} {{output}}",
    }),
    {
      kind: "state-timeline",
      title: "Journals that accept nothing",
      unit: "short",
      width: 8,
      height: 8,
      queries: [
        {
          expr: `max by (input, output) (tallyman_journal_closed{${inputs}})`,
          legend: "{{input}} {{output}}",
        },
      ],
      words: { 0: ["open", "green"], 1: ["closed", "red"] },
      steps: none_is_good,
    },
  ],
};

export const steps: Row = {
  title: "Steps",
  panels: [
    ofSteps("Events that reach a step", "eps", rate(`tallyman_step_events_total{${inputs}}`)),
    ofSteps(
      "Events that a step changes",
      "eps",
      rate(`tallyman_step_changed_events_total{${inputs}}`),
    ),
    lines("Events that end at a step", "eps", {
      expr: `sum by (input, step, fate) (${rate(`tallyman_step_ended_events_total{${inputs}}`)}) > 0`,
      legend: "{{input}}: {{step}} {{fate}}",
    }),
    ofSteps(
      "Events on which a step fails",
      "eps",
      rate(`tallyman_step_failed_events_total{${inputs}}`),
    ),
    {
      ...lines("Time for an event", "s", {
        expr: `sum by (input, step) (${rate(`tallyman_step_timed_seconds_total{${inputs}}`)}) / sum by (input, step) (${rate(`tallyman_step_timed_events_total{${inputs}}`)})`,
        legend: "{{input}}: {{step}}",
      }),
      description:
        "Processing time of an event in a step, measured on one in 251. The first step that reads an event includes the time to parse it.",
    },
    ofSteps("Paths that have found nothing", "short", `tallyman_step_unmatched_paths{${inputs}}`),
  ],
};
