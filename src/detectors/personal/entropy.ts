/**
 * Words that look like they were drawn by chance. Ids are such words, too, so that this is for reports, where a person looks
 * at what is found, and masks nothing.
 */
import type { Detector, Found } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";

const words = /(?<![\w+/-])[A-Za-z0-9+/_-]{20,512}={0,2}(?![\w+/-])/g;
const hexadecimal = /^[0-9a-f-]+$/i;
/** The share of what the same number of characters could hold. */
const share_min = 0.9;
const alphabet_size = 64;

/** Shannon's entropy of the characters, in bits for each. */
function entropyOf(word: string): number {
  const counts = new Map<string, number>();
  for (const each of word) counts.set(each, (counts.get(each) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values())
    bits -= (count / word.length) * Math.log2(count / word.length);
  return bits;
}

function isRandom(word: string): boolean {
  if (hexadecimal.test(word) || !/\d/.test(word) || !/[a-z]/.test(word) || !/[A-Z]/.test(word)) {
    return false;
  }
  return entropyOf(word) >= share_min * Math.log2(Math.min(word.length, alphabet_size));
}

function sweep(text: Text): Found[] {
  const shown = text.slice(text.start, text.end);
  return [...shown.matchAll(words)]
    .filter(([match]) => isRandom(match))
    .map(({ 0: match, index }) => ({
      start: text.start + index,
      end: text.start + index + match.length,
    }));
}

export const entropy: Detector = {
  id: "entropy",
  group: "entropy",
  finds: "words of 20 characters or more that look random",
  example: "xxxxxxxxxxxxxxxxxxxx",
  report_only: true,
  ways: [],
  sweep,
};
