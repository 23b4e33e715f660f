/** How wide text is on a terminal, and the part of it that fits. */

/** How many columns a terminal needs for it. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

/** The text, cut with `mark` at its end where it is wider than `width` columns. */
export function fitted(text: string, width: number, mark = "…"): string {
  // No character is wider than two columns, so this much is enough to look at.
  const room = Math.max(0, width - mark.length);
  if (text.length <= room || widthOf(text.slice(0, 2 * width + 2)) <= width) return text;
  let shown = "";
  let used = 0;
  for (const character of text) {
    used += widthOf(character);
    if (used > room) break;
    shown += character;
  }
  return shown + mark;
}
