/** International bank account numbers, by their check digits (ISO 13616: the remainder by 97 is 1). */
import type { Detector, Found } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";

/** Two letters, two digits, and 11 to 30 characters, in groups of four or in one. */
const shape = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])/g;
const length_min = 15;

/** Whether the check digits are right: letters count from 10, the first four characters stand last. */
export function isIban(text: string): boolean {
  const moved = text.slice(4) + text.slice(0, 4);
  let rest = 0;
  for (const character of moved) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** A word of capitals may stand behind one in groups. */
function lengthOfIban(match: string): number {
  for (let end = match.length; end >= length_min; end -= 1) {
    const is_break = end === match.length || match[end] === " ";
    if (is_break && isIban(match.slice(0, end).replaceAll(" ", ""))) return end;
  }
  return 0;
}

function sweep(text: Text): Found[] {
  const shown = text.slice(text.start, text.end);
  return [...shown.matchAll(shape)].flatMap(({ 0: match, index }) => {
    const length = lengthOfIban(match);
    const start = text.start + index;
    return length === 0 ? [] : [{ start, end: start + length }];
  });
}

export const iban: Detector = {
  id: "iban",
  group: "personal",
  finds: "international bank account numbers, with their check digits",
  example: "DE00 xxxx xxxx xxxx xxxx xx",
  ways: [],
  sweep,
};
