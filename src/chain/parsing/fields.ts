/** The fields that a text has. */
import type { JsonValue } from "../../plugin.ts";

export type Fields = Record<string, JsonValue>;

/** A text with more fields is not parsed. */
export const fields_max = 1000;

/** Without a prototype, so that a field may have any name. */
export function noFields(): Fields {
  return Object.create(null) as Fields;
}

/** The fields with these names, and their values in the same order. */
export function named(names: readonly string[], values: readonly JsonValue[]): Fields {
  const fields = noFields();
  for (const [at, name] of names.entries()) fields[name] = values[at] ?? null;
  return fields;
}

/** What a sticky pattern finds at this place. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
