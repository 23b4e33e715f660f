/** Numbers in a few columns, for tables that have many of them. */
import { countOf, lengthOf } from "./table.ts";

/** Counts up to here are shown to the last digit. */
const exact_max = 99_999;
/** Nobody plans by a time that is further away. */
const seconds_left_max = 30 * 86_400;

/** A count: 4,711, or 4.71 M. */
export function shortCount(count: number): string {
  const whole = Math.round(count);
  if (whole <= exact_max) return countOf(whole);
  for (const [unit, factor] of [
    ["T", 1e12],
    ["G", 1e9],
    ["M", 1e6],
    ["k", 1e3],
  ] as const) {
    if (whole >= factor) return `${(whole / factor).toPrecision(3)} ${unit}`.replace(/e\+\d+/, "");
  }
  return countOf(whole);
}

/** A rate: 1,234, or 0.3 where there is less than one in a second. */
export function rateOf(per_second: number): string {
  if (per_second === 0) return "0";
  return per_second < 10 ? per_second.toFixed(1) : shortCount(per_second);
}

/** How long something still takes; nothing where that is not known. */
export function timeLeft(seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  return seconds > seconds_left_max ? "> 30 d" : lengthOf(Math.max(1, seconds));
}

/** How long until `at` something has lasted that began `since` then. */
export function lasting(since: string | undefined, at: string): string | undefined {
  if (since === undefined) return undefined;
  return lengthOf(Math.max(0, (Date.parse(at) - Date.parse(since)) / 1000));
}
