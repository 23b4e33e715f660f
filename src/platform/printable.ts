/**
 * Text for a terminal: names of files and values of configurations may hold anything, escape sequences included.
 * So may events. Besides control characters there are those that change the order of what is shown, or hide in it.
 */

// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f]/g;
const invisible = /[\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
// oxlint-disable-next-line no-control-regex
const unescaped = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The text with its control characters written as `\x1b`, invisible ones as `\u202e`; it stays on one line. */
export function printable(text: string): string {
  return text
    .replaceAll(control, (character) => `\\x${hexOf(character, 2)}`)
    .replaceAll(invisible, (character) => `\\u${hexOf(character, 4)}`);
}

/** The JSON with escapes, which mean the same, for all that a terminal could take for more than text. */
export function printableJson(json: string): string {
  return json.replaceAll(unescaped, (character) => `\\u${hexOf(character, 4)}`);
}

function hexOf(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, "0");
}
