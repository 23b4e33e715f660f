/**
 * An event's time: from the text of its own timestamp to epoch seconds in digits, never through a float,
 * so that nanoseconds survive.
 *
 * Read are RFC 3339 date-times (also with a space for the T, and offsets without a colon), and epoch
 * times as numbers or strings of digits: seconds with a fraction, and 13, 16 or 19 digits of
 * milliseconds, microseconds or nanoseconds. What falls outside 1970 to 2038 is not a time that Splunk
 * could index (its epoch has 31 bits).
 */

/** Splunk's documentation on timestamp recognition: events after 2038-01-19 cannot be indexed. */
const seconds_limit = 2 ** 31;

const fraction_digits_max = 9;

/** `YYYY-MM-DDTHH:MM`, the part that is computed again only when it changes. */
const prefix_length = 16;

const zero = 0x30;
const dot = 0x2e;

/** The longest result: ten digits, the point and nine digits. */
export const time_length_max = 20;

export class TimestampReader {
  /** The digits of the last time read. */
  readonly digits = Buffer.alloc(time_length_max);
  #length = 0;
  #seconds = -1;
  #seconds_length = 0;
  readonly #prefix = Buffer.alloc(prefix_length);
  #prefix_seconds = -1;

  /** How many of `digits` hold the last time. */
  get length(): number {
    return this.#length;
  }

  /** The last time read. */
  get text(): string {
    return this.digits.toString("latin1", 0, this.#length);
  }

  /** Reads the text `bytes[start, end)`, without quotes. False where it is not a usable time. */
  read(bytes: Buffer, start: number, end: number): boolean {
    this.#length = 0;
    if (end - start >= 20 && bytes[start + 4] === 0x2d)
      return this.#readDateTime(bytes, start, end);
    return this.#readEpoch(bytes, start, end);
  }

  /** Takes milliseconds since the epoch; out of range, the nearest time in it. */
  readMilliseconds(milliseconds: number): void {
    const whole = Math.min(Math.max(0, Math.floor(milliseconds)), seconds_limit * 1000 - 1);
    const rest = whole % 1000;
    this.#writeSeconds((whole - rest) / 1000);
    const at = this.#length;
    this.digits[at] = dot;
    this.digits[at + 1] = zero + Math.floor(rest / 100);
    this.digits[at + 2] = zero + (Math.floor(rest / 10) % 10);
    this.digits[at + 3] = zero + (rest % 10);
    this.#length = at + 4;
  }

  #readDateTime(bytes: Buffer, start: number, end: number): boolean {
    if (!this.#readPrefix(bytes, start)) return false;
    if (bytes[start + prefix_length] !== 0x3a) return false;
    const second = twoDigits(bytes, start + prefix_length + 1);
    if (second < 0 || second > 60) return false;
    let at = start + prefix_length + 3;
    let fraction_end = at;
    if (bytes[at] === dot) {
      fraction_end = digitsEnd(bytes, at + 1, end);
      if (fraction_end === at + 1) return false;
    }
    const fraction_start = at + 1;
    at = fraction_end;
    const offset = offsetSeconds(bytes, at, end);
    if (Number.isNaN(offset)) return false;
    if (!this.#writeSeconds(this.#prefix_seconds + second - offset)) return false;
    this.#writeFraction(bytes, fraction_start, fraction_end);
    return true;
  }

  /** Sets #prefix_seconds from `YYYY-MM-DDTHH:MM`. */
  #readPrefix(bytes: Buffer, start: number): boolean {
    const prefix = this.#prefix;
    let same = 0;
    while (same < prefix_length && prefix[same] === bytes[start + same]) same += 1;
    if (same === prefix_length) return true;
    const seconds = prefixSeconds(bytes, start);
    if (seconds === undefined) return false;
    bytes.copy(prefix, 0, start, start + prefix_length);
    this.#prefix_seconds = seconds;
    return true;
  }

  #readEpoch(bytes: Buffer, start: number, end: number): boolean {
    const whole_end = digitsEnd(bytes, start, end);
    const count = whole_end - start;
    if (count === 0 || (count > 1 && bytes[start] === zero)) return false;
    let fraction_end = whole_end;
    if (whole_end < end) {
      fraction_end = digitsEnd(bytes, whole_end + 1, end);
      if (bytes[whole_end] !== dot || fraction_end !== end) return false;
      if (fraction_end === whole_end + 1) return false;
    }
    const seconds_end = count === 13 || count === 16 || count === 19 ? start + 10 : whole_end;
    if (seconds_end - start > 10) return false;
    let seconds = 0;
    for (let at = start; at < seconds_end; at += 1) seconds = seconds * 10 + bytes[at]! - zero;
    if (!this.#writeSeconds(seconds)) return false;
    this.#writeFraction(bytes, seconds_end, whole_end);
    this.#writeFraction(bytes, whole_end + 1, fraction_end);
    return true;
  }

  /** Starts `digits` with the seconds; false where they are out of range. */
  #writeSeconds(seconds: number): boolean {
    if (seconds < 0 || seconds >= seconds_limit) return false;
    if (seconds !== this.#seconds) {
      this.#seconds_length = writeDigits(seconds, this.digits);
      this.#seconds = seconds;
    }
    this.#length = this.#seconds_length;
    return true;
  }

  /** Appends digits of the fraction, with the point where none is there yet; what is beyond nine is cut. */
  #writeFraction(bytes: Buffer, start: number, end: number): void {
    if (end <= start) return;
    let to = this.#length;
    if (to === this.#seconds_length) this.digits[to++] = dot;
    const room = this.#seconds_length + 1 + fraction_digits_max - to;
    const stop = Math.min(end, start + room);
    for (let at = start; at < stop; at += 1) this.digits[to++] = bytes[at]!;
    this.#length = to;
  }
}

/** Writes a number from 0 below 10^10 to the start of `target`; returns where it ends. */
function writeDigits(number: number, target: Buffer): number {
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

function prefixSeconds(bytes: Buffer, start: number): number | undefined {
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
  if (century < 0 || years < 0 || month < 1 || month > 12 || hour < 0 || hour > 23)
    return undefined;
  const year = century * 100 + years;
  if (day < 1 || day > daysInMonth(year, month) || minute < 0 || minute > 59) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute) / 1000;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The zone at the end of a date-time: Z, +hh:mm or +hhmm; NaN for anything else. */
function offsetSeconds(bytes: Buffer, at: number, end: number): number {
  const sign = bytes[at]!;
  if (at + 1 === end) return (sign | 0x20) === 0x7a ? 0 : NaN;
  const has_colon = end - at === 6 && bytes[at + 3] === 0x3a;
  if ((!has_colon && end - at !== 5) || (sign !== 0x2b && sign !== 0x2d)) return NaN;
  const hours = twoDigits(bytes, at + 1);
  const minutes = twoDigits(bytes, has_colon ? at + 4 : at + 3);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return NaN;
  const seconds = hours * 3600 + minutes * 60;
  return sign === 0x2b ? seconds : -seconds;
}

/** The number that two digits make, or -1. */
function twoDigits(bytes: Buffer, at: number): number {
  const tens = bytes[at]! - zero;
  const ones = bytes[at + 1]! - zero;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

function digitsEnd(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at]! >= zero && bytes[at]! <= 0x39) at += 1;
  return at;
}
