/** The headers of an answer, as strict as RFC 9110 allows: nothing in them can be taken for the end of a line. */
import { brokenAnswer } from "./failure.ts";

/** By their names in lower case: all values, in their order. */
export type AnswerHeaders = ReadonlyMap<string, readonly string[]>;

const token = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const text = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Of lines without their ends. Throws a ConnectionError where one of them is no header. */
export function readHeaders(lines: readonly string[]): AnswerHeaders {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    const value = line.slice(colon + 1);
    if (!token.test(name) || !text.test(value))
      throw brokenAnswer("INVALID_HEADER_TOKEN", "a line of its head is no header");
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [trimmed(value)]);
    else values.push(trimmed(value));
  }
  return headers;
}

/** What a header lists, in lower case. */
export function listOf(headers: AnswerHeaders, name: string): string[] {
  const values = headers.get(name);
  if (values === undefined) return [];
  return values.flatMap((value) => value.toLowerCase().split(",").map(trimmed)).filter(Boolean);
}

/** Without the blanks around it, in linear time. Other kinds of space are no blanks here. */
function trimmed(value: string): string {
  let [start, end] = [0, value.length];
  while (start < end && isBlank(value.charCodeAt(start))) start += 1;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
