/**
 * Times in conditions: `now()`, `time` for the time of the event, and literals of `duration()` and `timestamp()`, which are
 * checked once and not at every event.
 *
 * An event may well have a value called `time`. So the name is the event's time only in a condition that has to do with
 * times, and only by itself: `event.time` and `time.local` are always values of the event.
 */
import type { ASTNode } from "@marcbachmann/cel-js";
import { ExpressionError } from "./cel-literal.ts";
import { partsOf } from "./cel-tree.ts";

export const time_name = "time";

/** What says that a condition has to do with times. */
const time_functions = new Set(["now", "timestamp", "duration"]);

/** CEL's own, and days and weeks, which people want to write most. */
const nanoseconds_by_unit: Record<string, bigint> = {
  w: 604_800_000_000_000n,
  d: 86_400_000_000_000n,
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  us: 1000n,
  µs: 1000n,
  ns: 1n,
};
const part = /(\d{1,15})(?:\.(\d{1,9}))?(ns|us|µs|ms|s|m|h|d|w)/y;
const second = nanoseconds_by_unit["s"]!;
/** CEL has durations of up to 10,000 years. */
const seconds_max = 315_576_000_000n;

/** Whether `time` by itself is the time of the event. */
export function hasTimes(node: ASTNode): boolean {
  if (node.op === "call" && time_functions.has(node.args[0])) return true;
  if (node.op === "rcall") {
    const [method, receiver] = node.args;
    const isOfTime = receiver.op === "id" && receiver.args === time_name;
    if (isOfTime && method.startsWith("get")) return true;
  }
  return partsOf(node).some(hasTimes);
}

/** The call again, with its literal as CEL reads it. Throws ExpressionError for one that cannot be read. */
export function timeLiteral(name: string, text: string, position: number): string {
  const value = name === "duration" ? durationText(text) : timestampText(text);
  if (value !== undefined) return `${name}(${JSON.stringify(value)})`;
  const found = `${JSON.stringify(text)} is no ${name === "duration" ? "duration" : "time"}`;
  const examples =
    name === "duration"
      ? 'duration("90s"), duration("1h30m") or duration("7d")'
      : 'timestamp("2025-03-21T06:37:27Z") or timestamp("2025-03-21T06:37:27+01:00")';
  throw new ExpressionError(`${found}; write it as ${examples}`, position);
}

/** Whether the text is a duration, as people may compare one with. */
export function isDuration(text: string): boolean {
  return durationText(text) !== undefined;
}

/** In seconds with their decimals; undefined for what is no duration. */
function durationText(text: string): string | undefined {
  const sign = /^[+-]?/.exec(text)![0];
  let nanoseconds = 0n;
  let at = sign.length;
  do {
    part.lastIndex = at;
    const match = part.exec(text);
    if (match === null) return undefined;
    const [whole, digits, decimals = "", unit] = match;
    const factor = nanoseconds_by_unit[unit!]!;
    nanoseconds += BigInt(digits!) * factor;
    nanoseconds += (BigInt(decimals.padEnd(9, "0")) * factor) / second;
    at += whole.length;
  } while (at < text.length);
  if (nanoseconds > seconds_max * second) return undefined;
  const rest = String(nanoseconds % second).padStart(9, "0");
  return `${sign === "-" ? "-" : ""}${nanoseconds / second}.${rest}s`;
}

/** As RFC 3339 has it, to the millisecond; undefined for what is no time. */
function timestampText(text: string): string | undefined {
  const match =
    /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? undefined;
  if (match === undefined) return undefined;
  const [whole, day] = match;
  const time_ms = Date.parse(whole);
  // JavaScript takes the 30th of February for a day in March.
  const day_ms = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(time_ms) || Number.isNaN(day_ms)) return undefined;
  if (new Date(day_ms).toISOString().slice(0, 10) !== day) return undefined;
  return new Date(time_ms).toISOString();
}
