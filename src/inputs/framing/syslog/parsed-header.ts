/**
 * Reads the header of a syslog message: RFC 3164 with what programs make of it, and RFC 5424.
 */
import { structuredDataAt, type Param } from "./structured-data.ts";

/** What a header says, as text. An octet is a character, so that the places in the text are those in the bytes. */
export interface ParsedHeader {
  readonly priority: number | undefined;
  /** As written. */
  readonly timestamp: string | undefined;
  readonly host?: string | undefined;
  readonly appname?: string | undefined;
  readonly procid?: string | undefined;
  readonly msgid?: string | undefined;
  readonly params: readonly Param[];
  /** Where priority and time end, which are figures and names of months. */
  readonly from: number;
  /** Where the header ends. */
  readonly end: number;
}

const priority_max = 191;
const priority_pattern = /^<(0|[1-9]\d{0,2})>/;
const month = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const clock = String.raw`\d\d:\d\d:\d\d(?:[.,]\d{1,9})?`;
const rfc3339 = String.raw`\d{4}-\d\d-\d\dT${clock}(?:Z|[+-]\d\d:?\d\d)`;
const bsd_time = String.raw`${month} [ \d]\d (?:\d{4} )?${clock}`;
const time = new RegExp(`(?<time>${bsd_time}|${rfc3339}):?(?: +|$)`, "y");
const host = String.raw`[A-Za-z0-9](?:[\w.:-]{0,253}[\w.-])?`;
const tag = String.raw`[^ \t:[\]{}"=]{1,128}`;
const word = "[^ ]{1,128}";
const origin = new RegExp(
  String.raw`(?:(?<host>${host}) +)?(?<appname>${tag})(?:\[(?<procid>\d{1,10})\])?:(?: |(?=[{@])|$)`,
  "y",
);
const ietf = new RegExp(
  String.raw`1 (?<time>-|${rfc3339}) (?<host>-|${host}) (?<appname>${word}) (?<procid>${word}) (?<msgid>${word}) `,
  "y",
);

/** The header at the beginning of a record, whose first bytes `text` is; undefined where there is none. */
export function parseHeader(text: string): ParsedHeader | undefined {
  const found = priority_pattern.exec(text);
  const priority = found === null ? undefined : Number(found[1]);
  if (priority !== undefined && priority > priority_max) return undefined;
  const from = found?.[0].length ?? 0;
  return (
    (priority !== undefined && parseIetf(text, from, priority)) || parseBsd(text, from, priority)
  );
}

/** RFC 5424. */
function parseIetf(text: string, at: number, priority: number): ParsedHeader | undefined {
  const match = matchAt(ietf, text, at);
  if (match === undefined) return undefined;
  const structured = structuredDataAt(text, at + match[0].length);
  if (structured === undefined) return undefined;
  const { end, params } = structured;
  if (end < text.length && text[end] !== " ") return undefined;
  const { time: timestamp, ...names } = match.groups as Record<string, string>;
  const said = Object.entries(names).filter(([, value]) => value !== "-");
  return {
    priority,
    timestamp: timestamp === "-" ? undefined : timestamp,
    ...Object.fromEntries(said),
    params,
    from: at + "1 ".length + timestamp!.length,
    end: Math.min(end + 1, text.length),
  };
}

/** RFC 3164 and what is like it: there is a priority or a time, and in most a program with a colon. */
function parseBsd(
  text: string,
  at: number,
  priority: number | undefined,
): ParsedHeader | undefined {
  const timed = matchAt(time, text, at);
  if (timed === undefined && priority === undefined) return undefined;
  const from = at + (timed?.[0].length ?? 0);
  const named = matchAt(origin, text, from);
  return {
    priority,
    timestamp: timed?.groups?.["time"],
    ...named?.groups,
    params: [],
    from,
    end: from + (named?.[0].length ?? 0),
  };
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
