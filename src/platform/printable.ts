/**
 * Text for a terminal: names of files and values of configurations may hold anything, escape sequences included.
 */

/** The text with its control characters written as `\x1b`; it stays on one line. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
