/**
 * Numbers and truth values that come from a `${…}`: what is put in is always text, and where a schema wants something else
 * and the text is that, it was meant so.
 */
import type { z } from "zod";

type Issue = z.core.$ZodIssue;
type OptionPath = readonly (string | number)[];

/**
 * Changes such texts in `value` where `issues` ask for it. True where it has changed any, so that the schema is to be
 * asked again.
 */
export function readInserted(
  value: unknown,
  issues: readonly Issue[],
  isInserted: (path: OptionPath) => boolean,
): boolean {
  let changed = false;
  for (const issue of issues) {
    const path = issue.path as OptionPath;
    const key = path.at(-1);
    const holder = holderOf(value, path);
    if (key === undefined || holder === undefined || !isInserted(path)) continue;
    const meant = meantBy(holder[key], issue);
    if (meant === undefined) continue;
    holder[key] = meant;
    changed = true;
  }
  return changed;
}

/** The list or map in which the value at the path is. */
function holderOf(value: unknown, path: OptionPath): Record<string | number, unknown> | undefined {
  let holder = value;
  for (const part of path.slice(0, -1)) {
    if (typeof holder !== "object" || holder === null || !Object.hasOwn(holder, part)) {
      return undefined;
    }
    holder = (holder as Record<string | number, unknown>)[part];
  }
  return typeof holder === "object" && holder !== null
    ? (holder as Record<string | number, unknown>)
    : undefined;
}

function meantBy(text: unknown, issue: Issue): number | boolean | undefined {
  if (typeof text !== "string") return undefined;
  if (/^(true|false)$/.test(text) && wants(issue, "boolean")) return text === "true";
  const isNumber = /^-?\d{1,15}(\.\d+)?$/.test(text);
  return isNumber && (wants(issue, "number") || wants(issue, "int")) ? Number(text) : undefined;
}

/** Whether a value of the type would do, by itself or as one of several that are possible. */
function wants(issue: Issue, type: "boolean" | "number" | "int"): boolean {
  if (issue.code === "invalid_union") {
    return issue.errors.some(
      ([first]) => first !== undefined && first.path.length === 0 && wants(first, type),
    );
  }
  if (issue.code === "invalid_value") return issue.values.some((each) => typeof each === type);
  return issue.code === "invalid_type" && issue.expected === type;
}
