/**
 * Masks secrets in text: the values of the names that the chain redacts, and credentials of well-known shapes.
 *
 * It is for what cannot be redacted by path: records that are not JSON, and all that goes to quarantine.
 * Text leaves doubts, and every doubt masks more. One pass goes over the words that may mark a secret, from the
 * front to the back, and skips what is masked already, so that the work is linear in the length of the text.
 */
import { type KeyGlob, literalOf } from "../../event/scan/key-glob.ts";
import { FoldedText, foldName } from "./folded-text.ts";
import { Occurrences, WordSearch } from "./forward-search.ts";
import { isJson } from "../../event/strings/is-json.ts";
import { stepsMax, Work } from "./mask-work.ts";
import { keyRestEnd } from "./private-key.ts";
import { besideMarks, type Masking } from "./marks.ts";
import type { TextMask } from "../../plugin.ts";
import { SecretText } from "./secret-text.ts";
import { type Wanted, wantedCredentials, wantedGlob, wantedNames } from "./wanted.ts";

/** A name whose values are secrets, and what takes their place. */
export interface SecretName {
  readonly name: string;
  readonly replacement: string;
  /** Says which names are meant, where the name is a glob. */
  readonly glob?: KeyGlob | undefined;
}

/** What became of a text, and how much work it was. */
export interface CountedMasking {
  readonly text: string;
  readonly steps: number;
  /** Beyond it, the rest of the text is masked whole. */
  readonly steps_max: number;
}

/** Finds what else is secret in a text. */
export type OtherMaskings = (text: string) => readonly Masking[];

const plain_replacement = "[REDACTED]";

/**
 * Makes the mask for these names; `replacement` takes the place of credentials known by their shape. Where it masks part of
 * a text, it masks what `others` finds, too: without that part it may not be found any more.
 */
export function textMask(
  names: readonly SecretName[],
  replacement: string,
  others?: OtherMaskings,
): TextMask {
  const mask = countedTextMask(names, replacement, stepsMax, others);
  return (text) => mask(text).text;
}

/** The same with the work it is, which `bound` limits, from the length of the text and the number of words looked for. */
export function countedTextMask(
  names: readonly SecretName[],
  replacement: string,
  bound: typeof stepsMax = stepsMax,
  others: OtherMaskings = () => [],
): (text: string) => CountedMasking {
  const credential_replacement = withoutQuotes(replacement);
  const secrets = new Map<string, string>();
  const globs: Wanted[] = [];
  for (const { name, replacement: own, glob } of names) {
    if (glob !== undefined) {
      const words = new Set(spellingsOf(foldName(literalOf(name))));
      globs.push(...[...words].map((word) => wantedGlob(glob, word, withoutQuotes(own))));
      continue;
    }
    for (const folded of spellingsOf(foldName(name))) {
      if (!secrets.has(folded)) secrets.set(folded, withoutQuotes(own));
    }
  }
  // A name of no characters cannot be found, so all of the text may be its value.
  const everything = secrets.get("");
  const wanted = [...wantedNames(secrets), ...globs, ...wantedCredentials(credential_replacement)];
  const words = new WordSearch(wanted.map(({ word }) => word));
  const marks = [...new Set(wanted.map((each) => foldName(each.replacement)))];
  return (original) => {
    const steps_max = bound(original.length, wanted.length);
    const work = new Work(steps_max);
    const parts = { wanted, words, credential_replacement, work, others, marks };
    const rest_end = keyRestEnd(original);
    const masked = rest_end > 0 ? credential_replacement : "";
    const text = everything ?? masked + maskText(original.slice(rest_end), parts);
    return { text, steps: work.steps, steps_max };
  };
}

/** Servers and loggers write `HTTP_X_API_KEY` and `x_api_key` for the header `x-api-key`. */
export function spellingsOf(folded: string): string[] {
  return [folded, folded.replaceAll("-", "_"), folded.replaceAll("_", "-")];
}

interface MaskParts {
  wanted: readonly Wanted[];
  words: WordSearch;
  credential_replacement: string;
  work: Work;
  others: OtherMaskings;
  /** What takes the places of secrets, folded. */
  marks: readonly string[];
}

function maskText(original: string, parts: MaskParts): string {
  const { wanted, words, credential_replacement, work, others, marks } = parts;
  // Every second character of UTF-16, in most of its texts; a separator, or something within a name, in others.
  if (original.includes("\0")) return credential_replacement;
  const folded = new FoldedText(original, work);
  if (folded.is_unresolved) return maskedWhole(original, credential_replacement);
  const occurrences = new Occurrences(folded.text, words, work);
  if (occurrences.isEmpty) return original;
  const maskings = maskingsIn(new SecretText(original, folded, work, marks), occurrences, wanted);
  if (maskings.length === 0) return original;
  return splice(original, [...maskings, ...others(original)]);
}

function maskedWhole(original: string, replacement: string): string {
  return isJson(original) ? `"${replacement}"` : replacement;
}

function maskingsIn(
  text: SecretText,
  occurrences: Occurrences,
  wanted: readonly Wanted[],
): Masking[] {
  const { original, folded, work, strict } = text;
  const maskings: Masking[] = [];
  let done = 0;
  let far_done = 0;
  for (let where = occurrences.next(); where !== undefined; where = occurrences.next()) {
    const { replacement, reachesFar, find } = wanted[where.number]!;
    if (work.isSpent) {
      const start = strict ? 0 : folded.originalOffset(where.start);
      return [...maskings, { start, end: original.length, quoted: strict, replacement }];
    }
    // A name at the very end of what is masked may be that of a value behind it, as in a list of both.
    if (folded.originalOffset(where.end) < (reachesFar ? far_done : done)) continue;
    const found = find(text, where);
    if (found === undefined) continue;
    for (const { start, end, quoted } of found.spans) {
      const from = wholeEscape(original, start);
      maskings.push(besideMarks(original, { start: from, end, quoted, replacement }));
    }
    done = Math.max(done, found.done);
    if (reachesFar) far_done = Math.max(far_done, found.done);
  }
  return maskings;
}

/** A value that may begin with the letter of an escape goes with its backslashes, which would make another escape. */
function wholeEscape(original: string, start: number): number {
  let from = start;
  while (original[from - 1] === "\\") from -= 1;
  return from;
}

/** Inside quotes of whatever depth, only a text without quotes and escapes is safe. */
function withoutQuotes(replacement: string): string {
  return /["'`\\\p{Cc}]/u.test(replacement) ? plain_replacement : replacement;
}

/** Puts the replacements in; where maskings overlap, all that they cover goes, and where one ends with another, one mark is enough. */
function splice(original: string, maskings: Masking[]): string {
  maskings.sort((a, b) => a.start - b.start || b.end - a.end);
  const parts: string[] = [];
  let done = 0;
  for (const { start, end, quoted, replacement } of maskings) {
    if (start >= done) {
      const text = quoted ? `"${replacement}"` : replacement;
      const is_one_more = start === done && text === parts.at(-1);
      if (!is_one_more) parts.push(original.slice(done, start), text);
    }
    done = Math.max(done, end);
  }
  parts.push(original.slice(done));
  return parts.join("");
}
