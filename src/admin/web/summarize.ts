/** Makes the summary of a status for the page, in a bounded size. */
import { addTo, type CountsByReason, countIn, sumOf } from "../../ledger/books.ts";
import { healthOf, type Health } from "../status/health.ts";
import type { InputStatus, OutputReport, Status, StepStatus } from "../status/status.ts";
import { warningsIn, type Warning } from "../status/warnings.ts";
import type {
  BooksSummary,
  ChainSummary,
  FateSummary,
  FileSummary,
  InputSummary,
  JournalSummary,
  OutputSummary,
  StepSummary,
  Summary,
} from "./summary.ts";
import { machineName } from "../../platform/process/machine-name.ts";

/** The size of a summary as JSON. */
export const summary_bytes_max = 50_000;
/** How many of each kind are listed; fewer where that would be too long. */
const listed_max = 32;
const text_length_max = 240;
const common_chain = "chain";

/** The summary as JSON, never longer than `summary_bytes_max`. */
export function summaryText(status: Status): string {
  const warnings = warningsIn(status);
  for (let listed = listed_max; ; listed = Math.floor(listed / 2)) {
    const text = JSON.stringify(summaryOf(status, warnings, listed));
    if (listed === 0 || Buffer.byteLength(text) <= summary_bytes_max) return text;
  }
}

function summaryOf(status: Status, all_warnings: readonly Warning[], listed: number): Summary {
  const { inputs, outputs, books, process, config, quarantine, disk } = status;
  const troubled = new Set(
    all_warnings.flatMap(({ severity, subject }) => (severity === "problem" ? [subject] : [])),
  );
  const chains = chainsOf(status, listed);
  const journals = inputs.flatMap(journalsOf);
  const warnings = problemsFirst(all_warnings);
  const files = inputs.flatMap(filesOf).sort(furthestBehindFirst);
  return {
    host: short(machineName()),
    version: status.version,
    pid: status.pid,
    state: status.state,
    at: status.at,
    started_at: status.started_at,
    uptime_seconds: Math.round(process.uptime_seconds),
    config: {
      file: short(config.file),
      digest: config.digest,
      reload: config.last_reload && {
        at: config.last_reload.at,
        result: config.last_reload.result,
      },
    },
    health: shortHealth(healthOf(status, all_warnings)),
    books: booksOf(status, listed),
    inputs: inputs
      .map((input) => inputSummary(input, books.inputs, troubled))
      .sort(worstFirst)
      .slice(0, listed),
    other_inputs: Math.max(0, inputs.length - listed),
    chains: chains.slice(0, listed),
    other_chains: Math.max(0, chains.length - listed),
    outputs: outputs.slice(0, listed).map((output) => outputSummary(output, status, listed)),
    other_outputs: Math.max(0, outputs.length - listed),
    files: files.slice(0, listed),
    files_total: sum(inputs.map(({ files: report }) => report?.followed ?? 0)),
    lag_bytes: sum(inputs.map(({ lag_bytes = 0 }) => lag_bytes)),
    lag_seconds: tenths(Math.max(0, ...inputs.map(({ lag_seconds }) => lag_seconds))),
    journals: journals.slice(0, listed),
    other_journals: Math.max(0, journals.length - listed),
    quarantine,
    disk,
    process: {
      cpu_seconds: process.cpu_seconds,
      resident_bytes: process.resident_bytes,
      event_loop_delay_seconds_max: process.event_loop_delay_seconds_max,
    },
    warnings: warnings.slice(0, listed),
    other_warnings: Math.max(0, warnings.length - listed),
  };
}

function shortHealth(health: Health): Health {
  return { ...health, sentence: short(health.sentence), said: short(health.said) };
}

function problemsFirst(warnings: readonly Warning[]): Warning[] {
  const is = (severity: Warning["severity"]) =>
    warnings.filter((warning) => warning.severity === severity);
  return [...is("problem"), ...is("hint")].map((warning) => ({
    ...warning,
    subject: warning.subject && short(warning.subject),
    message: short(warning.message),
  }));
}

function booksOf({ books: { total, balanced, inputs } }: Status, listed: number): BooksSummary {
  const all = Object.values(inputs);
  const fate = (of: (books: (typeof all)[number]) => CountsByReason): FateSummary =>
    fateOf(all.map(of), listed);
  return {
    balanced,
    received: total.received,
    made: total.made,
    replayed: total.replayed,
    in_flight: total.in_flight,
    delivered: fate(({ delivered }) => delivered),
    filtered: fate(({ filtered }) => filtered),
    quarantined: fate(({ quarantined }) => quarantined),
    dropped: fate(({ dropped }) => dropped),
    lost: fate(({ lost_bytes }) => lost_bytes),
    maybe_lost_bytes: total.maybe_lost_bytes,
    quarantine_removed: total.quarantine_removed,
  };
}

function fateOf(counts: readonly CountsByReason[], listed: number): FateSummary {
  const sums: CountsByReason = {};
  for (const each of counts) addAll(sums, each);
  const reasons = Object.entries(sums)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one);
  return {
    total: sumOf(sums),
    reasons: reasons.slice(0, listed).map(([reason, count]) => [short(reason), count] as const),
  };
}

function inputSummary(
  input: InputStatus,
  books: Status["books"]["inputs"],
  troubled: ReadonlySet<string | undefined>,
): InputSummary {
  const { name, type, listens_on, connections, files, lag_bytes = 0 } = input;
  return {
    name,
    type,
    listens_on: listens_on && short(listens_on),
    connections,
    files: files?.followed,
    received: books[name]?.received ?? 0,
    in_flight: books[name]?.in_flight ?? 0,
    lag_bytes,
    lag_seconds: tenths(input.lag_seconds),
    paused_seconds: tenths(input.paused_seconds),
    chain: chainOf(input),
    has_problem: troubled.has(name),
  };
}

function worstFirst(one: InputSummary, other: InputSummary): number {
  return (
    Number(other.has_problem) - Number(one.has_problem) ||
    other.lag_bytes - one.lag_bytes ||
    other.lag_seconds - one.lag_seconds ||
    other.received - one.received
  );
}

/** Inputs without steps go through the common chain that has none. */
function chainOf({ name, chain }: InputStatus): string {
  return chain === "own" ? name : common_chain;
}

function chainsOf({ inputs, books }: Status, listed: number): ChainSummary[] {
  const groups = Map.groupBy(inputs, chainOf);
  return [...groups].map(([name, members]) => {
    const delivered: CountsByReason = {};
    for (const input of members) addAll(delivered, books.inputs[input.name]?.delivered ?? {});
    // What is left of a removed input has no steps.
    const names = members.find(({ steps: each }) => each.length > 0)?.steps ?? [];
    const steps = names.map((step, at) =>
      stepSummary(
        members.flatMap((input) => input.steps[at] ?? []),
        step,
      ),
    );
    return {
      name,
      inputs: members.length,
      received: sum(members.map((input) => books.inputs[input.name]?.received ?? 0)),
      steps: steps.slice(0, listed),
      other_steps: Math.max(0, steps.length - listed),
      delivered: Object.fromEntries(Object.entries(delivered).slice(0, listed)),
    };
  });
}

/** The same step of all the inputs that share it. */
function stepSummary(uses: readonly StepStatus[], { name, plugin }: StepStatus): StepSummary {
  const total = (of: (step: StepStatus) => number): number => sum(uses.map(of));
  const timed = total(({ timed_events }) => timed_events);
  const seconds = total(({ timed_seconds }) => timed_seconds);
  return {
    name: short(name),
    plugin,
    events: total(({ events }) => events),
    changed: total(({ changed }) => changed),
    filtered: total(({ filtered }) => filtered),
    dropped: total(({ dropped }) => dropped),
    quarantined: total(({ quarantined }) => quarantined),
    failed: total(({ failed }) => failed),
    microseconds: timed === 0 ? undefined : tenths((seconds * 1e6) / timed),
  };
}

function outputSummary(output: OutputReport, { books }: Status, listed: number): OutputSummary {
  const { name, type, state, reason, since, hec, latency } = output;
  const endpoints = hec?.endpoints ?? [];
  return {
    name,
    type,
    state,
    reason: reason && short(reason),
    since,
    delivered: sum(Object.values(books.inputs).map((each) => countIn(each.delivered, name))),
    latency_seconds: latency.count === 0 ? undefined : latency.sum / latency.count,
    requests: hec?.requests,
    requests_failed: hec?.requests_failed,
    unacknowledged: hec?.events_unacknowledged,
    endpoints: endpoints.slice(0, listed).map((endpoint) => ({
      url: short(endpoint.url),
      state: endpoint.state,
      reason: endpoint.reason && short(endpoint.reason),
      since: endpoint.since,
      latency_seconds: endpoint.latency_seconds,
    })),
    other_endpoints: Math.max(0, endpoints.length - listed),
  };
}

function filesOf({ name, files }: InputStatus): FileSummary[] {
  return (files?.list ?? []).map((file) => ({
    input: name,
    path: shortPath(file.path),
    state: file.state,
    size_bytes: file.size_bytes,
    lag_bytes: file.lag_bytes,
    lag_seconds: tenths(file.lag_seconds),
    trouble: file.trouble,
  }));
}

/** A file in trouble may not be behind. */
function furthestBehindFirst(one: FileSummary, other: FileSummary): number {
  return (
    Number(other.trouble !== undefined) - Number(one.trouble !== undefined) ||
    other.lag_bytes - one.lag_bytes
  );
}

function journalsOf({ name, journals }: InputStatus): JournalSummary[] {
  return journals.map(({ output, bytes, bytes_max, events_unread, is_closed, trouble }) => ({
    input: name,
    output,
    bytes,
    bytes_max,
    events_unread,
    is_closed,
    trouble: trouble && short(trouble),
  }));
}

function addAll(sums: CountsByReason, counts: CountsByReason): void {
  for (const [reason, count] of Object.entries(counts)) addTo(sums, reason, count);
}

function short(text: string): string {
  return text.length <= text_length_max ? text : `${text.slice(0, text_length_max - 1)}…`;
}

/** The end of a path says more than its beginning. */
function shortPath(path: string): string {
  return path.length <= text_length_max ? path : `…${path.slice(1 - text_length_max)}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
