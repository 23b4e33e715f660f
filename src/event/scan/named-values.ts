/**
 * Values that have their names beside them: `{"name": "Authorization", "value": "…"}`, as lists of headers are written.
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
const name_keys = new Set(["name", "key"]);
const value_key = "value";

interface Open {
  readonly is_object: boolean;
  /** Whether one of its names is wanted. */
  is_wanted: boolean;
  readonly values: NamedValue[];
  /** The key of the member here, and where its value starts. */
  key: string;
  start: number;
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
    if (open?.is_object !== true || open.key === "") return;
    if (open.key === value_key) open.values.push({ start: open.start, end: at });
    else if (name_keys.has(open.key) && text !== undefined && isWanted(text)) open.is_wanted = true;
    open.key = "";
  };
  let at = skipSpace(bytes, start, end);
  while (at < end) {
    const byte = bytes[at]!;
    const open = stack.at(-1);
    if (byte === 0x22) {
      const close = closingQuote(bytes, at);
      const is_name = open?.is_object === true && (open.key === "" || name_keys.has(open.key));
      const text = is_name ? textOf(bytes, at, close) : undefined;
      if (open?.is_object === true && open.key === "" && text !== undefined) {
        const colon = skipSpace(bytes, close, end);
        open.key = text.toLowerCase() || " ";
        open.start = skipSpace(bytes, colon + 1, end);
        at = open.start;
        continue;
      }
      at = close;
      finish(at, text);
    } else if (byte === 0x7b || byte === 0x5b) {
      stack.push({ is_object: byte === 0x7b, is_wanted: false, values: [], key: "", start: 0 });
      at += 1;
    } else if (byte === 0x7d || byte === 0x5d) {
      at += 1;
      stack.pop();
      if (open?.is_wanted === true) found.push(...open.values);
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
