/**
 * How a dry run is shown: as text for people, or as JSON, one object a line.
 */
import type { ComparisonReport } from "../../preview/comparison.ts";
import type { SummaryReport } from "../../preview/summary.ts";
import { printableJson } from "../../platform/text/printable.ts";
import { eventLines } from "./event-lines.ts";
import { type ShownDeviation, deviationLines } from "./deviation.ts";
import type { ShownEvent } from "./shown-event.ts";
import { comparisonLines, summaryLines } from "./summary-lines.ts";

export interface View {
  event(shown: ShownEvent): string[];
  deviation(shown: ShownDeviation): string[];
  summary(report: SummaryReport): string[];
  comparison(report: ComparisonReport, other: string): string[];
  /** Said where not every event is shown that was asked for. */
  rest(): string[];
}

export const textView: View = {
  event: eventLines,
  deviation: deviationLines,
  summary: summaryLines,
  comparison: comparisonLines,
  rest: () => ["", "More events are counted, and not shown: --all shows every one, --limit N more."],
};

export const jsonView: View = {
  event: ({ steps, ...event }) =>
    json({
      ...event,
      steps: steps.map(({ step, plugin, parts, metadata }) => ({
        ...{ step, plugin, metadata },
        changes: parts.filter(({ kind }) => kind !== "same"),
      })),
    }),
  deviation: (shown) =>
    json({ ...shown, parts: undefined, changes: shown.parts.filter(({ kind }) => kind !== "same") }),
  summary: (summary) => json({ summary }),
  comparison: (summary, other) => json({ other, summary }),
  rest: () => [],
};

function json(value: unknown): string[] {
  return [printableJson(JSON.stringify(value))];
}
