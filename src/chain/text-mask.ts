/**
 * Masks secrets in text: the values of the names that the chain redacts, and credentials of well-known shapes.
 *
 * It is for what cannot be redacted by path: records that are not JSON, and all that goes to quarantine.
 * Text leaves doubts, and every doubt masks more. The time is linear in the length of the text.
 */
import { findCredentials } from "./credential-shapes.ts";
import { FoldedText, foldName } from "./folded-text.ts";
import type { TextMask } from "./plugin.ts";
import { closingQuote, isJson, isWord, type Place, type Span, valueAfter } from "./secret-value.ts";

/** A name whose values are secrets, and what takes their place. */
export interface SecretName {
  readonly name: string;
  readonly replacement: string;
}

interface Masking extends Span {
  readonly replacement: string;
}

const plain_replacement = "[REDACTED]";

/** Makes the mask for these names; `replacement` takes the place of credentials known by their shape. */
export function textMask(names: readonly SecretName[], replacement: string): TextMask {
  const credential_replacement = withoutQuotes(replacement);
  const secrets = new Map<string, string>();
  for (const { name, replacement: own } of names) {
    const folded = foldName(name);
    if (!secrets.has(folded)) secrets.set(folded, withoutQuotes(own));
  }
  // A name of no characters cannot be found, so all of the text may be its value.
  const everything = secrets.get("");
  if (everything !== undefined) return () => everything;
  return (original) => {
    const folded = new FoldedText(original);
    const strict = isJson(original);
    const limits = strict ? stringLimits(original) : () => original.length;
    const maskings: Masking[] = [];
    for (const [name, own] of secrets) {
      for (const span of valuesOf(name, { original, folded, strict }, limits)) {
        maskings.push({ ...span, replacement: own });
      }
    }
    const place = { original, folded, strict, limit: original.length };
    for (const span of findCredentials(place, (offset) => limits(offset, offset))) {
      maskings.push({ ...span, replacement: credential_replacement });
    }
    return splice(original, maskings);
  };
}

/** Inside quotes of whatever depth, only a text without quotes and escapes is safe. */
function withoutQuotes(replacement: string): string {
  return /["'`\\\p{Cc}]/u.test(replacement) ? plain_replacement : replacement;
}

/** How far a value can reach whose name stands from `start` to `end`. */
type Limits = (start: number, end: number) => number;

/**
 * In strict JSON, what begins inside a string ends inside it, so that JSON stays JSON. The name of a member
 * ends with its string, though, and its value comes after. In any other text, there is no limit.
 */
function stringLimits(original: string): Limits {
  const opens: number[] = [];
  const closes: number[] = [];
  for (let at = original.indexOf('"'); at >= 0; at = original.indexOf('"', closes.at(-1)! + 1)) {
    opens.push(at);
    closes.push(closingQuote(original, at));
  }
  return (start, end) => {
    const string = lastNotAfter(opens, start);
    const close = closes[string] ?? 0;
    return string < 0 || start >= close || (end === close && end > start) ? original.length : close;
  };
}

/** The index of the last number that is at most `value`; -1 for none. */
function lastNotAfter(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Shorter names are part of too many words to be looked for inside them. */
const prefixed_name_length_min = 5;

/** What stands before the name does not matter: `proxy-authorization` is as secret as `authorization`. */
function* valuesOf(name: string, whole: Omit<Place, "limit">, limits: Limits): Generator<Span> {
  const { folded } = whole;
  const { text } = folded;
  let masked_to = 0;
  for (let start = text.indexOf(name); start >= 0; start = text.indexOf(name, start + 1)) {
    const end = start + name.length;
    const from = folded.originalOffset(start);
    if (from < masked_to || isWord(text, end)) continue;
    if (name.length < prefixed_name_length_min && isInsideWord(whole, start)) continue;
    const limit = limits(from, folded.originalOffset(end));
    const span = valueAfter({ ...whole, limit }, { start, end });
    if (span === undefined) continue;
    yield span;
    masked_to = span.end;
  }
}

/** Whether a letter or digit stands before the index, which is not that of an escape (the n of `\\n`). */
function isInsideWord({ original, folded }: Omit<Place, "limit">, index: number): boolean {
  if (index === 0 || !/[\p{L}\p{N}]/u.test(folded.text[index - 1]!)) return false;
  return original[folded.originalOffset(index - 1) - 1] !== "\\";
}

/** Puts the replacements in; where maskings overlap, all that they cover goes. */
function splice(original: string, maskings: Masking[]): string {
  maskings.sort((a, b) => a.start - b.start || b.end - a.end);
  const parts: string[] = [];
  let done = 0;
  for (const { start, end, quoted, replacement } of maskings) {
    if (start >= done) {
      const text = quoted ? `"${replacement}"` : replacement;
      parts.push(original.slice(done, start), text);
    }
    done = Math.max(done, end);
  }
  parts.push(original.slice(done));
  return parts.join("");
}
