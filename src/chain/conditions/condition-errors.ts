/**
 * Errors of the CEL library in the words of whoever writes conditions, with what to write instead where that is known.
 */
import { messageOf } from "../../platform/errors.ts";
import { nearest } from "../../platform/text/suggest.ts";
import { ExpressionError } from "./cel-literal.ts";
import { adviceAt } from "./syntax-advice.ts";

const type_words: Record<string, string> = {
  int: "a number",
  double: "a number",
  string: "a text",
  bool: "true or false",
  null: "null",
  list: "a list",
  map: "a map",
  "google.protobuf.Timestamp": "a time",
  "google.protobuf.Duration": "a duration",
};
const comparisons = new Set(["==", "!=", "<", "<=", ">", ">="]);

/** Functions, and what people call them who know them from elsewhere. */
const functions = ["size", "has", "now", "duration", "timestamp", "ip_in", "metadata", "int"];
const other_names: Record<string, string> = {
  len: "size(name)",
  length: "size(name)",
  count: "size(name)",
  lower: "name.lowerAscii()",
  tolower: "name.lowerAscii()",
  upper: "name.upperAscii()",
  toupper: "name.upperAscii()",
  exists: "has(event.name)",
  defined: "has(event.name)",
  cidr: 'ip_in(name, "10.0.0.0/8")',
  cidrmatch: 'ip_in(name, "10.0.0.0/8")',
  match: 'name.matches("pattern")',
  matches: 'name.matches("pattern")',
  regex: 'name.matches("pattern")',
  contains: 'name.contains("text")',
  startswith: 'name.startsWith("text")',
  endswith: 'name.endsWith("text")',
  includes: 'name.contains("text")',
};

/**
 * From an error of the library, or an overflow of the stack in it; `written` is what it has read, where it did not get on.
 */
export function expressionError(
  thrown: unknown,
  written: string,
  originalPosition: (offset: number) => number,
): ExpressionError {
  if (thrown instanceof RangeError) return new ExpressionError("it is nested too deeply", 0);
  const { summary, range } = thrown as { summary?: string; range?: { start: number } };
  const position = originalPosition(range?.start ?? 0);
  const said = summary ?? messageOf(thrown);
  const words = ofTypes(said) ?? ofFunction(said) ?? `${said}${adviceAt(written, position)}`;
  return new ExpressionError(words, position);
}

/** Of an operator between two types that it does not take. */
function ofTypes(said: string): string | undefined {
  const match = /^no such overload: (\S+) (\S+) (\S+)$/.exec(said);
  if (match === null) return undefined;
  const [, left = "", op = "", right = ""] = match;
  const [, item] = /^list<(.*)>$/.exec(op === "in" ? right : "") ?? [];
  const one = type_words[left.replace(/<.*/, "")];
  const other = type_words[(item ?? right).replace(/<.*/, "")];
  if (one === undefined || other === undefined) return undefined;
  const advice = typeAdvice([one, other]);
  if (item !== undefined) return `${one} is never in a list of ${other}${advice}`;
  if (!comparisons.has(op)) return `there is no ${op} between ${one} and ${other}${advice}`;
  return `${one} is compared with ${other}, which never fits${advice}`;
}

function typeAdvice(pair: readonly string[]): string {
  // The library has it the other way around for a duration.
  if (pair.includes("a duration") && pair.includes("a time")) {
    return '; of a sum, the time is written first: time + duration("90s")';
  }
  if (pair.includes("a duration")) return '; a duration is written duration("90s")';
  if (pair.includes("a time") && pair.includes("a text")) {
    return (
      '; a time is written timestamp("2025-03-21T06:37:27Z"), and the value at a key called time, which here is ' +
      "the event's time, event.time"
    );
  }
  if (pair.includes("a time")) return '; a duration is written duration("90s")';
  if (pair.includes("a number") && pair.includes("a text")) {
    return "; numbers are written without quotes";
  }
  if (pair.includes("true or false")) return "; true and false are written without quotes";
  return "";
}

/** Of a function or method that there is not, or not with such values. */
function ofFunction(said: string): string | undefined {
  const match = /^found no matching overload for '(?:[^'(]*\.)?(\w+)\(/.exec(said);
  if (match === null) return undefined;
  const [, name = ""] = match;
  const lower = name.toLowerCase();
  if (functions.includes(name)) return `${name}() does not take such values: ${said}`;
  const other = Object.hasOwn(other_names, lower) ? other_names[lower] : undefined;
  const near = nearest(name, functions);
  const advice =
    other === undefined
      ? near === undefined
        ? ""
        : `; did you mean ${near}()?`
      : `; write ${other}`;
  return `there is no ${name}() for such values${advice}`;
}
