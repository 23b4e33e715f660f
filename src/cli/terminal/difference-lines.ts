/**
 * A difference between two texts, for a terminal: what changed, with some of what is around it. 80 columns, and readable
 * without colour.
 */
import type { Part } from "../../preview/differences.ts";
import { printable } from "../../platform/text/printable.ts";
import { styled } from "./style.ts";

/** Columns of text behind a margin of four. */
const text_width = 76;
/** Of what is the same, what is shown around a change. */
const context_characters = 66;
/** Of what was put in or taken away. */
const lines_max = 6;
const places_max = 8;

/** The lines: `-` for what only the first text has, `+` for what only the second has. */
export function differenceLines(parts: readonly Part[]): string[] {
  const last = parts.findLastIndex(({ kind }) => kind !== "same");
  const lines: string[] = [];
  let places = 0;
  for (const [at, { kind, text }] of parts.entries()) {
    if (kind === "same") {
      if (at > last) lines.push(...contextLine(text.slice(0, context_characters), "", more(text)));
      else {
        places += 1;
        if (places > places_max) break;
        lines.push(...contextLine(text.slice(-context_characters), at > 0 || more(text) ? "…" : "", ""));
      }
    } else if (kind === "removed") lines.push(...marked("-", "red", text));
    else lines.push(...marked("+", "green", text));
  }
  const all = parts.filter(({ kind }, at) => kind === "same" && at < last).length;
  if (places > places_max) lines.push(`    … and ${all - places_max} more places`);
  return lines;
}

/** The beginning of a text on a line, or two. */
export function excerpt(text: string, lines: number): string[] {
  return wrapped(text, lines).map((line) => `    ${line}`);
}

function more(text: string): "…" | "" {
  return text.length > context_characters ? "…" : "";
}

function contextLine(text: string, before: string, after: string): string[] {
  const shown = printable(text).slice(0, text_width - 2);
  return shown === "" ? [] : [`    ${styled("dim", `${before}${shown}${after}`)}`];
}

function marked(sign: string, colour: "red" | "green", text: string): string[] {
  return wrapped(text, lines_max).map(
    (line, number) => `  ${styled(colour, `${number === 0 ? sign : " "} ${line}`)}`,
  );
}

function wrapped(text: string, lines: number): string[] {
  const room = text_width * lines;
  const shown = printable(text.slice(0, room)).slice(0, room);
  const all = shown.match(new RegExp(`.{1,${text_width}}`, "gu")) ?? [""];
  const left = text.length - room;
  return left > 0 ? [...all.slice(0, lines), `… ${left} characters more`] : all.slice(0, lines);
}
