/**
 * Values that stand behind a name in text: parameters of URLs and forms, headers, assignments, members of JSON inside of a
 * text. Separators can be percent-encoded.
 */
import { allBut, alphabet, blanks, line, name_bytes, word } from "./alphabet.ts";
import { anyCase, type Anchor } from "./detector.ts";
import type { Text } from "./text.ts";

/** Behind the names of parameters and assignments; a bracket closes that of a form's field, as in `user[password]=`. */
export const of_parameters = ["=", " =", "]=", "%3d", "%5d=", "%5d%3d", "%253d"];
/**
 * Behind those, and where a name is a header's or a member's. A backslash is before a quote in a string in a string, and behind a
 * blank there may be more of them.
 */
export const of_any = of_parameters
  .filter((each) => each !== " =")
  .concat(":", " ", "\t", "%3a", '"', '\\"', "'", ">");

/** The anchors of names in front of separators. */
export function assigned(names: readonly string[], separators: readonly string[]): Anchor[] {
  return names.flatMap((name) => anyCase(...separators.map((each) => name + each)));
}

/** A value, without its quotes. */
export interface Value {
  readonly start: number;
  readonly end: number;
  readonly is_quoted: boolean;
  /** Whether it was assigned by a colon, without quotes around the name: as headers are, and as sentences have it, too. */
  readonly is_header: boolean;
}

const [double_quote, single_quote, backslash, colon, equals] = [0x22, 0x27, 0x5c, 0x3a, 0x3d];
const [opening, closing, blank, tab] = [0x3c, 0x3e, 0x20, 0x09];
const before_separator = alphabet("\\\"' \t");
const header_value = allBut("\r\n\"'\\");
const prefix_of_quote = alphabet("BbEeFfNnRrUu");
const breaks = alphabet("\r\n");
const element_name = alphabet("A-Za-z0-9_.:-");
const empty_line = /\r?\n(?:[\w-]{1,64}:[^\r\n]{0,256}\r?\n){0,4}\r?\n/y;
/** A string inside of a string has as many backslashes before its quotes, and hardly more. */
const backslashes_max = 7;

/** The value behind a name, whose separator begins in the anchor that ends at `end`; undefined where none is assigned. */
export function valueBehind(text: Text, end: number, of_header: boolean): Value | undefined {
  let last = text.byte(end - 1);
  if (last === closing) return elementValue(text, end);
  let at = end;
  if (last === blank || last === tab) {
    at = text.runEnd(end, blanks) + 1;
    last = text.byte(at - 1);
    if (last !== equals && last !== colon) return undefined;
  }
  const is_encoded = last !== equals && last !== colon && !isQuote(last);
  if (is_encoded) return encodedValue(text, end);
  if (isQuote(last)) {
    const part = partValue(text, end);
    if (part !== undefined) return part;
    at = text.runEnd(end, before_separator);
    if (text.byte(at) !== colon && text.byte(at) !== equals) return undefined;
    at += text.byte(at + 1) === 0x3e ? 2 : 1;
  }
  // `:=` and `=>`.
  if (last === colon ? text.byte(at) === equals : text.byte(at) === closing) at += 1;
  const is_header = last === colon;
  const start = text.runEnd(at, blanks);
  return valueAt(text, start, { is_header, of_header });
}

/** What an element of XML holds: `<password>…</password>`, also with a prefix. */
function elementValue(text: Text, start: number): Value | undefined {
  const before = text.byte(text.runStart(start - 1, element_name) - 1);
  const end = text.next("<", start);
  return before === opening && end > start
    ? { start, end, is_quoted: true, is_header: false }
    : undefined;
}

/** A part of a form with several parts (RFC 7578): `name="password"`, an empty line, and the value. */
function partValue(text: Text, end: number): Value | undefined {
  const gap = text.isAt(end, breaks) ? text.match(empty_line, end) : null;
  if (gap === null) return undefined;
  const start = end + gap[0].length;
  return { start, end: text.runEnd(start, line), is_quoted: true, is_header: false };
}

function valueAt(
  text: Text,
  from: number,
  { is_header, of_header }: { is_header: boolean; of_header: boolean },
): Value | undefined {
  const start = isPrefixOfQuote(text, from) ? from + 1 : from;
  let slashes = 0;
  while (text.byte(start + slashes) === backslash && slashes <= backslashes_max) slashes += 1;
  const quote = text.byte(start + slashes);
  if (isQuote(quote)) {
    const first = start + slashes + 1;
    const end = quoteEnd(text, first, quote, slashes);
    return { start: first, end, is_quoted: true, is_header };
  }
  const end = text.runEnd(start, of_header ? header_value : word);
  return end > start ? { start, end, is_quoted: false, is_header } : undefined;
}

/** Where the closing quote is, or its backslashes: it has no more of them than the opening one. */
function quoteEnd(text: Text, from: number, quote: number, slashes: number): number {
  const literal = String.fromCharCode(quote);
  for (let place = text.next(literal, from); place < text.end;) {
    let before = 0;
    while (before <= backslashes_max && text.byte(place - 1 - before) === backslash) before += 1;
    text.steps += before;
    // An even number of backslashes at the outermost level stands for backslashes.
    const is_closing = slashes === 0 ? before % 2 === 0 : before <= slashes;
    if (is_closing) return slashes === 0 ? place : place - before;
    place = text.next(literal, place + 1);
  }
  return text.end;
}

/** In a parameter that is percent-encoded as a whole, so is the `&` behind it. */
function encodedValue(text: Text, start: number): Value | undefined {
  const end = Math.min(
    text.runEnd(start, word),
    text.next("%26", start),
    text.next("%2526", start),
  );
  return end > start ? { start, end, is_quoted: false, is_header: false } : undefined;
}

/** `N'…'` and `E'…'`, as SQL has them, `b'…'` and `u'…'`, as Python has them. */
function isPrefixOfQuote(text: Text, at: number): boolean {
  return text.byte(at + 1) === single_quote && text.isAt(at, prefix_of_quote);
}

function isQuote(byte: number): boolean {
  return byte === double_quote || byte === single_quote;
}

/** The whole name that ends with the one at `at`, in lower case; its end alone where it is very long. */
export function nameAround(text: Text, at: number, name_end: number): string {
  const start = Math.max(text.runStart(at, name_bytes), at - name_length_max);
  return text.slice(start, name_end).toLowerCase();
}

const name_length_max = 64;

/** Where the name ends in an anchor that ends with its separator. */
export function nameEnd(text: Text, at: number, end: number): number {
  return Math.min(text.runEnd(at, name_bytes), end);
}
