/**
 * The words that may mark a secret, and what each of them means where it is: names whose values are secrets,
 * credentials of a known shape, private keys, and NULs, which may hide everything else.
 */
import { continuesName, isAlphanumeric, skipBlanks } from "./characters.ts";
import { other_word_steps, type Shape, shapes } from "./credential-shapes.ts";
import {
  isPlaceOfList,
  known_forms_steps,
  knownUseEnd,
} from "../../detectors/known-uses/known-uses.ts";
import type { KeyGlob } from "../../event/scan/key-glob.ts";
import type { Occurrence } from "./forward-search.ts";
import { key_starts, privateKeyEnd, privateKeyStart } from "./private-key.ts";
import { closingQuote } from "./json-parts.ts";
import type { SecretText } from "./secret-text.ts";
import type { Name } from "./separator.ts";
import { type Span, valueAt } from "./secret-value.ts";

/** A word that may mark a secret. */
export interface Wanted {
  /** As it is in folded text. */
  readonly word: string;
  /** What takes the place of the secret. */
  readonly replacement: string;
  /** Whether the secret that it marks may reach out of another one, as a key of many lines does. */
  readonly reachesFar: boolean;
  readonly find: (text: SecretText, where: Occurrence) => Found | undefined;
}

/** What a word means where it is. */
export interface Found {
  readonly spans: readonly Span[];
  /** Up to which offset in the original other words mean nothing. */
  readonly done: number;
}

/** Shorter names are part of too many words to be looked for inside them. */
const prefixed_name_length_min = 5;

/** Names whose values are all that the field holds. */
const field_name = /(?:authorization|cookies?2?)$/;

/** The names of secrets, folded, with what takes the place of their values. */
export function wantedNames(secrets: ReadonlyMap<string, string>): Wanted[] {
  return [...secrets].map(([word, replacement]) => {
    const isField = field_name.test(word);
    return {
      word,
      replacement,
      reachesFar: false,
      find: (text, where) => {
        if (isListPlace(text, where)) return undefined;
        return valueOfName(text, { ...where, isField });
      },
    };
  });
}

/** Whether the name is only the end of one that is known: `page_token` is no `token`. */
function isListPlace({ original, folded }: SecretText, { start, end }: Occurrence): boolean {
  const joint = folded.text[start - 1];
  if (joint === undefined || !(isAlphanumeric(folded.text, start - 1) || "_-".includes(joint))) {
    return false;
  }
  return isPlaceOfList(original, folded.originalOffset(end));
}

/** Signs that a name may have beside letters and digits. */
const name_signs = "_-.$@";

/** The names that a glob matches, of which a folded part is at its word. */
export function wantedGlob(glob: KeyGlob, word: string, replacement: string): Wanted {
  /** Names that were looked at, and whether the glob matches them: a log has the same ones again and again. */
  const known = new Map<string, boolean>();
  const isMeant = (name: string): boolean => {
    let is_meant = known.get(name);
    if (is_meant !== undefined) return is_meant;
    is_meant = spellingsOf(name).some((each) => glob.matches(each));
    if (name.length > known_length_max) return is_meant;
    if (known.size >= known_max) known.clear();
    // As a copy: a part of a text would keep all of that.
    known.set(Buffer.from(name).toString(), is_meant);
    return is_meant;
  };
  const find: Wanted["find"] = (text, where) => {
    const { start, end } = wholeName(text, where);
    const name = text.folded.text.slice(start, end);
    if (!isMeant(name)) return undefined;
    return valueOfName(text, { start, end, isField: field_name.test(name) });
  };
  return { word, replacement, reachesFar: false, find };
}

/** Names that are kept of each glob, and how long they may be. */
const known_max = 64;
const known_length_max = 64;

/** The name as it may be meant. In a name of many levels, the last one alone may be. */
function spellingsOf(name: string): string[] {
  const last = name.slice(name.lastIndexOf(".") + 1);
  return [name, name.replaceAll("_", "-"), name.replaceAll("-", "_"), last];
}

/** The name around a part of it. */
function wholeName({ folded, work }: SecretText, part: Occurrence): { start: number; end: number } {
  const { text } = folded;
  let { start, end } = part;
  while (isOfName(text, start - 1)) start -= 1;
  while (isOfName(text, end)) end += 1;
  // A sign behind a name separates: `password->`, `password.`
  while (end > part.end && name_signs.includes(text[end - 1]!)) end -= 1;
  work.spend(2 * (end - start));
  return { start, end };
}

function isOfName(text: string, at: number): boolean {
  return (
    isAlphanumeric(text, at) || (at >= 0 && at < text.length && name_signs.includes(text[at]!))
  );
}

/** What is known by its shape, with what takes its place. */
export function wantedCredentials(replacement: string): Wanted[] {
  const wanted = (word: string, find: Wanted["find"], reachesFar = false): Wanted => {
    return { word, replacement, reachesFar, find };
  };
  return [
    ...shapes.map((shape) => wanted(shape.word, (text, where) => credentialAt(text, where, shape))),
    ...key_starts.map((word) => wanted(word, privateKey, true)),
    wanted("\0", hidden, true),
  ];
}

/** What is before the name does not matter: `proxy-authorization` is as secret as `authorization`. */
function valueOfName(text: SecretText, name: Name): Found | undefined {
  const { folded } = text;
  const { start, end } = name;
  if (continuesName(folded.text, end)) return undefined;
  if (end - start < prefixed_name_length_min && isInsideWord(text, start)) return undefined;
  const value = text.separators.valueAfter(name);
  if (value === undefined) return undefined;
  const name_end = folded.originalOffset(end);
  text.work.spend(known_forms_steps);
  const known_end = knownUseEnd(text.original, name_end) ?? 0;
  // Nothing behind it is looked at, since that would be looked at again for the next name.
  if (known_end === Infinity) return undefined;
  const span = valueAt(text.placeOf(folded.originalOffset(start), name_end), value, name);
  if (span === undefined || known_end >= span.end) return undefined;
  return { spans: [span], done: span.end };
}

/** Whether a letter or digit is before the index, which is not that of an escape (the n of `\\n`). */
function isInsideWord({ original, folded }: SecretText, index: number): boolean {
  if (!isAlphanumeric(folded.text, index - 1)) return false;
  return original[folded.originalOffset(index - 1) - 1] !== "\\";
}

function credentialAt(text: SecretText, where: Occurrence, shape: Shape): Found | undefined {
  const { folded, strict, original, work } = text;
  const names = namesOfHeaders(text, where);
  if (names !== undefined) return names;
  if (shape.isOther !== undefined) {
    work.spend(other_word_steps);
    if (shape.isOther(original, folded.originalOffset(where.start))) return undefined;
  }
  const credential = shape.find(text.shapes, where.start, where.end);
  if (credential === undefined || credential.end <= credential.start) return undefined;
  const start = folded.originalOffset(credential.start);
  const word = text.placeOf(folded.originalOffset(where.start), folded.originalOffset(where.end));
  // Behind a name in quotes is another string, or what is none.
  const limit = word.limit < original.length ? word.limit : text.placeOf(start, start).limit;
  const end = Math.min(folded.originalOffset(credential.end), limit);
  // A number, say, that is outside of strings: strict JSON is to stay strict JSON.
  const quoted = strict && limit === original.length;
  return end > start ? { spans: [{ start, end, quoted }], done: end } : undefined;
}

/** In strict JSON, a key may be a list of its lines: then each of them is masked for itself. */
function privateKey(text: SecretText, where: Occurrence): Found | undefined {
  const { folded, original, work } = text;
  const key_start = privateKeyStart(text, where.start);
  const key_end = key_start === undefined ? undefined : privateKeyEnd(text, where);
  if (key_start === undefined || key_end === undefined) return undefined;
  const start = folded.originalOffset(key_start);
  const end = folded.originalOffset(key_end);
  const first = text.stringAt(start);
  if (first === undefined) return { spans: [{ start, end, quoted: false }], done: end };
  const spans = [{ start, end: Math.min(end, first.close), quoted: false }];
  let { close } = first;
  while (close < end) {
    const open = neighbourOf(original, close + 1);
    if (open === undefined) break;
    const line_end = closingQuote(original, open);
    work.spend(2 * (line_end - close));
    if (original[skipBlanks(original, line_end + 1)] === ":") break;
    close = line_end;
    spans.push({ start: open + 1, end: Math.min(end, close), quoted: false });
  }
  return { spans, done: Math.min(end, close) };
}

const neighbour = /[ \t\r\n]*,[ \t\r\n]*(?=")/y;

/** Where the next string of the list opens; undefined where there is none. */
function neighbourOf(json: string, at: number): number | undefined {
  neighbour.lastIndex = at;
  return neighbour.test(json) ? neighbour.lastIndex : undefined;
}

const header_names = /signedheaders["' ]{0,2}[=:]["' ]{0,2}[a-z\d;_-]*/y;

/** `SignedHeaders=host;authorization;x-amz-date` is a list of names without values; behind the last one may be one. */
function namesOfHeaders({ folded, work }: SecretText, { start }: Occurrence): Found | undefined {
  header_names.lastIndex = start;
  if (!header_names.test(folded.text)) return undefined;
  work.spend(header_names.lastIndex - start);
  return { spans: [], done: folded.originalOffset(header_names.lastIndex) };
}

/** A NUL may be between any two letters. Nothing is sure of the text, or of its string in strict JSON. */
function hidden(text: SecretText, { start }: Occurrence): Found {
  const { folded, original, separators } = text;
  const string = text.stringAt(folded.originalOffset(start));
  if (string === undefined) {
    const everything = { start: 0, end: original.length, quoted: false };
    return { spans: [everything], done: original.length };
  }
  const spans: Span[] = [{ start: string.open + 1, end: string.close, quoted: false }];
  let end = text.ahead.next('"', start);
  while (folded.originalOffset(end + 1) <= string.close) end = text.ahead.next('"', end + 1);
  const name = { start, end, isField: true };
  const value = separators.valueAfter(name);
  const place = text.placeOf(folded.originalOffset(start), string.close);
  const span = value === undefined ? undefined : valueAt(place, value, name);
  if (span !== undefined) spans.push(span);
  return { spans, done: Math.max(string.close, span?.end ?? 0) };
}
