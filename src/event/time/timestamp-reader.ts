/**
 * An event's time: from the text of its own timestamp to epoch seconds in digits, never through a float,
 * so that nanoseconds survive.
 *
 * Read at once are date-times of RFC 3339 (with a blank for the T, a comma for the dot, `UTC` for the Z, +hhmm and +hh), and
 * epoch times as numbers or strings of digits: seconds with a fraction, and 13, 16 or 19 digits of milliseconds,
 * microseconds or nanoseconds. Other forms (time-forms.ts) take longer. What falls outside 1970 to 2038 is not a
 * time that Splunk could index (its epoch has 31 bits).
 */
import { type CivilTime, type EpochTime, localSeconds, nearestYear } from "./civil-time.ts";
import {
  digitsEnd,
  offsetSeconds,
  prefixSeconds,
  twoDigits,
  writeDigits,
  zero,
} from "./time-digits.ts";
import { TimeForms, withoutExponent } from "./time-forms.ts";
import type { TimePattern } from "./time-pattern.ts";
import type { Zone } from "./zone.ts";

/** How times are written, where that is known. */
export interface TimeFormat {
  /** Undefined where any of the known forms is read. */
  readonly pattern: TimePattern | undefined;
  /** Of times that name none; undefined where those cannot be read. */
  readonly zone: Zone | undefined;
}

/** Why a text is no time. Stable words. */
export type TimeFault = "unknown_form" | "no_zone" | "out_of_range";

const any_format: TimeFormat = { pattern: undefined, zone: undefined };

/** Splunk's documentation on timestamp recognition: events after 2038-01-19 cannot be indexed. */
const seconds_limit = 2 ** 31;

const fraction_digits_max = 9;

/** `YYYY-MM-DDTHH:MM`, the part that is computed again only when it changes. */
const prefix_length = 16;
/** `YYYY-MM-DDTHH:MM:SS` */
const date_time_length_min = 19;
/** No form of a time is longer. */
const text_length_max = 64;

const dot = 0x2e;
const comma = 0x2c;

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
  readonly #forms = new TimeForms();
  #fault: TimeFault | undefined = undefined;
  /** Times without a year are the nearest to this, in milliseconds since the epoch. */
  near_ms = 0;

  /** How many of `digits` hold the last time. */
  get length(): number {
    return this.#length;
  }

  /** The last time read. */
  get text(): string {
    return this.digits.toString("latin1", 0, this.#length);
  }

  /** The last time's whole seconds since the epoch. */
  get seconds(): number {
    return this.#seconds;
  }

  /** Why the last text was no time; undefined where it was one. */
  get fault(): TimeFault | undefined {
    return this.#fault;
  }

  /** Reads the text `bytes[start, end)`, without quotes. False where it is not a usable time. */
  read(bytes: Buffer, start: number, end: number, format: TimeFormat = any_format): boolean {
    this.#length = 0;
    this.#fault = undefined;
    if (format.pattern === undefined) {
      const is_date = end - start >= date_time_length_min && bytes[start + 4] === 0x2d;
      const is_read = is_date
        ? this.#readDateTime(bytes, start, end, format.zone)
        : this.#readEpoch(bytes, start, end);
      if (is_read) return true;
    }
    return this.#readText(bytes, start, end, format);
  }

  #readText(bytes: Buffer, start: number, end: number, format: TimeFormat): boolean {
    const { pattern } = format;
    if (end - start > text_length_max) return this.#fail("unknown_form");
    const text = bytes.toString("latin1", start, end);
    if (pattern !== undefined) return this.#take(pattern.read(text), format);
    const plain = withoutExponent(text);
    if (plain === undefined) return this.#take(this.#forms.read(text), format);
    const digits = Buffer.from(plain);
    return this.#readEpoch(digits, 0, digits.length) || this.#fail("out_of_range");
  }

  /** Reads the time at the beginning of a line by the format's pattern. False where there is none. */
  readHead(head: string, pattern: TimePattern, format: TimeFormat): boolean {
    this.#length = 0;
    this.#fault = undefined;
    return this.#take(pattern.readHead(head), format);
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

  #readDateTime(bytes: Buffer, start: number, end: number, zone: Zone | undefined): boolean {
    if (!this.#readPrefix(bytes, start)) return false;
    if (bytes[start + prefix_length] !== 0x3a) return false;
    const second = twoDigits(bytes, start + prefix_length + 1);
    if (second < 0 || second > 60) return false;
    let at = start + date_time_length_min;
    let fraction_end = at;
    if (bytes[at] === dot || bytes[at] === comma) {
      fraction_end = digitsEnd(bytes, at + 1, end);
      if (fraction_end === at + 1) return false;
    }
    const fraction_start = at + 1;
    at = fraction_end;
    const local = this.#prefix_seconds + second;
    const seconds = at === end ? zone?.toUtc(local) : local - offsetSeconds(bytes, at, end);
    if (seconds === undefined || Number.isNaN(seconds)) return false;
    if (!this.#writeSeconds(seconds)) return false;
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

  #fail(fault: TimeFault): false {
    this.#length = 0;
    this.#fault = fault;
    return false;
  }

  /** Takes what a text says; undefined where it does not say a time. */
  #take(time: CivilTime | EpochTime | undefined, { zone }: TimeFormat): boolean {
    if (time === undefined) return this.#fail("unknown_form");
    const seconds = "seconds" in time ? time.seconds : this.#instantOf(time, zone);
    if (typeof seconds !== "number") return this.#fail(seconds);
    if (!this.#writeSeconds(seconds)) return this.#fail("out_of_range");
    const fraction = Buffer.from(time.fraction);
    this.#writeFraction(fraction, 0, fraction.length);
    return true;
  }

  #instantOf(time: CivilTime, zone: Zone | undefined): number | TimeFault {
    const year = time.year ?? nearestYear(time, this.near_ms);
    const local = year === undefined ? undefined : localSeconds({ ...time, year });
    if (local === undefined) return "unknown_form";
    if (time.offset !== undefined) return local - time.offset;
    return zone === undefined ? "no_zone" : zone.toUtc(local);
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
