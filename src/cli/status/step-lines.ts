/**
 * The steps on the screen: what they did to how many events since the start, and what an event costs there.
 */
import type { InputStatus, StepStatus } from "../../admin/status/status.ts";
import { countOf, tableOf } from "./table.ts";

export function stepLines(inputs: readonly InputStatus[]): string[] {
  const rows = inputs.flatMap(({ name, steps }) => steps.map((step) => rowOf(name, step)));
  if (rows.length === 0) return [];
  const head = ["", "EVENTS", "CHANGED", "FILTERED", "DROPPED", "QUARANT.", "µs/EVENT"];
  return tableOf([head, ...rows]);
}

function rowOf(input: string, step: StepStatus): string[] {
  const { name, events, changed, filtered, dropped, quarantined } = step;
  const counts = [events, changed, filtered, dropped, quarantined].map((count) => countOf(count));
  return [`${input} ${name}`, ...counts, costOf(step)];
}

function costOf({ timed_events, timed_seconds }: StepStatus): string {
  return timed_events === 0 ? "-" : ((timed_seconds / timed_events) * 1e6).toFixed(1);
}
