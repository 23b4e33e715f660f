/**
 * A time as calendars and clocks show it, and the instant that it stands for.
 */

/** What a text says of a time. Month and day count from 1. */
export interface CivilTime {
  /** Undefined where the text has none, as syslog's; then it is the nearest one. */
  readonly year: number | undefined;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** Up to 60: a leap second is the first second of the next minute. */
  readonly second: number;
  /** The digits of the fraction of a second, as they stand there. */
  readonly fraction: string;
  /** Seconds that its zone is ahead of UTC; undefined where the text names no zone. */
  readonly offset: number | undefined;
}

/** A day and a time of it, in whole seconds. */
type DateAndClock = Pick<CivilTime, "month" | "day" | "hour" | "minute" | "second"> & {
  readonly year: number;
};

/** Seconds since the epoch as digits: of the whole, and of the fraction. */
export interface EpochTime {
  readonly seconds: number;
  readonly fraction: string;
}

/** Seconds from the epoch to the time as if it was UTC's; undefined for a time that no calendar or clock has. */
export function localSeconds(time: DateAndClock): number | undefined {
  const { year, month, day, hour, minute, second } = time;
  const is_date = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  const is_clock = hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second <= 60;
  if (!is_date || !is_clock) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute) / 1000 + second;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** The year in which a time without one is nearest to an instant, which is in milliseconds since the epoch. */
export function nearestYear(time: Omit<CivilTime, "year">, near_ms: number): number | undefined {
  const this_year = new Date(near_ms).getUTCFullYear();
  let nearest: number | undefined;
  let distance = Infinity;
  for (const year of [this_year - 1, this_year, this_year + 1]) {
    const seconds = localSeconds({ ...time, year });
    if (seconds === undefined) continue;
    const apart = Math.abs(seconds * 1000 - near_ms);
    if (apart >= distance) continue;
    distance = apart;
    nearest = year;
  }
  return nearest;
}
