/** Where values of JSON end that stand without quotes, in text that may be broken. */
import { skipBlanks } from "./characters.ts";
import { isJson } from "../../event/strings/is-json.ts";
import { closingQuote } from "./json-strings.ts";

/** Brackets that may close behind a value. */
export const closers = "}])";

/** Whether the brackets that close from `at` on end there, and no word goes on right behind them. */
export function endsBrackets(text: string, at: number, limit: number): boolean {
  let next = at;
  while (next < limit && closers.includes(text[next]!)) next += 1;
  return next >= limit || !/[\p{L}\p{N}_+/=-]/u.test(text[next]!);
}

/** The end of a JSON object or array; undefined where it is not strict JSON, or cannot stand there. */
export function endOfContainer(text: string, start: number, limit: number): number | undefined {
  let depth = 0;
  for (let at = start; at < limit; at += 1) {
    const character = text[at]!;
    if (character === '"') {
      at = closingQuote(text, at);
      if (at < 0 || at >= limit) return undefined;
    } else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    if (depth > 0) continue;
    const end = at + 1;
    const isCertain = isJson(text.slice(start, end)) && followsValue(text, end, limit);
    return isCertain ? end : undefined;
  }
  return undefined;
}

const scalar = /-?\d[\d.eE+-]*|true|false|null/y;

/** The end of a number or a word of JSON; undefined where there is none, or it cannot stand there. */
export function endOfScalar(text: string, start: number): number | undefined {
  scalar.lastIndex = start;
  if (!scalar.test(text)) return undefined;
  const end = scalar.lastIndex;
  return followsValue(text, end, text.length) ? end : undefined;
}

function followsValue(text: string, at: number, limit: number): boolean {
  const next = skipBlanks(text, at);
  const following = text[next];
  if (following === "}" || following === "]") return endsBrackets(text, next, limit);
  return following === undefined || following === ",";
}
