/** Numbers of payment cards: 13 to 19 digits with an issuer's first digits and a right check digit (Luhn). */
import type { Detector, Found } from "../contract/detector.ts";
import type { Text } from "../contract/text.ts";

/** Digits, with a blank or a dash between any two; letters, digits, dots or dashes beside them make it something else. */
const digits_in_groups = /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)/g;

/** First digits of issuers: Visa, Mastercard, American Express, Discover, JCB, Diners, UnionPay, Maestro. */
const issuers =
  /^(?:4|5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720|3[47]|6011|64[4-9]|65|35(?:2[89]|[3-8])|3(?:0[0-5]|[689])|62|50|5[6-9]|6[37])/;

/** Numbers for tests and zeros alone have right check digits, too. */
const uniform = /^(\d)\1*$/;

/** Whether the last digit fits the others (ISO/IEC 7812-1). */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function isCard(shown: string): boolean {
  const digits = shown.replaceAll(/[ -]/g, "");
  return issuers.test(digits) && !uniform.test(digits) && isLuhn(digits);
}

function sweep(text: Text): Found[] {
  const shown = text.slice(text.start, text.end);
  return [...shown.matchAll(digits_in_groups)]
    .filter(([match]) => isCard(match))
    .map(({ 0: match, index }) => ({
      start: text.start + index,
      end: text.start + index + match.length,
    }));
}

export const card: Detector = {
  id: "card",
  group: "personal",
  finds: "numbers of payment cards, with their check digit and an issuer's first digits",
  example: "4xxx xxxx xxxx xxxx",
  ways: [],
  sweep,
};
