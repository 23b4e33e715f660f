/**
 * Where a text stands in the options of a step.
 */
import type { Complaint } from "../platform/errors.ts";

/** How deep options are searched; they come from YAML, which can be made circular with anchors. */
const options_depth_max = 20;

/** The keys that lead to the text in the options, or to what it is the key of; undefined where there is none. */
export function findText(
  options: unknown,
  isIt: (text: string) => boolean,
  depth: number,
): Complaint["path"] | undefined {
  if (typeof options === "string") return isIt(options) ? [] : undefined;
  if (typeof options !== "object" || options === null || depth > options_depth_max) {
    return undefined;
  }
  const isList = Array.isArray(options);
  for (const [key, value] of Object.entries(options)) {
    const place = !isList && isIt(key) ? [] : findText(value, isIt, depth + 1);
    if (place !== undefined) return [isList ? Number(key) : key, ...place];
  }
  return undefined;
}

/** Where the text stands in the options of a step, as a whole or in another; the options themselves where it does not. */
export function placeOfText(options: unknown, text: string): Complaint["path"] {
  const whole = findText(options, (each) => each === text, 0);
  return whole ?? findText(options, (each) => each.includes(text), 0) ?? [];
}
