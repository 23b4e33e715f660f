/**
 * Indexed fields that the path of a file says, such as namespace and pod. They are made once for each file.
 */
import type { Metadata } from "../../../event/event.ts";
import { linearPattern } from "../../../platform/text/linear-pattern.ts";
import { pattern } from "../../../platform/text/pattern-option.ts";

/** What a path says; undefined where it says nothing. */
export type PathFields = (path: string) => Metadata["fields"];

export const pathFieldsOption = pattern.superRefine((text, context) => {
  if (Object.keys(namesIn(text)).length > 0) return;
  context.addIssue("names no field: write a group with a name, such as (?<pod>[^/_]+)");
});

/** `text` is the option. */
export function pathFieldsOf(text: string): PathFields {
  const compiled = linearPattern(text);
  const names = pathFieldNames(text);
  return (path) => {
    const matcher = compiled.matcher(path);
    if (!matcher.find()) return undefined;
    const found = names.flatMap((name): [string, string][] => {
      const value = matcher.group(name);
      return value === null || value === "" ? [] : [[name, value]];
    });
    return found.length === 0 ? undefined : Object.fromEntries(found);
  };
}

/** The names of the fields that an option finds. */
export function pathFieldNames(text: string): string[] {
  return Object.keys(namesIn(text));
}

function namesIn(text: string): Record<string, number> {
  try {
    return linearPattern(text).namedGroups();
  } catch {
    // The option says what is wrong with it.
    return {};
  }
}
