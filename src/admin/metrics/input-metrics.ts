/**
 * The metrics of inputs: how far behind they are, their files and journals, and what their steps do.
 */
import type { FileReport, InputStatus, JournalReport, StepStatus } from "../status/status.ts";
import type { Labels, Metric } from "./metric.ts";

/** Files with labels of their own, for each input: those that are the furthest behind. */
const labelled_files_max = 20;
/** Stands for the files that have none. */
const other_files = "(others)";

export const input_metrics: readonly Metric[] = [
  ofInputs(
    "tallyman_input_lag_bytes",
    "Bytes of an input's files that are not settled yet, unread bytes included.",
    ({ lag_bytes }) => lag_bytes,
  ),
  ofInputs(
    "tallyman_input_lag_seconds",
    "Age of an input's oldest event that is not settled yet.",
    ({ lag_seconds }) => lag_seconds,
  ),
  ofFiles(
    "tallyman_file_lag_bytes",
    `As tallyman_input_lag_bytes, by file: the ${labelled_files_max} furthest behind, and the sum of the others.`,
    ({ lag_bytes }) => lag_bytes,
    (one, other) => one + other,
  ),
  ofFiles(
    "tallyman_file_lag_seconds",
    `As tallyman_input_lag_seconds, by file: the ${labelled_files_max} furthest behind, and the most of the others.`,
    ({ lag_seconds }) => lag_seconds,
    (one, other) => Math.max(one, other),
  ),
  ofInputs(
    "tallyman_input_paused_seconds",
    "How long reading of an input has been paused by backpressure.",
    ({ paused_seconds }) => paused_seconds,
  ),
  ofInputs(
    "tallyman_input_silent_seconds",
    "How long no event has come in.",
    ({ silence }) => silence?.silent_seconds,
  ),
  ofInputs(
    "tallyman_input_silent",
    "1 while no event has come in for longer than `expect_every` of the input, which has to be set.",
    ({ silence }) =>
      silence?.expect_every_seconds === undefined ? undefined : Number(silence.is_silent),
  ),
  ofInputs("tallyman_input_files", "Files being followed.", ({ files }) => files?.followed),
  ofInputs(
    "tallyman_input_files_unreadable",
    "Files that match and cannot be read now, and directories that cannot be searched.",
    ({ files }) => files?.unreadable,
  ),
  ofInputs(
    "tallyman_input_files_refused",
    "Matching paths that are not followed: links that others could redirect, pipes, tallyman's own files.",
    ({ files }) => files?.refused,
  ),
  ofInputs(
    "tallyman_input_paths_unmatched",
    "Configured paths that match nothing that is not excluded: no file, nothing refused, nothing unreadable.",
    ({ files }) => files && files.unmatched.length + files.excluded.length,
  ),
  ofInputs(
    "tallyman_input_unfinished_bytes",
    "Bytes at the ends of an input's files that belong to records without an end: they are not shipped yet.",
    ({ files }) => files?.unfinished.unfinished_bytes,
  ),
  ofInputs(
    "tallyman_input_unfinished_seconds",
    "How long the oldest of these records has waited for its end.",
    ({ files }) => files?.unfinished.unfinished_seconds,
  ),
  ofInputs("tallyman_input_connections", "Open connections.", ({ connections }) => connections),
  ofJournals("tallyman_journal_bytes", "Size of a journal on disk.", ({ bytes }) => bytes),
  ofJournals(
    "tallyman_journal_limit_bytes",
    "Size limit of a journal.",
    ({ bytes_max }) => bytes_max,
  ),
  ofJournals(
    "tallyman_journal_events",
    "Events in a journal that have not been read yet.",
    ({ events_unread }) => events_unread,
  ),
  ofJournals(
    "tallyman_journal_closed",
    "1 while a journal accepts nothing because it is full or cannot be written.",
    ({ is_closed }) => (is_closed ? 1 : 0),
  ),
  {
    name: "tallyman_time_faults_total",
    type: "counter",
    help: "Events whose timestamp could not be read, or can hardly be right, by fault. Set `time` of the input.",
    labels: ["input", "fault"],
    values: ({ inputs }) =>
      inputs.flatMap(({ name, time_faults }) =>
        time_faults.map(({ fault, events }) => [{ input: name, fault }, events] as const),
      ),
  },
  ofSteps("tallyman_step_events_total", "Events that reached a step.", ({ events }) => events),
  ofSteps(
    "tallyman_step_changed_events_total",
    "Events that a step changed and passed on.",
    ({ changed }) => changed,
  ),
  {
    name: "tallyman_step_ended_events_total",
    type: "counter",
    help: "Events that a step filtered out, dropped or quarantined, by fate.",
    labels: ["input", "step", "plugin", "fate"],
    values: ({ inputs }) =>
      stepsOf(inputs).flatMap(([labels, { filtered, dropped, quarantined }]) =>
        Object.entries({ filtered, dropped, quarantined }).map(
          ([fate, count]) => [{ ...labels, fate }, count] as const,
        ),
      ),
  },
  ofSteps(
    "tallyman_step_failed_events_total",
    "Events on which a step failed: they were quarantined, or dropped where `on_error` is `drop`.",
    ({ failed }) => failed,
  ),
  ofSteps(
    "tallyman_step_timed_events_total",
    "Events whose processing time in a step was measured: one in 251.",
    ({ timed_events }) => timed_events,
  ),
  ofSteps(
    "tallyman_step_timed_seconds_total",
    "Total processing time of the measured events; the first step that reads an event includes the time to parse it.",
    ({ timed_seconds }) => timed_seconds,
  ),
  {
    name: "tallyman_step_unmatched_paths",
    type: "gauge",
    help: "Paths of a redact step that have found nothing since the start. Check their spelling.",
    labels: ["input", "step", "plugin"],
    values: ({ inputs }) =>
      stepsOf(inputs)
        .filter(([, { plugin }]) => plugin === "redact")
        .map(([labels, { unmatched }]) => [labels, unmatched.length]),
  },
];

function ofInputs(
  name: string,
  help: string,
  valueOf: (input: InputStatus) => number | undefined,
): Metric {
  return {
    name,
    type: "gauge",
    help,
    labels: ["input"],
    values: ({ inputs }) =>
      inputs.flatMap((input) => {
        const value = valueOf(input);
        return value === undefined ? [] : [[{ input: input.name }, value] as const];
      }),
  };
}

/** Two files can have one path: one that was removed, and the one that took its place. */
function ofFiles(
  name: string,
  help: string,
  valueOf: (file: Pick<FileReport, "lag_bytes" | "lag_seconds">) => number,
  together: (one: number, other: number) => number,
): Metric {
  return {
    name,
    type: "gauge",
    help,
    labels: ["input", "file"],
    values: ({ inputs }) =>
      inputs.flatMap(({ name: input, files }) => {
        if (files === undefined) return [];
        const values = new Map<string, number>();
        const add = (file: string, value: number): void => {
          values.set(file, together(values.get(file) ?? 0, value));
        };
        files.list.forEach((file, place) =>
          add(place < labelled_files_max ? file.path : other_files, valueOf(file)),
        );
        if (files.others.files > 0) add(other_files, valueOf(files.others));
        return [...values].map(([file, value]) => [{ input, file }, value] as const);
      }),
  };
}

function ofJournals(
  name: string,
  help: string,
  valueOf: (journal: JournalReport) => number,
): Metric {
  return {
    name,
    type: "gauge",
    help,
    labels: ["input", "output"],
    values: ({ inputs }) =>
      inputs.flatMap(({ name: input, journals }) =>
        journals.map(
          (journal) => [{ input, output: journal.output ?? "" }, valueOf(journal)] as const,
        ),
      ),
  };
}

function ofSteps(name: string, help: string, valueOf: (step: StepStatus) => number): Metric {
  return {
    name,
    type: "counter",
    help,
    labels: ["input", "step", "plugin"],
    values: ({ inputs }) =>
      stepsOf(inputs).map(([labels, step]) => [labels, valueOf(step)] as const),
  };
}

function stepsOf(inputs: readonly InputStatus[]): [Labels, StepStatus][] {
  return inputs.flatMap(({ name: input, steps }) =>
    steps.map((step): [Labels, StepStatus] => [
      { input, step: step.name, plugin: step.plugin },
      step,
    ]),
  );
}
