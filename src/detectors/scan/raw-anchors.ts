/**
 * What stands in JSON where an anchor may be written in another way: a character as an escape by its number, or a slash
 * behind a backslash. A string that has one is worth decoding.
 */
import { exactly, type Way } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";

/** Characters that many writers escape for the sake of HTML, and that no anchor has. */
const harmless = new Set(["22", "26", "27", "3c", "3e"]);

/** Whether the escape stands for something that an anchor can have: neither a control character nor one of those. */
function spellsAnchor(text: Text, _at: number, end: number): boolean {
  const number = text.slice(end, end + 2).toLowerCase();
  return /^[2-7][0-9a-f]$/.test(number) && !harmless.has(number);
}

const never = (): undefined => undefined;

/** They find nothing themselves. */
export const raw_ways: readonly Way[] = [
  { anchors: exactly("\\u00"), look: never, quick: spellsAnchor },
  { anchors: exactly(":\\/\\/"), look: never },
];
