/**
 * The line of a configuration that a complaint is about, with a mark under the place, as compilers show it. Values that may
 * be secret are left out, also where the file is no YAML.
 */
import { isBelowSecret, lineWithoutSecrets } from "../../config/document/secret-lines.ts";
import { hidden_text } from "../../platform/secret.ts";
import { printable } from "../../platform/text/printable.ts";
import { widthOf } from "./drawing/width.ts";

const columns = 80;
const number_width = 5;
const text_width = columns - number_width - " | ".length - 1;

/** What is marked at most: a long value needs no long mark. */
const mark_width_max = 40;

/** Where a complaint is, and in what of it: conditions say at which character of theirs. */
export interface Spot {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Two lines: the source and the mark below it. None where the line is not there, or is part of a secret. */
export function excerptOf(lines: readonly string[], spot: Spot): string[] {
  const { line } = spot;
  const text = lines[line - 1]?.replace(/\r$/, "");
  if (text === undefined || isBelowSecret(lines, line - 1)) return [];
  const shown = lineWithoutSecrets(text);
  const hidden_at = shown.endsWith(hidden_text) ? shown.length - hidden_text.length : shown.length;
  // What is left out before the place moves it.
  const at = Math.min(
    lineWithoutSecrets(text.slice(0, columnIn(text, spot) - 1)).length,
    hidden_at,
  );
  const from = at < text_width - mark_width_max / 2 ? 0 : at - Math.floor(text_width / 3);
  const part = shown.slice(from, from + text_width).replaceAll("\t", " ");
  const mark = "^".repeat(markWidth(part.slice(at - from)));
  return [
    `${String(line).padStart(number_width)} | ${printable(part).trimEnd()}`,
    `${" ".repeat(number_width)} | ${" ".repeat(widthOf(printable(part.slice(0, at - from))))}${mark}`,
  ];
}

/** From 1: of the value, or of the character in it where the value stands in the line as it is. */
function columnIn(text: string, { column, message }: Spot): number {
  const inside = / at character (\d+):/.exec(message)?.[1];
  const first = text[column - 1];
  if (inside === undefined || first === undefined || /[|>]/.test(first)) return column;
  const quote = first === '"' || first === "'" ? first : "";
  const escape = quote === "'" ? "''" : "\\";
  const column_inside = column + quote.length + Number(inside) - 1;
  const is_literal = quote === "" || !text.slice(column, column_inside).includes(escape);
  return is_literal && column_inside <= text.length ? column_inside : column;
}

/** How long the word is that begins the text, quotes included. */
function markWidth(text: string): number {
  const word = /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,\]}:]+)/.exec(text)?.[0] ?? " ";
  return Math.max(1, Math.min(widthOf(printable(word)), mark_width_max));
}
