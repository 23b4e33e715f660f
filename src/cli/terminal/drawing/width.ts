/**
 * How many columns a terminal needs for a text, and a text that needs no more than there are. The text has gone through
 * `printable` before, so that it has no control characters.
 */

const combining = /\p{M}/u;
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const plain = /^[\x20-\x7e]*$/;

/** How many columns a terminal needs for it. */
export function widthOf(text: string): number {
  if (plain.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** As much of the text as fits into the columns; where that is not all, it ends with the mark. */
export function cut(text: string, columns: number, mark = "…"): string {
  if (widthOf(text) <= columns) return text;
  if (columns <= 0) return "";
  let width = 0;
  let shown = "";
  for (const character of text) {
    width += characterWidth(character);
    if (width > columns - mark.length) break;
    shown += character;
  }
  return shown + mark;
}

/** The text in the middle of which something is left out: of a path, both ends matter. */
export function cutMiddle(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  const characters = Array.from(text);
  const tail: string[] = [];
  let width = 0;
  for (const character of characters.toReversed()) {
    width += characterWidth(character);
    if (width > Math.floor((columns - 1) * 0.7)) break;
    tail.unshift(character);
  }
  const end = tail.join("");
  return `${cut(text, Math.max(0, columns - widthOf(end)))}${end}`;
}

/** The text with blanks behind it, or cut: exactly so many columns. */
export function padded(text: string, columns: number): string {
  const shown = cut(text, columns);
  return shown + " ".repeat(Math.max(0, columns - widthOf(shown)));
}

/** The text with blanks before it, or cut: exactly so many columns. */
export function paddedLeft(text: string, columns: number): string {
  const shown = cut(text, columns);
  return " ".repeat(Math.max(0, columns - widthOf(shown))) + shown;
}

/** The words on lines of so many columns. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && widthOf(longer) > columns) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

function characterWidth(character: string): number {
  if (combining.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
