/**
 * Values that have their names beside them, as lists of headers are written: `{"name": "Authorization", "value": "…"}`, in pairs
 * (`[["Authorization", "…"]]`), or one behind the other (`"rawHeaders": ["Authorization", "…"]`).
 *
 * Works on bytes that are known to be JSON, where a scan has found such a name.
 */
import { skipSpace } from "./json-text.ts";

/** A value's bytes. */
export interface NamedValue {
  readonly start: number;
  readonly end: number;
}

/** The members of such an object, in any case. */
export const name_keys: ReadonlySet<string> = new Set(["name", "key", "header", "field", "k"]);
export const value_keys: ReadonlySet<string> = new Set(["value", "values", "val", "v"]);
/** The lists that have names and values in turn, as Node writes headers. Others are lists of names alone, too. */
export const flat_list_keys: ReadonlySet<string> = new Set(["rawheaders", "raw_headers"]);

/** What else a pair may say of its value, as HTTP/2 does whether it is secret. */
const pair_items_max = 3;

interface Open {
  /** An object; an array of names and values in turn; an array that may be a pair, since it is in another; or another array. */
  readonly kind: "object" | "flat" | "pair" | "array";
  /** Whether one of its names is wanted; of a flat list, that in front of the value. */
  is_wanted: boolean;
  readonly values: NamedValue[];
  /** The key of the member here, and where its value or the item starts. */
  key: string;
  start: number;
  /** How many items were there. */
  items: number;
}

/** All values in `bytes[start, end)` whose names `isWanted`, by their ends. */
export function namedValues(
  bytes: Buffer,
  start: number,
  end: number,
  isWanted: (name: string) => boolean,
): NamedValue[] {
  const found: NamedValue[] = [];
  const stack: Open[] = [];
  /** Notes the value that ends at `at`. */
  const finish = (at: number, text?: string): void => {
    const open = stack.at(-1);
    if (open === undefined) return;
    if (open.kind === "object") finishMember(open, at, text !== undefined && isWanted(text));
    else finishItem(open, at, text !== undefined && isWanted(text));
  };
  let at = skipSpace(bytes, start, end);
  while (at < end) {
    const byte = bytes[at]!;
    const open = stack.at(-1);
    if (open !== undefined && open.kind !== "object" && byte !== 0x2c) open.start = at;
    if (byte === 0x22) {
      const close = closingQuote(bytes, at);
      const is_key = open?.kind === "object" && open.key === "";
      const text = is_key || mayBeName(open) ? textOf(bytes, at, close) : undefined;
      if (is_key) {
        const colon = skipSpace(bytes, close, end);
        open.key = text!.toLowerCase() || " ";
        open.start = skipSpace(bytes, colon + 1, end);
        at = open.start;
        continue;
      }
      at = close;
      finish(at, text);
    } else if (byte === 0x7b || byte === 0x5b) {
      stack.push(opened(byte === 0x7b, open, at));
      at += 1;
    } else if (byte === 0x7d || byte === 0x5d) {
      at += 1;
      stack.pop();
      if (open !== undefined && isMeant(open)) found.push(...open.values);
      finish(at);
    } else if (byte === 0x2c) {
      at += 1;
    } else {
      while (at < end && !isDelimiter(bytes[at]!)) at += 1;
      finish(at);
    }
    at = skipSpace(bytes, at, end);
  }
  return found;
}

function opened(is_object: boolean, around: Open | undefined, start: number): Open {
  const of = (kind: Open["kind"]): Open => {
    return { kind, is_wanted: false, values: [], key: "", start, items: 0 };
  };
  if (is_object) return of("object");
  if (around?.kind === "object") return of(flat_list_keys.has(around.key) ? "flat" : "array");
  return of(around === undefined ? "array" : "pair");
}

/** Whether the string here may be the name of a value. */
function mayBeName(open: Open | undefined): boolean {
  if (open === undefined) return false;
  if (open.kind === "object") return name_keys.has(open.key);
  return open.kind === "flat" ? open.items % 2 === 0 : open.kind === "pair" && open.items === 0;
}

function finishMember(open: Open, end: number, is_wanted: boolean): void {
  if (open.key === "") return;
  if (value_keys.has(open.key)) open.values.push({ start: open.start, end });
  else if (is_wanted) open.is_wanted = true;
  open.key = "";
}

function finishItem(open: Open, end: number, is_wanted: boolean): void {
  const is_value = open.kind === "flat" ? open.items % 2 === 1 : open.items === 1;
  open.items += 1;
  if (!is_value) open.is_wanted ||= is_wanted;
  else if (open.kind === "pair") open.values.push({ start: open.start, end });
  else if (open.is_wanted) {
    open.values.push({ start: open.start, end });
    open.is_wanted = false;
  }
}

function isMeant({ kind, is_wanted, values, items }: Open): boolean {
  if (kind === "flat") return values.length > 0;
  return is_wanted && (kind === "object" || (kind === "pair" && items <= pair_items_max));
}

/** The position behind the quote that closes the string at `at`. */
export function closingQuote(bytes: Buffer, at: number): number {
  for (let close = nextQuote(bytes, at + 1); ; close = nextQuote(bytes, close + 1)) {
    let backslashes = 0;
    while (bytes[close - backslashes - 1] === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return close + 1;
  }
}

/** Up to here a loop is faster than a call of Buffer.indexOf. */
const near_bytes = 32;

/** Where the next quote is; -1 where there is none. */
export function nextQuote(bytes: Buffer, from: number): number {
  const near = Math.min(from + near_bytes, bytes.length);
  for (let at = from; at < near; at += 1) if (bytes[at] === 0x22) return at;
  return bytes.indexOf(0x22, near);
}

function textOf(bytes: Buffer, start: number, end: number): string {
  return JSON.parse(bytes.toString("utf8", start, end)) as string;
}

/** What ends a number or a literal in JSON. */
export function isDelimiter(byte: number): boolean {
  return byte <= 0x20 || byte === 0x2c || byte === 0x7d || byte === 0x5d;
}
