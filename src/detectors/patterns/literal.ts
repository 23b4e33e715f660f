/**
 * The longest text that stands in everything that a pattern matches, as far as it is easily seen: a run of plain characters
 * outside of groups and choices.
 */

/** The shortest literal that is worth a search. */
const literal_length_min = 3;

/** Choices, flags, and quoted text, in which brackets are plain characters. */
const unread = /\||\(\?|\\Q/;

/** Undefined where there is none for certain: any choice, flag or quoted text, or only classes and groups. */
export function literalOf(pattern: string): string | undefined {
  if (unread.test(pattern)) return undefined;
  const runs: string[] = [];
  let run = "";
  const close = (): void => {
    runs.push(run);
    run = "";
  };
  for (let at = 0; at < pattern.length;) {
    const { character, end } = elementAt(pattern, at);
    const repeat = repeatAt(pattern, end);
    if (character === undefined || repeat.is_optional) close();
    else run += character;
    if (repeat.end > end) close();
    at = repeat.end;
  }
  close();
  const longest = runs.reduce((best, each) => (each.length > best.length ? each : best), "");
  return longest.length >= literal_length_min ? longest : undefined;
}

/** A character in UTF-8 has at most so many bytes. */
const character_bytes_max = 4;

/**
 * How many bytes a match has at most. Undefined where that is not known for certain, and where what is around a match decides
 * whether it is one.
 */
export function bytesMaxOf(pattern: string): number | undefined {
  if (unread.test(pattern)) return undefined;
  let sum = 0;
  for (let at = 0; at < pattern.length;) {
    const { end } = elementAt(pattern, at);
    const { count_max, end: next } = repeatAt(pattern, end);
    const bytes = elementBytes(pattern.slice(at, end));
    if (bytes === undefined || count_max === undefined) return undefined;
    sum += bytes * count_max;
    at = next;
  }
  return sum;
}

function elementBytes(element: string): number | undefined {
  if (element.startsWith("(")) return bytesMaxOf(element.slice(1, -1));
  // Lines, texts and words begin and end where there is nothing of the match.
  const is_simple =
    element.startsWith("[") || /^(?:[^\\^$]|\\[^A-Za-z0-9]|\\[dDsSwW])$/u.test(element);
  return is_simple ? character_bytes_max : undefined;
}

/** One element of the pattern: a plain character, or something else, such as a class, a group or an assertion. */
function elementAt(pattern: string, at: number): { character?: string; end: number } {
  const first = pattern[at]!;
  if (first === "\\") {
    const escaped = pattern[at + 1] ?? "";
    if (/[^A-Za-z0-9]/.test(escaped)) return { character: escaped, end: at + 2 };
    // \p{…} and \x{…} are more than two characters.
    return { end: /[pPx0-9]/.test(escaped) ? pattern.length : at + 2 };
  }
  if (first === "[") return { end: classEnd(pattern, at) };
  if (first === "(") return { end: groupEnd(pattern, at) };
  if (".^$".includes(first)) return { end: at + 1 };
  // One beyond U+FFFF is two units of the text, of which what follows may repeat both.
  const character = String.fromCodePoint(pattern.codePointAt(at)!);
  return { character, end: at + character.length };
}

function classEnd(pattern: string, at: number): number {
  let next = at + 1;
  if (pattern[next] === "^") next += 1;
  if (pattern[next] === "]") next += 1;
  while (next < pattern.length && pattern[next] !== "]") {
    if (pattern.startsWith("[:", next)) next = Math.max(pattern.indexOf(":]", next), next) + 1;
    next += pattern[next] === "\\" ? 2 : 1;
  }
  return next + 1;
}

function groupEnd(pattern: string, at: number): number {
  let depth = 0;
  for (let next = at; next < pattern.length; next += 1) {
    if (pattern[next] === "\\") next += 1;
    else if (pattern[next] === "[") next = classEnd(pattern, next) - 1;
    else if (pattern[next] === "(") depth += 1;
    else if (pattern[next] === ")" && --depth === 0) return next + 1;
  }
  return pattern.length;
}

interface Repeat {
  readonly end: number;
  /** Whether the element may be missing for it. */
  readonly is_optional: boolean;
  /** Undefined for any number of times. */
  readonly count_max: number | undefined;
}

/** What is no number as RE2 has them, such as `01`, makes plain characters of the braces. */
const repetition = /^(?:([*?])|\+|\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\})[?+]?/;

/** The repetition behind an element. */
function repeatAt(pattern: string, at: number): Repeat {
  const match = repetition.exec(pattern.slice(at, at + 24));
  if (match === null) return { end: at, is_optional: false, count_max: 1 };
  const [all, sign, least, comma, most] = match;
  const is_optional = sign !== undefined || least === "0";
  const count = comma === undefined ? least : most;
  const count_max = sign === "?" ? 1 : count === undefined ? undefined : Number(count);
  return { end: at + all.length, is_optional, count_max };
}
