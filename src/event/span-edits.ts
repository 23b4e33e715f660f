/** The edits of all values that one path found: each removed, or changed. */
import { type Edit, type Edits, removal } from "./edits/edits.ts";
import type { ChangedItems, JsonValue, ValueChange } from "./event.ts";
import { skipSpace } from "./scan/json-text.ts";
import { closingQuote, isDelimiter } from "./scan/named-values.ts";
import { readJson, stringifyJson } from "./scan/json-value.ts";
import type { Path } from "./scan/path.ts";
import type { Scanner } from "./scanner.ts";
import type { Found, Spans } from "./scan/spans.ts";
import { isHarmless, noteHarmless } from "./strings/harmless-texts.ts";

/** A record that was just scanned. */
export interface ScannedRecord {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly scanner: Scanner;
  /** The edits of it so far. */
  readonly edits: Edits | undefined;
}

/** What was found to edit in a record. */
export interface FoundEdits {
  readonly edits: readonly Edit[];
  /** How many changes they are. */
  readonly count: number;
  /** Whether paths may find other values in the record then. */
  readonly moves: boolean;
}

/** Finds what to edit in a record; undefined where its edits so far have to be written first. */
export type FindEdits<Wanted> = (record: ScannedRecord, wanted: Wanted) => FoundEdits | undefined;

/** What is left of a value that cannot be removed. */
export const null_text = Buffer.from("null");

const opening_brace = 0x7b;

export const no_edits: FoundEdits = { edits: [], count: 0, moves: false };

/** Puts `bytes` in the place of the values of the rows from `first` on; `count` has those in replaced ones, too. */
export function replacements(
  spans: Spans,
  first: number,
  bytes: Buffer,
): { edits: Edit[]; count: number } {
  const edits: Edit[] = [];
  let count = 0;
  let covered_to = -1;
  for (let row = first; row >= 0; row = spans.next(row)) {
    count += 1;
    const end = spans.end(row);
    if (end <= covered_to) continue;
    covered_to = end;
    edits.push({ kind: "replace", start: spans.start(row), end, bytes });
  }
  return { edits, count };
}

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

/**
 * What is to become of a value: JSON text in its place, nothing (`remove`), or what it is (undefined); of a list, what is to
 * become of its items, by where they are in the bytes that it was found in.
 */
export interface ValueEdit {
  (found: Found, path: Path): Buffer | "remove" | Edit[] | undefined;
  /** Whether these bytes are what it has put somewhere, and would leave there. Undefined where it never would for certain. */
  readonly isOwn?: (bytes: Buffer) => boolean;
}

const value_edits = new WeakMap<ValueChange, ValueEdit>();

/** The edit that a change of values makes: it gives the value back to keep it, and undefined to remove it. Kept with the change. */
export function editOfValues(change: ValueChange): ValueEdit {
  let edit = value_edits.get(change);
  if (edit === undefined) {
    edit = newEditOfValues(change);
    value_edits.set(change, edit);
  }
  return edit;
}

/** Where objects mostly stay, larger ones are not read: there can be as many in each other as bytes. */
const object_bytes_max = 2048;

/** The text that the change gave last is encoded once. */
function newEditOfValues(change: ValueChange): ValueEdit {
  let given: JsonValue | undefined;
  let encoded = null_text;
  // The very bytes that it has put there for another path.
  const isOwn = (bytes: Buffer): boolean => bytes === encoded;
  const { is_final = false, always, keeps_objects_at } = change;
  // By path: who remembers the objects that stay there, of which most come again.
  const keepers = new Map(Array.from(keeps_objects_at ?? [], (path) => [path, { path }]));
  const edit: ValueEdit = (range, path) => {
    const { bytes, start, end, plain } = range;
    if (is_final && isOwn(bytes)) return undefined;
    const fixed = always?.get(path);
    if (fixed !== undefined && fixed === given) {
      const is_there = end - start === encoded.length && encoded.compare(bytes, start, end) === 0;
      return is_there ? undefined : encoded;
    }
    const keeper = bytes[start] === opening_brace ? keepers.get(path) : undefined;
    if (keeper !== undefined) {
      if (end - start > object_bytes_max || isHarmless(keeper, bytes, range)) return undefined;
    }
    const value = readJson(bytes, start, end, plain);
    const changed = change(value, path);
    if (keeper !== undefined && changed === value) noteHarmless(keeper, bytes, range);
    if (typeof changed !== "string" || changed === value) {
      return editOfValue({ bytes, start, end }, value, changed);
    }
    if (changed !== given) {
      given = changed;
      encoded = Buffer.from(stringifyJson(changed));
    }
    return encoded;
  };
  return is_final ? Object.assign(edit, { isOwn }) : edit;
}

interface Range {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

function editOfValue(
  range: Range,
  value: JsonValue,
  changed: ReturnType<ValueChange>,
): ReturnType<ValueEdit> {
  if (changed === value) return undefined;
  if (changed === undefined) return "remove";
  if (isList(value) && isList(changed) && value.length === changed.length) {
    return editsOfItems(range, value, changed);
  }
  return Buffer.from(stringifyJson(changed as JsonValue));
}

function isList(value: JsonValue | ChangedItems): value is JsonValue[] {
  return Array.isArray(value);
}

/** Those that stay are as they were written, and what else is to be found in them is found. */
function editsOfItems(
  { bytes, start, end }: Range,
  items: readonly JsonValue[],
  changed: ChangedItems,
): Edit[] {
  const edits: Edit[] = [];
  let at = skipSpace(bytes, start + 1, end);
  for (const [number, item] of items.entries()) {
    const item_end = endOfValue(bytes, at, end);
    const edit = editOfValue({ bytes, start: at, end: item_end }, item, changed[number]);
    if (Array.isArray(edit)) edits.push(...edit);
    else if (edit === "remove") edits.push(removal(at, item_end));
    else if (edit !== undefined) {
      edits.push({ kind: "replace", start: at, end: item_end, bytes: edit });
    }
    const comma = skipSpace(bytes, item_end, end);
    at = skipSpace(bytes, comma + 1, end);
  }
  return edits;
}

/** The position behind the value at `at`, in bytes that are known to be JSON. */
function endOfValue(bytes: Buffer, at: number, end: number): number {
  let depth = 0;
  let place = at;
  do {
    const byte = bytes[place]!;
    if (byte === 0x22) place = closingQuote(bytes, place);
    else {
      if (byte === 0x5b || byte === 0x7b) depth += 1;
      else if (byte === 0x5d || byte === 0x7d) depth -= 1;
      place += 1;
      const is_scalar = depth === 0 && byte !== 0x5d && byte !== 0x7d;
      if (is_scalar) while (place < end && !isDelimiter(bytes[place]!)) place += 1;
    }
  } while (depth > 0 && place < end);
  return place;
}

/** A change of strings of more than so many bytes. */
export interface StringChange {
  readonly change: (text: string) => string;
  readonly longer_than: number;
}

/** The edit that a change of strings makes. */
export function editOfStrings({ change, longer_than }: StringChange): ValueEdit {
  return ({ bytes, start, end, plain }) => {
    if (bytes[start] !== 0x22 || end - start - 2 <= longer_than) return undefined;
    const text = readJson(bytes, start, end, plain) as string;
    const changed = change(text);
    return changed === text ? undefined : Buffer.from(stringifyJson(changed));
  };
}

export interface RowChange {
  readonly path: Path;
  /** The value of a row; undefined where earlier edits have to be written first. */
  readonly foundAt: (row: number) => Found | undefined;
  readonly edit: ValueEdit;
  /** Where the record's own value starts. It cannot be removed, and becomes null. */
  readonly top: number;
}

/**
 * Changes the values of the rows from `first` on, and leaves those that are in a changed one; undefined where earlier edits
 * have to be written first. `moves_items` says that the items of an array have other numbers then.
 */
export function changes(
  spans: Spans,
  first: number,
  { path, foundAt, edit, top }: RowChange,
): { edits: Edit[]; moves_items: boolean } | undefined {
  const edits: Edit[] = [];
  let covered_to = -1;
  let moves_items = false;
  let has_lists = false;
  for (let row = first; row >= 0; row = spans.next(row)) {
    const end = spans.end(row);
    if (end <= covered_to) continue;
    const found = foundAt(row);
    if (found === undefined) return undefined;
    const changed = edit(found, path);
    if (changed === undefined) continue;
    const start = spans.start(row);
    if (Array.isArray(changed)) {
      // Where it stands is known only in the record itself.
      if (found.start !== start) return undefined;
      edits.push(...changed);
      moves_items ||= changed.some(({ kind }) => kind === "remove");
      has_lists = true;
      continue;
    }
    covered_to = end;
    if (changed !== "remove") edits.push({ kind: "replace", start, end, bytes: changed });
    else if (start === top) edits.push({ kind: "replace", start, end, bytes: null_text });
    else {
      edits.push(removal(spans.member(row), end));
      if (spans.member(row) === start) moves_items = true;
    }
  }
  // What is in a list was found behind it.
  if (has_lists) edits.sort((one, other) => one.start - other.start);
  return { edits, moves_items };
}
