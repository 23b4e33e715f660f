/** The edits of all values that one path found: each removed, or the strings changed. */
import { type Edit, removal } from "./edits.ts";
import { readJson, stringifyJson } from "./scan/json-value.ts";
import type { Found, Spans } from "./scan/spans.ts";

/**
 * Removes the members and items of the rows from `first` on, but never the record itself, which starts at `top`;
 * `moves_items` says that the items of an array have other numbers then.
 */
export function removals(
  spans: Spans,
  first: number,
  top: number,
): { edits: Edit[]; count: number; moves_items: boolean } {
  const edits: Edit[] = [];
  let count = 0;
  let covered_to = -1;
  let moves_items = false;
  for (let row = first; row >= 0; row = spans.next(row)) {
    const start = spans.member(row);
    if (start === top) continue;
    count += 1;
    const end = spans.end(row);
    if (end <= covered_to) continue;
    covered_to = end;
    edits.push(removal(start, end));
    if (start === spans.start(row)) moves_items = true;
  }
  return { edits, count, moves_items };
}

export interface StringChange {
  /** The value of a row; undefined where earlier edits have to be written first. */
  readonly foundAt: (row: number) => Found | undefined;
  readonly change: (text: string) => string;
  /** Strings of up to so many bytes stay as they are. */
  readonly longer_than: number;
}

/** Changes the strings of the rows from `first` on; undefined where earlier edits have to be written first. */
export function stringEdits(
  spans: Spans,
  first: number,
  { foundAt, change, longer_than }: StringChange,
): Edit[] | undefined {
  const edits: Edit[] = [];
  for (let row = first; row >= 0; row = spans.next(row)) {
    const found = foundAt(row);
    if (found === undefined) return undefined;
    const { bytes, start, end, plain } = found;
    if (bytes[start] !== 0x22 || end - start - 2 <= longer_than) continue;
    const text = readJson(bytes, start, end, plain) as string;
    const changed = change(text);
    if (changed === text) continue;
    const written = Buffer.from(stringifyJson(changed));
    edits.push({ kind: "replace", start: spans.start(row), end: spans.end(row), bytes: written });
  }
  return edits;
}
