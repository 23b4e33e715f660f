/**
 * A finding as lines of at most 80 columns: the verdict, what was looked at, what was found; the remedy below.
 *
 *     failed   token    https://splunk.example.com:8088: HTTP 403, Splunk's code 4,
 *                       "Invalid token"
 *              What to do: Put the token's value into `output.token`.
 */
import type { Finding } from "../../doctor/findings/finding.ts";
import { wrap } from "../terminal/drawing/width.ts";

const columns_max = 80;
const verdict_columns = 9;
const check_columns = 9;

export function linesOf({ verdict, check, subject, message, remedy }: Finding): string[] {
  const head = verdict.padEnd(verdict_columns) + check.padEnd(check_columns);
  const text = subject === undefined ? message : `${subject}: ${message}`;
  const indent = " ".repeat(head.length);
  const lines = wrap(text, columns_max - head.length).map(
    (line, number) => (number === 0 ? head : indent) + line,
  );
  if (remedy === undefined) return lines;
  const below = " ".repeat(verdict_columns);
  const advice = wrap(`What to do: ${remedy}`, columns_max - verdict_columns);
  return [...lines, ...advice.map((line) => below + line)];
}
