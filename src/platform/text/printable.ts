/**
 * Text for a terminal: names of files and values of configurations may hold anything, escape sequences included. So may
 * events. Besides control characters there are those that change the order of what is shown, or hide in it: bidirectional
 * marks, separators of lines, joiners, tags, and halves of surrogate pairs.
 */

const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const control = /^\p{Cc}$/u;
/** What a library writes to colour a line. It cannot do more than that. */
// oxlint-disable-next-line no-control-regex
const colour = /(\u001b\[(?:\d+(?:;\d+)*)?m)/;

/** The text with its control characters written as `\x1b`, invisible ones as `\u202e`; it stays on one line. */
export function printable(text: string): string {
  return text.replaceAll(unseen, (character) => {
    const code = character.codePointAt(0)!;
    if (control.test(character)) return `\\x${hexOf(code, 2)}`;
    return code > 0xffff ? `\\u{${hexOf(code, 5)}}` : `\\u${hexOf(code, 4)}`;
  });
}

/** As `printable`, but for ends of lines. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** As `printableLines`, for text that a library has put colours into; of what the library was given, ESC is gone already. */
export function printableColoured(text: string): string {
  const parts = text.split(colour);
  return parts.map((part, number) => (number % 2 === 0 ? printableLines(part) : part)).join("");
}

/** The JSON with escapes, which mean the same, for all that a terminal could take for more than text. */
export function printableJson(json: string): string {
  return json.replaceAll(unseen, (character) => {
    if (character === "\n") return character;
    const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
    return units.map((unit) => `\\u${hexOf(unit, 4)}`).join("");
  });
}

function hexOf(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
