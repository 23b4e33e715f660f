/**
 * A status on one screen, whatever there is to show: how the agent is, how events flow, what somebody should look at, and
 * as much of the tables as there is room for, the worst first.
 *
 * It is a function from a status to lines, for `status`, `top` and `run` alike.
 */
import { healthOf } from "../../admin/status/health.ts";
import type { Status } from "../../admin/status/status.ts";
import type { Warning } from "../../admin/status/warnings.ts";
import { waitingSentences } from "../../admin/status/waiting-report.ts";
import { approximateSize } from "../../platform/text/units.ts";
import { apart, lineWidth, type Line } from "../terminal/drawing/spans.ts";
import { wrap } from "../terminal/drawing/width.ts";
import { printable } from "../../platform/text/printable.ts";
import { backlogLine, booksLine, lossLines, rateLines } from "./flow-lines.ts";
import type { RateHistory } from "./history.ts";
import { tableLines, type Focus, type Table } from "./rows.ts";
import { lengthOf, manyOf } from "./table.ts";
import { inputsTable, outputsTable, stepsTable, type Sort } from "./tables.ts";

/** From this width on, tables stand beside each other. */
const two_columns_width_min = 150;
const between_columns = 4;
/** Of one warning. */
const warning_lines_max = 3;

/** What was seen of an agent. */
export interface Seen {
  readonly status: Status;
  readonly warnings: readonly Warning[];
  /** Undefined where nobody has watched. */
  readonly history: RateHistory | undefined;
}

/** What is wanted of it. */
export interface Wanted {
  readonly width: number;
  readonly height: number;
  readonly sort: Sort;
  readonly focus: Focus | undefined;
}

/** Something of which as much is shown as there is room for. */
interface Section {
  /** All of it. */
  readonly lines: number;
  draw(width: number, lines_max: number): Line[];
}

/** The lines, no more than there is room for. */
export function overview(seen: Seen, { width, height, sort, focus }: Wanted): Line[] {
  const top = [...headLines(seen, width), ...flowLines(seen, width)];
  const room = height - top.length - 1;
  const tables = tablesOf(seen, sort).map((table) => tableSection(table, focus));
  const [inputs, outputs, steps] = tables as [Section, Section, Section];
  const warned = (columns: number): Section => warningSection(seen.warnings, columns);
  if (width < two_columns_width_min) {
    const sections = [warned(width), inputs, outputs, steps];
    return closed([...top, ...stacked(sections, width, room)], seen.status, height);
  }
  const left_width = Math.floor((width - between_columns) / 2);
  const right_width = width - between_columns - left_width;
  const left = stacked([inputs, outputs], left_width, room);
  const right = stacked([warned(right_width), steps], right_width, room);
  return closed([...top, ...beside(left, right, left_width)], seen.status, height);
}

/** With what the agent needs of the machine as the last line, and an empty one before it where there is room. */
function closed(lines: readonly Line[], status: Status, height: number): Line[] {
  const blank: Line[] = lines.length + 2 <= height ? [[]] : [];
  return [...lines, ...blank, storageLine(status)].slice(0, height);
}

/** The tables in the order in which they are shown. */
export function tablesOf({ status, warnings }: Seen, sort: Sort): [Table, Table, Table] {
  return [
    inputsTable(status, warnings, sort),
    outputsTable(status, warnings, sort),
    stepsTable(status, warnings, sort),
  ];
}

/** Which agent it is, and how it is, in a sentence. */
export function headLines({ status, warnings }: Seen, width: number): Line[] {
  const { version, pid, state, at, config, process } = status;
  const { level, sentence } = healthOf(status, warnings);
  const styles = { good: "green", busy: "yellow", problem: "red" } as const;
  const is_problem = warnings.some(({ severity }) => severity === "problem");
  const sign = is_problem || level === "problem" ? "▲" : "●";
  const clock = `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
  const named = `tallyman ${version}, process ${pid}, ${state}, up for ${lengthOf(process.uptime_seconds)}`;
  const reload = config.last_reload;
  const report = reload?.waiting === undefined ? [] : waitingSentences(reload.waiting);
  return [
    apart([["bold", named]], [["dim", clock]], width),
    [[styles[level], `${sign} ${sentence}`]],
    ...report
      .slice(0, 3)
      .flatMap((text) => wrap(text, width - 13))
      .map((text, index): Line => [["dim", index === 0 ? "last reload  " : " ".repeat(13)], text]),
  ];
}

/** Rates, backlog, books. */
export function flowLines({ status, history }: Seen, width: number): Line[] {
  return [
    ...rateLines(status, width, history),
    backlogLine(status, width),
    booksLine(status, width),
    ...lossLines(status),
  ];
}

/** Each warning on as many lines as it needs, but for very long ones. Problems come first. */
export function warningLines(warnings: readonly Warning[], width: number): Line[] {
  const isHint = ({ severity }: Warning): boolean => severity === "hint";
  const ordered = [...warnings.filter((each) => !isHint(each)), ...warnings.filter(isHint)];
  return ordered.flatMap((warning) => {
    const about = warning.subject === undefined ? "" : `${warning.subject}: `;
    const text = printable(`${isHint(warning) ? "(hint) " : ""}${about}${warning.message}`);
    const all = wrap(text, width - 2);
    const lines = all.slice(0, warning_lines_max);
    if (all.length > lines.length) lines[lines.length - 1] += " …";
    const style = isHint(warning) ? "dim" : "red";
    return lines.map((line, index): Line => [
      [style, index === 0 && !isHint(warning) ? "▲ " : "  "],
      line,
    ]);
  });
}

function warningSection(warnings: readonly Warning[], width: number): Section {
  const lines = warningLines(warnings, width);
  const problems = warnings.filter(({ severity }) => severity === "problem").length;
  const title: Line = [
    ["bold", `WARNINGS`],
    ["dim", problems === 0 ? "  hints only" : ""],
  ];
  return {
    lines: lines.length === 0 ? 0 : lines.length + 1,
    draw: (_width, lines_max) => {
      if (lines.length < lines_max) return [title, ...lines];
      const shown = lines.slice(0, Math.max(1, lines_max - 2));
      const more: Line = [["dim", `  and ${manyOf(lines.length - shown.length, "more line")}`]];
      return [title, ...shown, ...(lines_max > 2 ? [more] : [])];
    },
  };
}

function tableSection(table: Table, focus: Focus | undefined): Section {
  return {
    lines: table.rows.length === 0 ? 0 : table.rows.length + 1,
    draw: (width, lines_max) => tableLines(table, width, lines_max, focus),
  };
}

/** The sections below each other, each with an empty line before it where there is room for all of those. */
function stacked(sections: readonly Section[], width: number, room: number): Line[] {
  const shown = sections.filter(({ lines }) => lines > 0);
  const given = shown.map(({ lines }) => Math.min(2, lines));
  const sum = (): number => given.reduce((total, each) => total + each, 0);
  const blanks = sum() + shown.length <= room ? shown.length : 0;
  // The shortest are whole first, so that one long one does not take from all.
  for (let has_grown = true; has_grown && sum() + blanks < room;) {
    has_grown = false;
    for (const [index, { lines }] of shown.entries()) {
      if (given[index]! >= lines || sum() + blanks >= room) continue;
      given[index]! += 1;
      has_grown = true;
    }
  }
  const drawn = shown.flatMap((section, index) => [
    ...(blanks > 0 ? [[]] : []),
    ...section.draw(width, given[index]!),
  ]);
  return drawn.slice(0, room);
}

function beside(left: readonly Line[], right: readonly Line[], left_width: number): Line[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    const line = left[index] ?? [];
    const other = right[index] ?? [];
    if (other.length === 0) return line;
    const blank = " ".repeat(Math.max(0, left_width - lineWidth(line)) + between_columns);
    return [...line, blank, ...other];
  });
}

function storageLine({ quarantine, disk, process }: Status): Line {
  const size = (bytes: number | undefined): string =>
    bytes === undefined ? "unknown" : approximateSize(bytes);
  const parts = [
    `quarantine ${size(quarantine.bytes)}`,
    `disk ${size(disk.free_bytes)} free`,
    `memory ${size(process.resident_bytes)}`,
    `loop ${Math.round(process.event_loop_delay_seconds_max * 1000)} ms late`,
  ];
  return [["dim", parts.join(" · ")]];
}
