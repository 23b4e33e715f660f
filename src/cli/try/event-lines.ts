/**
 * One event of a dry run on a terminal: its fate, and what each step did to it.
 */
import { basename } from "node:path";
import type { Part } from "../../preview/run/differences.ts";
import { printable } from "../../platform/text/printable.ts";
import { differenceLines, excerpt } from "../terminal/difference-lines.ts";
import { styled, type Style } from "../terminal/style.ts";
import type { ShownChange, ShownEvent, ShownStep } from "./shown-event.ts";

const columns = 80;
const excerpt_lines = 2;
const styles = {
  kept: "green",
  filtered: "yellow",
  dropped: "red",
  quarantined: "magenta",
} as const;

export function eventLines(shown: ShownEvent): string[] {
  const { fate, reason, step, output, detail, thrown, steps, before, stream, offset } = shown;
  const end = fate === "kept" ? `kept → ${output}` : `${fate} (${reason})`;
  const by = step === undefined || reason === step ? "" : ` by ${step}`;
  const lines = [
    "",
    headLine(numberOf(shown), `${end}${by}`, styles[fate], placeOf(stream, offset)),
  ];
  if (detail !== undefined) lines.push(...excerpt(detail, excerpt_lines));
  if (thrown === "hidden") lines.push("    --reveal shows its message, which may hold secrets");
  else if (thrown !== undefined) lines.push(...thrown.map((line) => `    ${printable(line)}`));
  if (shown.original_bytes !== undefined)
    lines.push(`    cut: it had ${shown.original_bytes} bytes`);
  if (fate !== "kept" || steps.length === 0) lines.push(...excerpt(before, excerpt_lines));
  for (const each of steps) lines.push(...stepLines(each));
  return lines;
}

/** `#7`, or `#7 (2 of 3)` where steps made several events of it. */
function numberOf({ event, part }: ShownEvent): string {
  return part === undefined ? `#${event}` : `#${event} (${part.number} of ${part.of})`;
}

/** The line above what is said of an event. */
export function headLine(number: string, end: string, style: Style, place: string): string {
  const left = `${number}  ${printable(end)}`;
  const room = columns - left.length - 2;
  const shown = place.length <= room ? place : "";
  return `${styled("bold", number)}  ${styled(style, printable(end))}  ${styled("dim", shown)}`.trimEnd();
}

/** Where an event stands, in a few words. */
export function placeOf(stream: string, offset: number): string {
  return printable(`${basename(stream)}, byte ${offset}`);
}

export function metadataLines(changes: readonly ShownChange[]): string[] {
  return changes.flatMap(({ name, before, after }) => [
    `    ${printable(name)}:`,
    ...differenceLines(partsOfChange(before, after)),
  ]);
}

function partsOfChange(before: string | undefined, after: string | undefined): Part[] {
  return [
    ...(before === undefined ? [] : [{ kind: "removed", text: before } as const]),
    ...(after === undefined ? [] : [{ kind: "inserted", text: after } as const]),
  ];
}

function stepLines({ step, plugin, parts, metadata }: ShownStep): string[] {
  const title = step === plugin ? step : `${step} (${plugin})`;
  const is_changed = parts.some(({ kind }) => kind !== "same");
  return [
    `  ${styled("cyan", printable(title))}`,
    ...(is_changed ? differenceLines(parts) : []),
    ...metadataLines(metadata),
  ];
}
