/**
 * A pattern for times that are written in a form of their own, in the directives of strptime(3):
 *
 *     %Y %y %m %b %B %d %e %H %I %p %M %S    as there; %B reads the names' first three letters, too
 *     %f %L %N                               the digits of a second's fraction, after a `.` or `,` of the pattern
 *     %z                                     Z, UTC, GMT, +02, +0200 or +02:00
 *     %Z                                     the same, or an abbreviation such as CEST, which is passed over
 *     %s                                     seconds since the epoch
 *     %a %A                                  a day of the week, which is passed over
 *     %T %R %F %D                            %H:%M:%S, %H:%M, %Y-%m-%d, %m/%d/%y
 *     %%                                     a percent sign
 *
 * Blanks stand for any number of them.
 */
import type { CivilTime, EpochTime } from "./civil-time.ts";
import { parts, timeOf } from "./time-fields.ts";

/** What is wrong with a pattern. */
export class TimePatternError extends Error {
  /** Column in the pattern, from 1. */
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const spaced = (digits: string): string => String.raw`(?<${digits}>\d{1,2}| \d)`;

const directives: Readonly<Record<string, string>> = {
  Y: parts.year,
  y: String.raw`(?<short_year>\d{2})`,
  m: String.raw`(?<month>\d{1,2})`,
  b: parts.month_name,
  h: parts.month_name,
  B: `${parts.month_name}[a-z]{0,6}`,
  d: spaced("day"),
  e: spaced("day"),
  H: spaced("hour"),
  k: spaced("hour"),
  I: spaced("hour_of_12"),
  l: spaced("hour_of_12"),
  p: "(?<half>[AaPp][Mm])",
  M: parts.minute,
  S: parts.second,
  f: parts.fraction,
  L: parts.fraction,
  N: parts.fraction,
  z: parts.zone,
  Z: `(?:${parts.zone}|[A-Z]{2,5})`,
  s: String.raw`(?<epoch>\d{1,10})`,
  a: "[A-Z][a-z]{2}",
  A: "[A-Z][a-z]{2,8}",
  "%": "%",
};

const compounds: Readonly<Record<string, string>> = {
  T: "%H:%M:%S",
  R: "%H:%M",
  F: "%Y-%m-%d",
  D: "%m/%d/%y",
};

/** Parts without which a time is no time: one of each list. */
const needed = [
  { groups: ["month", "month_name"], directive: "%m or %b" },
  { groups: ["day"], directive: "%d" },
  { groups: ["hour", "hour_of_12"], directive: "%H" },
];

export class TimePattern {
  readonly #whole: RegExp;
  readonly #head: RegExp;

  /** Throws a TimePatternError for a pattern that cannot be used. */
  constructor(pattern: string) {
    const source = sourceOf(pattern);
    this.#whole = new RegExp(`^${source}$`);
    this.#head = new RegExp(`^(?:<\\d{1,3}>)?${source}(?!\\d)`);
  }

  /** What the text says; undefined where it does not fit. */
  read(text: string): CivilTime | EpochTime | undefined {
    return read(this.#whole, text);
  }

  /** What the beginning of the text says; undefined where it does not fit. */
  readHead(text: string): CivilTime | EpochTime | undefined {
    return read(this.#head, text);
  }
}

function read(pattern: RegExp, text: string): CivilTime | EpochTime | undefined {
  const groups = pattern.exec(text)?.groups;
  return groups === undefined ? undefined : timeOf(groups);
}

function sourceOf(pattern: string): string {
  const groups = new Set<string>();
  const source = pattern.replace(
    /%(.?)|\s+|[\s\S]/gu,
    (part: string, letter: string | undefined, at: number) => {
      if (letter === undefined) return part.trim() === "" ? String.raw`\s+` : escaped(part);
      const compound = compounds[letter];
      if (compound === undefined) return directive(letter, at, groups);
      return compound.replace(/%(.)/g, (_, each: string) => directive(each, at, groups));
    },
  );
  if (groups.has("epoch")) return source;
  for (const { groups: choice, directive: missing } of needed) {
    if (choice.some((group) => groups.has(group))) continue;
    throw new TimePatternError(`it has no ${missing}`, pattern.length + 1);
  }
  if (groups.has("hour_of_12") && !groups.has("half")) {
    throw new TimePatternError("%I needs %p beside it", pattern.length + 1);
  }
  return source;
}

function escaped(character: string): string {
  return /[\\^$.*+?()[\]{}|]/.test(character) ? `\\${character}` : character;
}

function directive(letter: string, at: number, groups: Set<string>): string {
  const source = Object.hasOwn(directives, letter) ? directives[letter] : undefined;
  if (source === undefined) {
    const known = [...Object.keys(directives), ...Object.keys(compounds)].sort();
    const list = known.map((each) => `%${each}`).join(" ");
    throw new TimePatternError(`%${letter} is not known; known are ${list}`, at + 1);
  }
  const group = /\(\?<(\w+)>/.exec(source)?.[1];
  if (group === undefined) return source;
  if (groups.has(group)) {
    throw new TimePatternError(`%${letter} says the ${group} a second time`, at + 1);
  }
  groups.add(group);
  return source;
}
