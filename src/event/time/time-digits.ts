/**
 * The digits of times in bytes: read from them, and written.
 */
import { localSeconds } from "./civil-time.ts";

/** `0` */
export const zero = 0x30;
const space = 0x20;

/** Writes a number from 0 below 10^10 to the start of `target`; returns where it ends. */
export function writeDigits(number: number, target: Buffer): number {
  let length = 1;
  for (let limit = 10; number >= limit; limit *= 10) length += 1;
  let rest = number;
  for (let at = length - 1; at >= 0; at -= 1) {
    const tenth = Math.floor(rest / 10);
    target[at] = zero + rest - tenth * 10;
    rest = tenth;
  }
  return length;
}

/** Seconds from the epoch to `YYYY-MM-DDTHH:MM` in UTC; undefined where that is none. */
export function prefixSeconds(bytes: Buffer, start: number): number | undefined {
  const separator = bytes[start + 10]!;
  if (bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d || bytes[start + 13] !== 0x3a) {
    return undefined;
  }
  if ((separator | 0x20) !== 0x74 && separator !== 0x20) return undefined;
  const century = twoDigits(bytes, start);
  const years = twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  const hour = twoDigits(bytes, start + 11);
  const minute = twoDigits(bytes, start + 14);
  if (century < 0 || years < 0) return undefined;
  return localSeconds({ year: century * 100 + years, month, day, hour, minute, second: 0 });
}

/** The zone at the end of a date-time: Z, UTC, GMT, +hh:mm, +hhmm or +hh, also behind a blank; NaN for anything else. */
export function offsetSeconds(bytes: Buffer, from: number, end: number): number {
  const at = bytes[from] === space ? from + 1 : from;
  const sign = bytes[at]!;
  const length = end - at;
  if (length === 1) return (sign | 0x20) === 0x7a ? 0 : NaN;
  if (length === 3 && isUtc(bytes, at)) return 0;
  if (sign !== 0x2b && sign !== 0x2d) return NaN;
  const has_colon = length === 6 && bytes[at + 3] === 0x3a;
  if (!has_colon && length !== 5 && length !== 3) return NaN;
  const hours = twoDigits(bytes, at + 1);
  const minutes = length === 3 ? 0 : twoDigits(bytes, has_colon ? at + 4 : at + 3);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NaN;
  const seconds = hours * 3600 + minutes * 60;
  return sign === 0x2b ? seconds : -seconds;
}

function isUtc(bytes: Buffer, at: number): boolean {
  const name = bytes.toString("latin1", at, at + 3);
  return name === "UTC" || name === "GMT";
}

/** The number that two digits make, or -1. */
export function twoDigits(bytes: Buffer, at: number): number {
  const tens = bytes[at]! - zero;
  const ones = bytes[at + 1]! - zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

/** Where the digits end that begin at `at`; `at` itself where there are none. */
export function digitsEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at]! >= zero && bytes[at]! <= 0x39) at += 1;
  return at;
}
