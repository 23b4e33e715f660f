/**
 * Between JSON text and values: integers beyond 2^53 are bigints in both directions, so that their digits
 * survive.
 */
import { StepFailure } from "../../platform/step-failure.ts";
import type { JsonValue } from "./json.ts";

declare global {
  /** ECMAScript's JSON.parse source text access, in V8 since 11.4; not in the TypeScript library yet. */
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

/** An integer of fewer digits is always exact as a number. */
const long_digits = /\d{16}/;
const integer = /^-?\d+$/;

/** Parses text that is known to be JSON. */
export function parseJson(text: string): JsonValue {
  return (long_digits.test(text) ? JSON.parse(text, reviveInteger) : JSON.parse(text)) as JsonValue;
}

/** Writes a value as JSON; throws a StepFailure for what JSON does not have. */
export function stringifyJson(value: JsonValue): string {
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value === "string") return JSON.stringify(value);
  const text = toText(value);
  if (text === undefined) throw new StepFailure(`${typeof value} is not a JSON value`);
  return text;
}

/**
 * A value as text, to tell it from others: as JSON, with one spelling for all numbers that are too great for a number, such as
 * 1e400.
 */
export function textOfAny(value: JsonValue): string {
  return JSON.stringify(value, (key, each: unknown) => {
    if (each === Infinity || each === -Infinity) return JSON.rawJSON(each > 0 ? "1e400" : "-1e400");
    return replaceBigint(key, each);
  });
}

/** Reads the value that `bytes[start, end)` holds; `plain` says that it is a string of plain ASCII. */
export function readJson(bytes: Buffer, start: number, end: number, plain: boolean): JsonValue {
  if (plain) return bytes.toString("latin1", start + 1, end - 1);
  const first = bytes[start];
  if (first === 0x22) return JSON.parse(bytes.toString("utf8", start, end)) as string;
  if (first === 0x74) return true;
  if (first === 0x66) return false;
  if (first === 0x6e) return null;
  if (first === 0x7b || first === 0x5b) return parseJson(bytes.toString("utf8", start, end));
  return readNumber(bytes, start, end);
}

function readNumber(bytes: Buffer, start: number, end: number): number | bigint {
  if (end - start < 10) {
    let number = 0;
    let at = start;
    for (; at < end; at += 1) {
      const digit = bytes[at]! - 0x30;
      if (digit < 0 || digit > 9) break;
      number = number * 10 + digit;
    }
    if (at === end) return number;
  }
  const text = bytes.toString("latin1", start, end);
  const number = Number(text);
  return Number.isSafeInteger(number) || !integer.test(text) ? number : BigInt(text);
}

function reviveInteger(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && integer.test(source) ? BigInt(source) : value;
}

function replaceBigint(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return JSON.rawJSON(String(value));
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new StepFailure(`${value} is not a JSON value`);
  }
  return value;
}

function toText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, replaceBigint);
  } catch (thrown) {
    // V8 goes on with the names of the keys that lead around.
    const is_circular =
      thrown instanceof TypeError && thrown.message.startsWith("Converting circular structure");
    throw is_circular ? new StepFailure("a value that contains itself is not JSON") : thrown;
  }
}
