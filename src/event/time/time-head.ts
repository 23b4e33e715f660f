/**
 * Finds the time at the head of a line of text: behind the priority of syslog and the name of a level, in the brackets of a
 * web server's log, or in `audit(…)`.
 */
import { form_sources } from "./time-forms.ts";

/** Bytes of a line in which its time is looked for. */
export const head_length = 256;

const before = String.raw`(?:<\d{1,3}>(?:1 )?)?(?:\[?[A-Z]{3,8}\]?:? +)?\[?`;
const epoch = String.raw`\d{10}\.\d{1,9}`;

const heads = [
  ...form_sources.map((source) => new RegExp(`^${before}(?<time>${source})(?![\\w.:-])`)),
  new RegExp(`^${before}(?<time>${epoch})(?![\\w.:-])`),
  /\[(?<time>\d{1,2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\]/,
  new RegExp(String.raw`\baudit\((?<time>${epoch}):\d+\)`),
];

/** The text of the time in the first bytes of a line; undefined where none is found. */
export function timeInHead(head: string): string | undefined {
  for (const pattern of heads) {
    const time = pattern.exec(head)?.groups?.["time"];
    if (time !== undefined) return time;
  }
  return undefined;
}
