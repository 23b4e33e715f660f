/**
 * Text without its escapes, with where each character comes from: escapes by number, percent-encoding, backslashes before
 * quotes, and characters that are not seen.
 */

/** Spellings in each other that are resolved. */
const layers_max = 3;

const spelling =
  /\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|%([0-9a-f]{2})|\\(["'/\\])|[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/gi;

export interface SpelledText {
  readonly text: string;
  /** For each character, and the end, its offset in the original. */
  readonly origins: readonly number[];
}

/** Resolves the spellings in a text; undefined where it has none. */
export function resolved(original: string): SpelledText | undefined {
  let known = resolvedOnce(original);
  for (let layer = 1; known !== undefined && layer < layers_max; layer += 1) {
    const next = resolvedOnce(known.text);
    if (next === undefined) break;
    const { origins } = known;
    known = { text: next.text, origins: next.origins.map((origin) => origins[origin]!) };
  }
  return known;
}

function resolvedOnce(text: string): SpelledText | undefined {
  // Nearly always, and faster than to look for all of them.
  if (text.search(spelling) < 0) return undefined;
  const parts: string[] = [];
  const origins: number[] = [];
  let done = 0;
  const keep = (to: number): void => {
    parts.push(text.slice(done, to));
    for (let at = done; at < to; at += 1) origins.push(at);
  };
  for (const match of text.matchAll(spelling)) {
    const [all, unit, byte, percent, mark] = match;
    keep(match.index);
    const digits = unit ?? byte ?? percent;
    const stands_for = digits ? String.fromCharCode(Number.parseInt(digits, 16)) : (mark ?? "");
    parts.push(stands_for);
    if (stands_for !== "") origins.push(match.index);
    done = match.index + all.length;
  }
  keep(text.length);
  origins.push(text.length);
  return { text: parts.join(""), origins };
}
