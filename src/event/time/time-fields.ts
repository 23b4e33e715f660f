/**
 * The parts of a time in a text, as the groups of a regular expression that are named here, and what they come to.
 */
import type { CivilTime, EpochTime } from "./civil-time.ts";

/** Regular expressions of the parts. */
export const parts = {
  year: String.raw`(?<year>\d{4})`,
  month: String.raw`(?<month>\d{2})`,
  month_name:
    "(?<month_name>[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]un|[Jj]ul|[Aa]ug|[Ss]ep|[Oo]ct|[Nn]ov|[Dd]ec|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)",
  day: String.raw`(?<day>\d{1,2})`,
  hour: String.raw`(?<hour>\d{2})`,
  minute: String.raw`(?<minute>\d{2})`,
  second: String.raw`(?<second>\d{2})`,
  fraction: String.raw`(?<fraction>\d{1,20})`,
  zone: String.raw`(?<zone>[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)`,
} as const;

/** The groups of a match. */
export type TimeGroups = Readonly<Record<string, string | undefined>>;

/** What the groups say; undefined for an offset that no zone has. */
export function timeOf(groups: TimeGroups): CivilTime | EpochTime | undefined {
  const { epoch, fraction = "", zone } = groups;
  if (epoch !== undefined) return { seconds: Number(epoch), fraction };
  const offset = zone === undefined ? undefined : offsetOf(zone);
  if (Number.isNaN(offset)) return undefined;
  return {
    year: yearOf(groups),
    month: monthOf(groups),
    day: Number(groups["day"]),
    hour: hourOf(groups),
    minute: Number(groups["minute"] ?? 0),
    second: Number(groups["second"] ?? 0),
    fraction,
    offset,
  };
}

function yearOf({ year, year_after, short_year }: TimeGroups): number | undefined {
  const whole = year ?? year_after;
  if (whole !== undefined) return Number(whole);
  if (short_year === undefined) return undefined;
  // As POSIX has it.
  const number = Number(short_year);
  return number < 69 ? 2000 + number : 1900 + number;
}

const month_names = "janfebmaraprmayjunjulaugsepoctnovdec";

function monthOf({ month, month_name }: TimeGroups): number {
  if (month_name === undefined) return Number(month);
  return month_names.indexOf(month_name.toLowerCase()) / 3 + 1;
}

function hourOf({ hour, hour_of_12, half }: TimeGroups): number {
  if (hour_of_12 === undefined) return Number(hour ?? 0);
  const of_12 = Number(hour_of_12);
  if (of_12 < 1 || of_12 > 12) return NaN;
  return (of_12 % 12) + (half?.toLowerCase() === "pm" ? 12 : 0);
}

/** Seconds ahead of UTC; NaN where there is no such zone. */
function offsetOf(zone: string): number {
  if (!/^[+-]/.test(zone)) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(":", ""));
  if (hours > 23 || minutes > 59) return NaN;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}
