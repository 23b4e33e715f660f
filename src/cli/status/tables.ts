/**
 * The tables of an overview: inputs, outputs and steps with their numbers, the worst first.
 */
import { isBehind } from "../../admin/status/health.ts";
import type { InputStatus, Status, StepStatus } from "../../admin/status/status.ts";
import type { Warning } from "../../admin/status/warnings.ts";
import type { HistogramCounts } from "../../platform/histogram.ts";
import { approximateSize } from "../../platform/text/units.ts";
import { percent } from "../terminal/drawing/bars.ts";
import { lasting, rateOf, shortCount, timeLeft } from "./numbers.ts";
import type { Row, Table } from "./rows.ts";
import { lengthOf, manyOf } from "./table.ts";

/** By what rows are sorted. */
export const sorts = ["worst first", "busiest first", "by name"] as const;
export type Sort = (typeof sorts)[number];

/** A row with what it is sorted by. */
interface Sortable {
  readonly row: Row;
  readonly bad: number;
  readonly busy: number;
}

const badness = { good: 0, busy: 1, problem: 2 } as const;

export function inputsTable({ inputs }: Status, warnings: readonly Warning[], sort: Sort): Table {
  const problems = subjectsOf(warnings);
  const rows = inputs.map((input): Sortable => {
    const { name, lag_seconds, lag_bytes, rates, backlog } = input;
    const level = problems.has(name) ? "problem" : isBehind(input) ? "busy" : "good";
    const is_behind = isBehind(input) || lag_seconds >= 1;
    const cells = [
      rateOf(rates.events_per_second),
      approximateSize(Math.round(rates.bytes_per_second)),
      is_behind ? waiting(backlog.bytes, backlog.events) : "",
      is_behind ? lengthOf(lag_seconds) : "",
      is_behind && backlog.done !== undefined ? percent(backlog.done) : "",
      is_behind ? (timeLeft(backlog.seconds_left) ?? "") : "",
    ];
    const row = { key: name, level, name, about: aboutInput(input), cells } as const;
    return { row, bad: lag_seconds + (lag_bytes ?? 0) / 1e9, busy: rates.events_per_second };
  });
  return {
    kind: "input",
    title: "INPUTS",
    head: ["EVENTS/S", "BYTES/S", "BEHIND", "OLDEST", "DONE", "LEFT"],
    optional: ["OLDEST", "BYTES/S", "DONE"],
    rows: sorted(rows, sort),
  };
}

export function outputsTable(status: Status, warnings: readonly Warning[], sort: Sort): Table {
  const problems = subjectsOf(warnings);
  const rows = status.outputs.map((output): Sortable => {
    const { name, type, state, since, hec, rates, latency } = output;
    const endpoints = hec?.endpoints ?? [];
    const is_bad =
      problems.has(name) || endpoints.some(({ url }) => problems.has(`${name} ${url}`));
    const level = is_bad ? "problem" : state === "sending" ? "good" : "busy";
    const lasts = state === "sending" ? undefined : lasting(since, status.at);
    const cells = [
      lasts === undefined ? state : `${state} ${lasts}`,
      rateOf(rates.events_per_second),
      latencyWithin(latency, 0.5),
      latencyWithin(latency, 0.99),
      hec === undefined ? "" : `${hec.requests_in_flight}/${hec.requests_in_flight_max}`,
    ];
    const about = endpoints.length > 1 ? `${type}, ${manyOf(endpoints.length, "endpoint")}` : type;
    const row = { key: name, level, name, about, cells } as const;
    return { row, bad: since === undefined ? 0 : 1, busy: rates.events_per_second };
  });
  return {
    kind: "output",
    title: "OUTPUTS",
    head: ["STATE", "EVENTS/S", "50 % IN", "99 % IN", "REQUESTS"],
    optional: ["50 % IN", "REQUESTS", "99 % IN"],
    rows: sorted(rows, sort),
  };
}

export function stepsTable(status: Status, warnings: readonly Warning[], sort: Sort): Table {
  const problems = subjectsOf(warnings);
  const rows = stepGroups(status).map(({ key, steps, inputs }): Sortable => {
    const sum = (of: (step: StepStatus) => number): number =>
      steps.reduce((total, step) => total + of(step), 0);
    const failed = sum((step) => step.failed);
    const is_bad = problems.has(key) || inputs.some((input) => problems.has(`${input} ${key}`));
    const timed = sum((step) => step.timed_events);
    const cost = sum((step) => step.timed_seconds) / timed;
    const events = sum((step) => step.events);
    const counts = [
      events,
      sum((step) => step.changed),
      sum((step) => step.filtered),
      sum((step) => step.dropped),
      sum((step) => step.quarantined),
    ];
    const cells = [
      ...counts.map((count) => shortCount(count)),
      timed === 0 ? "" : (cost * 1e6).toFixed(1),
    ];
    const level = is_bad ? "problem" : failed > 0 ? "busy" : "good";
    const about = inputs.length > 1 ? `of ${manyOf(inputs.length, "input")}` : "";
    const row = { key, level, name: key, about, cells } as const;
    return { row, bad: failed, busy: events };
  });
  return {
    kind: "step",
    title: "STEPS since the start",
    head: ["EVENTS", "CHANGED", "FILTERED", "DROPPED", "QUARANT.", "µs/EVENT"],
    optional: ["DROPPED", "QUARANT.", "µs/EVENT", "FILTERED"],
    // In the order of the chain unless somebody is in trouble.
    rows: sorted(rows, sort),
  };
}

/** A step of the common chain, of all inputs that have it, or of an input's own chain. */
export interface StepGroup {
  readonly key: string;
  readonly steps: readonly StepStatus[];
  readonly inputs: readonly string[];
}

export function stepGroups({ inputs }: Status): StepGroup[] {
  const groups = new Map<string, { key: string; steps: StepStatus[]; inputs: string[] }>();
  for (const { name, chain, steps } of inputs) {
    for (const step of steps) {
      const key = chain === "own" ? `${name} ${step.name}` : step.name;
      const group = groups.get(`${chain} ${key}`) ?? { key, steps: [], inputs: [] };
      group.steps.push(step);
      group.inputs.push(name);
      groups.set(`${chain} ${key}`, group);
    }
  }
  return [...groups.values()];
}

/** What waits, in words of a few columns. */
export function waiting(bytes: number, events: number): string {
  if (bytes > 0 || events === 0) return approximateSize(bytes);
  return `${shortCount(events)} ev.`;
}

/** Within how long so many of the events were delivered; nothing where there were none. */
export function latencyWithin({ bounds, counts, count }: HistogramCounts, part: number): string {
  if (count === 0) return "";
  const bound = bounds[counts.findIndex((below) => below >= count * part)];
  if (bound === undefined) return `> ${lengthOf(bounds.at(-1)!)}`;
  return bound < 1 ? `${bound * 1000} ms` : lengthOf(bound);
}

function aboutInput({ type, files, connections }: InputStatus): string {
  if (files !== undefined) return `${type}, ${manyOf(files.followed, "file")}`;
  return connections === undefined ? type : `${type}, ${manyOf(connections, "connection")}`;
}

/** Whom problems are about. A journal before an output is of its input. */
function subjectsOf(warnings: readonly Warning[]): ReadonlySet<string> {
  const problems = warnings.filter(({ severity }) => severity === "problem");
  const subjects = problems.flatMap(({ subject }) => subject ?? []);
  return new Set([...subjects, ...subjects.map((subject) => subject.split("@")[0]!)]);
}

function sorted(rows: readonly Sortable[], sort: Sort): Row[] {
  const order: Record<Sort, (one: Sortable, other: Sortable) => number> = {
    "worst first": (one, other) =>
      badness[other.row.level] - badness[one.row.level] || other.bad - one.bad,
    "busiest first": (one, other) => other.busy - one.busy,
    "by name": (one, other) => (one.row.name < other.row.name ? -1 : 1),
  };
  return rows.toSorted(order[sort]).map(({ row }) => row);
}
