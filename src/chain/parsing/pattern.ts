/** Patterns that take texts apart by named groups, in RE2's syntax: in linear time, whatever the text. */
import { messageOf } from "../../platform/errors.ts";
import { linearPattern, type LinearPattern } from "../../platform/text/linear-pattern.ts";
import { type Fields, named } from "./fields.ts";

/** A parser of what the pattern finds first, or what is wrong with the pattern. */
export function patternParser(text: string): ((text: string) => Fields | undefined) | string {
  let pattern: LinearPattern;
  try {
    pattern = linearPattern(text);
  } catch (thrown) {
    return `this pattern is wrong: ${messageOf(thrown)}`;
  }
  const names = Object.keys(pattern.namedGroups());
  if (names.length === 0) return "this pattern has no named group; write (?<name>…)";
  return (given) => {
    const matcher = pattern.matcher(given);
    if (!matcher.find()) return undefined;
    const found = names.filter((name) => matcher.group(name) !== null);
    return named(
      found,
      found.map((name) => matcher.group(name)),
    );
  };
}
