/**
 * Everything that is known of one input, output or step, as lines.
 */
import type { Status, StepStatus } from "../../admin/status/status.ts";
import { printable } from "../../platform/text/printable.ts";
import { inputLines } from "../status/input-lines.ts";
import { rateOf, timeLeft } from "../status/numbers.ts";
import { outputLines } from "../status/output-lines.ts";
import { warningLines, type Seen } from "../status/overview.ts";
import type { Focus } from "../status/rows.ts";
import { countOf, tableOf } from "../status/table.ts";
import { stepGroups } from "../status/tables.ts";
import { percent, sparkline } from "../terminal/drawing/bars.ts";
import type { Line } from "../terminal/drawing/spans.ts";
import { approximateSize } from "../../platform/text/units.ts";

/** Nothing but a sentence where there is no such thing any more, as after a reload. */
export function detailLines(seen: Seen, focus: Focus, width: number): Line[] {
  const { kind, key } = focus;
  const title: Line = [["bold", `${kind} ${printable(key)}`]];
  const lines = { input: inputDetail, output: outputDetail, step: stepDetail }[kind](
    seen,
    key,
    width,
  );
  if (lines === undefined) return [title, [], [`There is no such ${kind} any more.`]];
  const about = seen.warnings.filter(
    ({ subject = "" }) =>
      subject === key || subject.startsWith(`${key}@`) || subject.split(" ").includes(key),
  );
  const warned = about.length === 0 ? [] : [[], ...warningLines(about, width)];
  return [title, ...lines, ...warned];
}

function inputDetail({ status, history }: Seen, key: string, width: number): Line[] | undefined {
  const input = status.inputs.find(({ name }) => name === key);
  if (input === undefined) return undefined;
  const { rates, backlog, steps } = input;
  const left = timeLeft(backlog.seconds_left);
  const parts = [
    `${rateOf(rates.events_per_second)} events/s in`,
    `${approximateSize(Math.round(rates.bytes_per_second))}/s`,
    `${rateOf(rates.delivered_per_second)} events/s delivered`,
    ...(backlog.done === undefined ? [] : [`${percent(backlog.done)} done`]),
    ...(left === undefined || input.lag_seconds < 1 ? [] : [`about ${left} left`]),
  ];
  const books = Object.hasOwn(status.books.inputs, key) ? status.books.inputs[key] : undefined;
  return [
    [`  ${parts.join(", ")}`],
    [["cyan", `  ${sparkline(history?.of(`input ${key}`) ?? [], width - 2).trimStart()}`]],
    [],
    ...inputLines(input).map(shown),
    ...(books === undefined
      ? []
      : [[], [["bold", "BOOKS"]] as const, ...bookLines(status, key).map(shown)]),
    ...(steps.length === 0 ? [] : [[], [["bold", "STEPS"]] as const]),
    ...stepTable(steps.map((step) => [step.name, step])).map(shown),
  ];
}

function outputDetail({ status, history }: Seen, key: string, width: number): Line[] | undefined {
  const output = status.outputs.find(({ name }) => name === key);
  if (output === undefined) return undefined;
  return [
    [`  ${rateOf(output.rates.events_per_second)} events/s`],
    [["cyan", `  ${sparkline(history?.of(`output ${key}`) ?? [], width - 2).trimStart()}`]],
    [],
    ...outputLines(output, status.at).map(shown),
  ];
}

function stepDetail({ status }: Seen, key: string): Line[] | undefined {
  const group = stepGroups(status).find((each) => each.key === key);
  if (group === undefined) return undefined;
  const { steps, inputs } = group;
  const missing = new Set(steps.flatMap(({ unmatched }) => unmatched.map(({ path }) => path)));
  const failed = steps.reduce((sum, step) => sum + step.failed, 0);
  return [
    [`  plugin ${printable(steps[0]!.plugin)}, failed on ${countOf(failed)} events`],
    [],
    ...stepTable(steps.map((step, index) => [inputs[index]!, step])).map(shown),
    ...(missing.size === 0 ? [] : [[], ["  These have found nothing so far:"]]),
    ...[...missing].map((path) => shown(`    ${path}`)),
  ];
}

function stepTable(steps: readonly (readonly [string, StepStatus])[]): string[] {
  if (steps.length === 0) return [];
  const rows = steps.map(([name, { events, changed, filtered, dropped, quarantined, failed }]) => [
    printable(name),
    ...[events, changed, filtered, dropped, quarantined, failed].map(countOf),
  ]);
  const head = ["", "EVENTS", "CHANGED", "FILTERED", "DROPPED", "QUARANT.", "FAILED"];
  return tableOf([head, ...rows]);
}

function bookLines({ books }: Status, key: string): string[] {
  const { received, in_flight, ...rest } = books.inputs[key]!;
  const fates = (["delivered", "filtered", "quarantined", "dropped"] as const).flatMap((fate) =>
    Object.entries(rest[fate]).map(([reason, count]) => [fate, reason, count] as const),
  );
  const lost = Object.entries(rest.lost_bytes);
  return [
    `  ${countOf(received)} received`,
    ...fates.map(([fate, reason, count]) => `  ${countOf(count)} ${fate} (${reason})`),
    `  ${countOf(in_flight)} in flight`,
    ...lost.map(([reason, bytes]) => `  ${countOf(bytes)} bytes lost (${reason})`),
  ];
}

function shown(text: string): Line {
  return [printable(text)];
}
