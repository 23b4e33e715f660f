/**
 * How events flow, in a few lines: rates in and out, the backlog as a bar, the books.
 */
import { inputsBehind } from "../../admin/status/health.ts";
import type { Status } from "../../admin/status/status.ts";
import { approximateSize } from "../../platform/text/units.ts";
import { bar, percent, sparkline } from "../terminal/drawing/bars.ts";
import { lineWidth, type Line } from "../terminal/drawing/spans.ts";
import { padded } from "../terminal/drawing/width.ts";
import { eventsIn, eventsOut, type RateHistory } from "./history.ts";
import { rateOf, shortCount, timeLeft } from "./numbers.ts";
import { waiting } from "./tables.ts";
import { countOf, lengthOf } from "./table.ts";

const label_width = 9;
const bar_width_max = 40;
/** Where rates leave off and sparklines begin, so that both lines are alike. */
const rate_width = 32;

/** What comes in and goes out; with a sparkline where somebody has watched. */
export function rateLines(status: Status, width: number, history: RateHistory | undefined): Line[] {
  const bytes = status.inputs.reduce((sum, { rates }) => sum + rates.bytes_per_second, 0);
  const size = `, ${approximateSize(Math.round(bytes))}/s`;
  const drawn = (key: string): string =>
    history === undefined ? "" : sparkline(history.of(key), width - label_width - rate_width - 1);
  return [
    ["in", `${rateOf(eventsIn(status))} events/s${size}`] as const,
    ["out", `${rateOf(eventsOut(status))} events/s`] as const,
  ].map(([key, rate]) => [
    ["dim", padded(key, label_width)],
    padded(rate, rate_width),
    ["cyan", drawn(key)],
  ]);
}

/** What waits of all inputs that are behind. */
export function backlogLine(status: Status, width: number): Line {
  const label = ["dim", padded("backlog", label_width)] as const;
  const behind = inputsBehind(status);
  if (behind.length === 0) return [label, "none"];
  const bytes = sumBy(behind, ({ backlog }) => backlog.bytes);
  const events = sumBy(behind, ({ backlog }) => backlog.events);
  const oldest = lengthOf(Math.max(...behind.map(({ lag_seconds }) => lag_seconds)));
  // All is done when the slowest is, and nobody knows when if one gets no further.
  const lefts = behind.map(({ backlog }) => backlog.seconds_left);
  const left = lefts.includes(undefined) ? undefined : timeLeft(Math.max(...(lefts as number[])));
  const ends = left === undefined ? "not getting less" : `about ${left} left`;
  const facts = `${waiting(bytes, events)}, oldest ${oldest}, ${ends}`;
  const done = doneOf(status, bytes);
  if (done === undefined) return [label, ["yellow", facts]];
  const columns = Math.min(bar_width_max, width - label_width - facts.length - "  100 %  ".length);
  const drawn = columns < 5 ? "" : `${bar(done, columns)} `;
  return [label, ["yellow", `${drawn}${percent(done)}`], `  ${facts}`];
}

/** The books: `N received = N delivered + …`, with what is nothing left out. */
export function booksLine({ books }: Pick<Status, "books">, width: number): Line {
  const line = (count: (events: number) => string): Line => {
    const { received, ...fates } = books.total;
    const parts = (["delivered", "filtered", "quarantined", "dropped", "in_flight"] as const)
      .filter((fate) => fates[fate] > 0)
      .map((fate) => `${count(fates[fate])} ${fate.replace("_", " ")}`);
    const sum = parts.length === 0 ? "" : ` = ${parts.join(" + ")}`;
    return [
      ["dim", padded("books", label_width)],
      `${count(received)} received${books.balanced ? sum : ""}`,
      books.balanced ? "" : ["red", "  THEY DO NOT BALANCE"],
    ];
  };
  const exact = line(countOf);
  return lineWidth(exact) <= width ? exact : line(shortCount);
}

/** Losses that are known, which no other line has. */
export function lossLines({ books: { total } }: Status): Line[] {
  const parts = [
    ...(total.lost_bytes > 0 ? [`${countOf(total.lost_bytes)} bytes lost`] : []),
    ...(total.maybe_lost_bytes > 0
      ? [`maybe lost bytes: up to ${countOf(total.maybe_lost_bytes)}`]
      : []),
    ...(total.quarantine_removed > 0
      ? [`${countOf(total.quarantine_removed)} removed from quarantine`]
      : []),
  ];
  return parts.length === 0
    ? []
    : [
        [
          ["dim", padded("lost", label_width)],
          ["red", parts.join(", ")],
        ],
      ];
}

function doneOf(status: Status, bytes: number): number | undefined {
  const behind = inputsBehind(status).filter(({ backlog }) => backlog.done !== undefined);
  if (behind.length === 0 || bytes === 0) return undefined;
  // From what is left and its part, how much there is in all.
  const all = sumBy(behind, ({ backlog }) =>
    backlog.done === 1 ? 0 : backlog.bytes / (1 - backlog.done!),
  );
  return all > 0 ? Math.max(0, 1 - bytes / all) : undefined;
}

function sumBy<Each>(all: readonly Each[], of: (each: Each) => number): number {
  return all.reduce((sum, each) => sum + of(each), 0);
}
