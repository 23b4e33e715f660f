/**
 * What has taken the places of secrets in a text before. Masking such a text once more leaves it as it is: another step, or another
 * agent on the way, may do so.
 */
import { quotes } from "./characters.ts";
import type { Span } from "./secret-value.ts";

/** A part of a text that goes, and what takes its place. */
export interface Masking extends Span {
  readonly replacement: string;
}

/** The same masking, with marks of which it would take a part taken whole; one of nothing but a mark puts that back as it is. */
export function besideMarks(original: string, masking: Masking): Masking {
  const { replacement } = masking;
  const start = markAround(original, masking.start, replacement)?.start ?? masking.start;
  const end = markAround(original, masking.end, replacement)?.end ?? masking.end;
  const text = original.slice(start, Math.min(end, start + replacement.length + 2 * quotes_max));
  const rest = text.length === end - start ? withoutQuotes(text) : undefined;
  const is_behind = rest === "" && original.startsWith(replacement, start - replacement.length);
  const is_mark = rest === replacement || is_behind;
  if (is_mark) return { start, end, quoted: false, replacement: text };
  // The quotes may be there already.
  const is_quoted = masking.quoted && original[start - 1] === '"' && original[end] === '"';
  return { ...masking, start, end, quoted: masking.quoted && !is_quoted };
}

/** Quotes around a mark, with their backslashes. */
const quotes_max = 8;

function withoutQuotes(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isQuoting(text[start]!)) start += 1;
  while (end > start && isQuoting(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

function isQuoting(character: string): boolean {
  return character === "\\" || quotes.includes(character);
}

/** Where the mark is that the place is within. */
function markAround(
  original: string,
  at: number,
  mark: string,
): { readonly start: number; readonly end: number } | undefined {
  const from = Math.max(at - mark.length + 1, 0);
  const place = original.slice(from, at + mark.length - 1).indexOf(mark);
  const start = from + place;
  return place < 0 || start >= at ? undefined : { start, end: start + mark.length };
}
