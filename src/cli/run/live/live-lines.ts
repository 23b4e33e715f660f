/**
 * The agent that runs in a terminal, in a few lines below its log: how it is, rates, backlog, outputs, the books, and what
 * somebody should look at. Where there is room for little, the less important lines are left out.
 */
import type { Status } from "../../../admin/status/status.ts";
import { backlogLine, booksLine, lossLines, rateLines } from "../../status/flow-lines.ts";
import { stateOf } from "../../status/output-lines.ts";
import { headLines, warningLines, type Seen } from "../../status/overview.ts";
import { latencyWithin } from "../../status/tables.ts";
import { apart, lineWidth, type Line, type Span } from "../../terminal/drawing/spans.ts";
import { cut, padded } from "../../terminal/drawing/width.ts";

const label_width = 9;
const rows_min = 4;
const rows_max = 10;

/** How many of a screen's lines are for the view, the empty one before it among them; none where the log needs them all. */
export function liveRows(height: number): number {
  if (height < 2 * rows_min) return 0;
  return Math.min(rows_max, Math.max(rows_min, Math.floor(height / 3)));
}

/** So many lines, or fewer. */
export function liveLines(seen: Seen, width: number, rows: number): Line[] {
  const { status, warnings, history } = seen;
  const [rate_in, rate_out] = rateLines(status, width, history) as [Line, Line];
  const losses = lossLines(status);
  const warned = warningLines(warnings, Infinity);
  /** As they stand, each with its rank: the lower, the more important. */
  const all: (readonly [rank: number, line: Line])[] = [
    [0, headLine(seen, width)],
    [2, rate_in],
    [6, rate_out],
    [1, backlogLine(status, width)],
    [7, outputsLine(status)],
    [3, booksLine(status, width)],
    ...losses.map((line) => [5, line] as const),
    ...warned.map((line, index) => [index === 0 ? 4 : 8, line] as const),
  ];
  const shown = all.toSorted(([one], [other]) => one - other).slice(0, rows);
  const kept = all.filter((each) => shown.includes(each)).map(([, line]) => line);
  const hidden = warned.filter((line) => !kept.includes(line)).length;
  if (hidden === 0 || hidden === warned.length) return kept;
  return [...kept.slice(0, -1), withMore(kept.at(-1)!, hidden, width)];
}

function headLine(seen: Seen, width: number): Line {
  const [, health] = headLines(seen, width) as [Line, Line];
  const clock = `${seen.status.at.slice(11, 19)} UTC`;
  const keys = seen.status.state === "stopping" ? "ctrl-c again exits at once" : "ctrl-c stops";
  const both = apart(health, [["dim", `${clock} · ${keys}`]], width);
  return both === health ? apart(health, [["dim", clock]], width) : both;
}

/** Those that do not send come first. */
function outputsLine({ outputs, at }: Status): Line {
  const isSending = ({ state }: Status["outputs"][number]): boolean => state === "sending";
  const ordered = [...outputs.filter((each) => !isSending(each)), ...outputs.filter(isSending)];
  const parts = ordered.map((output): Span[] => {
    const within = latencyWithin(output.latency, 0.5);
    const soon = within === "" || !isSending(output) ? "" : `, 50 % in ${within}`;
    return [`${output.name} `, [isSending(output) ? "green" : "yellow", stateOf(output, at)], soon];
  });
  const joined = parts.flatMap((part, index): Span[] => (index === 0 ? part : [" · ", ...part]));
  return [["dim", padded("outputs", label_width)], ...joined];
}

/** A warning, and how many more there are for which there is no room. */
function withMore(warning: Line, count: number, width: number): Line {
  const note = `  (and ${count} more)`;
  const [sign, text] = warning as [Span, string];
  return [sign, cut(text, Math.max(0, width - lineWidth([sign]) - note.length)), ["dim", note]];
}
