/**
 * Where the value of a secret's name ends in text of an unknown kind: broken JSON, headers, log lines.
 *
 * One rule decides all doubts: a value whose end is not certain reaches to the end of the text. All that is looked at
 * here is masked, so that nothing is looked at again for another name.
 */
import { blanks, isContainer, openingQuote, quotes, skipBlanks } from "./characters.ts";
import type { FoldedText } from "./folded-text.ts";
import type { Ahead } from "./forward-search.ts";
import { closers, closingQuote, endOfContainer, endOfScalar, endsBrackets } from "./json-parts.ts";
import type { Work } from "./mask-work.ts";
import type { Name, Style, ValueStart } from "./separator.ts";

/** A part of the original text to be replaced. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** Whether quotes belong around what takes its place. */
  readonly quoted: boolean;
}

/** The text in which a value is. */
export interface Place {
  /** The text as it is written. */
  readonly original: string;
  readonly folded: FoldedText;
  /** Searches in the original. */
  readonly ahead: Ahead;
  /** Searches in the folded text. */
  readonly folded_ahead: Ahead;
  /** Nothing is looked at from this offset in the original on: it is outside the string of a JSON text. */
  readonly limit: number;
  /** In strict JSON, the offset behind the string that ends with the name; undefined otherwise. */
  readonly name_end: number | undefined;
  /** Whether the text is strict JSON, so that its quotes are to be trusted. */
  readonly strict: boolean;
  readonly work: Work;
}

/** The value that begins there; undefined where there is nothing. */
export function valueAt(place: Place, value: ValueStart, name: Name): Span | undefined {
  const { folded, limit, work } = place;
  const start = folded.originalOffset(value.at);
  if (start >= limit) return undefined;
  const span = wholeString(place, start) ?? readValue(place, { ...value, start }, name);
  work.spend(2 * (span.end - start));
  const isNothing = value.style === "tail" && span.end <= start;
  return isNothing ? undefined : span;
}

/**
 * The string of strict JSON behind the name's own in which a value seems to begin, as in `["name","other“:value"]`. Which
 * part of it is the value is not certain, so all of it is.
 */
function wholeString(place: Place, start: number): Span | undefined {
  const { original, ahead, name_end, work } = place;
  if (name_end === undefined) return undefined;
  let open = ahead.next('"', name_end);
  while (open < start) {
    const close = closingQuote(original, open);
    work.spend(2 * (close - open));
    if (start <= close) return { start: open + 1, end: close, quoted: false };
    open = ahead.next('"', close + 1);
  }
  return undefined;
}

interface Value extends ValueStart {
  /** Where it begins in the original. */
  readonly start: number;
}

function readValue(place: Place, value: Value, name: Name): Span {
  const { ahead, limit } = place;
  const { start, style } = value;
  const plain = (end: number): Span => ({ start, end: Math.min(end, limit), quoted: false });
  switch (style) {
    case "rest":
      return plain(limit);
    case "tail":
      return plain(ahead.next("<", start));
    case "element":
      return plain(endOfElement(place, value, name));
    case "words":
      return plain(endOfWords(place, value, name));
    case "field":
      return readField(place, start, name);
    case "json":
    case "pairs":
    case "line":
      return readQuoted(place, value) ?? readUnquoted(place, value, name);
    default:
      return style satisfies never;
  }
}

function readQuoted(place: Place, { at, style }: Value): Span | undefined {
  const { folded, limit } = place;
  const opening = openingQuote(folded.text, at);
  if (opening === undefined) return undefined;
  const start = folded.originalOffset(opening);
  // The quote after a last word may be that which closes the string of strict JSON.
  return start < limit ? readText(place, start, style) : undefined;
}

function readUnquoted(place: Place, { at, start, style }: Value, name: Name): Span {
  const { original, folded, limit } = place;
  if (style !== "json") {
    return { start, end: endOfLine(place, { start, style }, name), quoted: false };
  }
  const end = isContainer(folded.text, at)
    ? endOfContainer(original, start, limit)
    : endOfScalar(original, start);
  // Inside a string, quotes would end it.
  const quoted = limit === original.length;
  return { start, end: end === undefined || end > limit ? limit : end, quoted };
}

/** A text in quotes. In JSON inside a JSON string, the quotes themselves are behind backslashes. */
function readText({ original, ahead, limit, strict }: Place, start: number, style: Style): Span {
  let opening = start;
  while (original[opening] === "\\") opening += 1;
  const quote = original[opening]!;
  const depth = opening - start;
  const unclosed = { start: opening + 1, end: limit, quoted: false };
  // Written as an entity or an escape, or behind an impossible number of backslashes.
  if (!quotes.includes(quote) || (depth & (depth + 1)) !== 0) return { ...unclosed, start };
  const isCertain = strict && limit === original.length;
  for (let at = opening + 1; ;) {
    const found = ahead.next(quote, at);
    if (found >= limit) return unclosed;
    let backslashes = 0;
    while (found - backslashes > opening + 1 && original[found - backslashes - 1] === "\\")
      backslashes += 1;
    const closes = backslashes % (2 * (depth + 1)) === depth;
    if (closes && (isCertain || endsValue(original, found + 1, { depth, limit, style }))) {
      return { start: opening + 1, end: found - depth, quoted: false };
    }
    at = found + 1;
  }
}

interface TextEnd {
  depth: number;
  limit: number;
  style: Style;
}

/**
 * Whether what is at `at` can follow a value. If not, the quote before it is part of a broken text. Looks at no
 * other quote behind the first, so that the search for that goes on behind all that was looked at.
 */
function endsValue(text: string, at: number, { depth, limit, style }: TextEnd): boolean {
  const next = skipBlanks(text, at);
  if (next >= limit || text.slice(at, next).includes("\n")) return true;
  const following = text[next]!;
  if (closers.includes(following)) return endsBrackets(text, next, limit);
  if (depth > 0 && quotes.includes(following)) return true;
  if (style !== "json") {
    const pair = skipSeparators(text, at, limit);
    return pair === limit || (pair > at && startsPair(text, pair, limit));
  }
  if (following !== ",") return false;
  let name = skipBlanks(text, next + 1);
  while (text[name] === "\\") name += 1;
  return name >= limit || openingQuote(text, name) !== undefined;
}

const version_of_request = /^ http\/\d/i;

/** An unquoted value ends with its line, or with the target of an HTTP request; in pairs, also before the next `name=`. */
function endOfLine(place: Place, { start, style }: Omit<Value, "at">, name: Name): number {
  const { original, ahead, limit } = place;
  const line_end = Math.min(ahead.next("\n", start), limit);
  if (style === "pairs") {
    for (let at = start; at < line_end;) {
      const next = skipSeparators(original, at, line_end);
      if (next > at && startsPair(original, next, line_end)) return at;
      at = Math.max(next, at + 1);
    }
  }
  const target_end = ahead.next(" ", start);
  const isTarget = version_of_request.test(original.slice(target_end, target_end + 7));
  if (style !== "field" && target_end < line_end && isTarget) return target_end;
  return endOfContinuation(place, line_end, name);
}

/** A line goes on in the next ones as long as those are indented deeper: folded headers, blocks of YAML. */
function endOfContinuation(place: Place, line_end: number, name: Name): number {
  const { original, ahead, folded, limit, work } = place;
  if (line_end >= limit || !blanks.includes(original[line_end + 1] ?? "x")) return line_end;
  const line = original.lastIndexOf("\n", folded.originalOffset(name.start)) + 1;
  work.spend(line_end - line);
  const indentation = skipIndentation(original, line) - line;
  let end = line_end;
  for (let at = line_end; at < limit;) {
    const text_start = skipIndentation(original, at + 1);
    const isEmpty = (original[text_start] ?? "\n") === "\n";
    if (!isEmpty && text_start - (at + 1) <= indentation) break;
    work.spend(text_start - at);
    at = Math.min(ahead.next("\n", at + 1), limit);
    if (!isEmpty) end = at;
  }
  return end;
}

/** A carriage return is part of it: alone it ends no line, and what stands behind it is text of this one. */
function skipIndentation(text: string, at: number): number {
  let next = at;
  while (text[next] === " " || text[next] === "\t" || text[next] === "\r") next += 1;
  return next;
}

const pair_name_length_max = 64;

/** Whether `name=` is at `at`, in whatever colour. */
function startsPair(text: string, at: number, limit: number): boolean {
  pair_start.lastIndex = at;
  return pair_start.test(text) && pair_start.lastIndex <= limit;
}

const colour = String.raw`(?:\x1b\[[\d;]{0,16}m){0,4}`;
const pair_start = new RegExp(
  String.raw`${colour}[\w.-]{1,${pair_name_length_max}}${colour}=`,
  "y",
);

function skipSeparators(text: string, at: number, limit: number): number {
  let next = at;
  while (next < limit && " \t\r&;,".includes(text[next]!)) next += 1;
  return next;
}

/**
 * All of the line; where the value begins with a quote, of the line in which that may be closed. The quotes stay where
 * nothing else is in the line.
 */
function readField(place: Place, start: number, name: Name): Span {
  const { original, ahead, limit } = place;
  const quote = original[start]!;
  const close = quotes.includes(quote) ? Math.min(ahead.next(quote, start + 1), limit) : start;
  const line_end = endOfLine(place, { start: close, style: "field" }, name);
  const isAlone = close > start && original.slice(close + 1, line_end).trim() === "";
  return isAlone && close < line_end
    ? { start: start + 1, end: close, quoted: false }
    : { start, end: line_end, quoted: false };
}

const words_max = 4;
const words_length_max = 64;
/** Words and signs behind which a value may be: `password for ann is …`, `PASSWORD FOR 'ann' = …`. */
const connecting_word = /^(?:is|was|are|be|to|as|by|set|equals)$|[:>|]$/;
const connecting_sign = /=$|^\(?[a-z]{0,2}["'`]/;

/** `name value` is one word, unless one of the next words or signs says that a value comes later in the line. */
function endOfWords(place: Place, { at, start, mark_end }: Value, name: Name): number {
  const { folded, work } = place;
  if (mark_end !== undefined) return endOfMark(place, folded.originalOffset(mark_end));
  const line = folded.text.slice(at, at + words_length_max).split("\n", 1)[0]!;
  work.spend(words_length_max);
  const words = line.split(/[ \t\r]+/, words_max + 1);
  const isConnecting = (word: string, number: number): boolean =>
    connecting_word.test(word) || (number > 0 && connecting_sign.test(word));
  if (words.some(isConnecting)) {
    return endOfLine(place, { start, style: "pairs" }, name);
  }
  return endOfWord(place, start);
}

function endOfWord({ original, limit }: Place, start: number): number {
  let end = start;
  while (end < limit && !blanks.includes(original[end]!)) end += 1;
  return end;
}

/** What has been masked ends before the next `name=`; anything else right behind it is one word with it. */
function endOfMark(place: Place, end: number): number {
  const { original, limit } = place;
  const next = skipSeparators(original, end, limit);
  return next > end && startsPair(original, next, limit) ? end : endOfWord(place, end);
}

/** To the end tag of the element; to the limit where there is none. */
function endOfElement(place: Place, { at }: Value, name: Name): number {
  const { folded, folded_ahead, limit, work } = place;
  const { text } = folded;
  const element = text.slice(name.start, name.end);
  for (let found = folded_ahead.next("</", at); ; found = folded_ahead.next("</", found + 2)) {
    const offset = folded.originalOffset(found);
    if (offset >= limit) return limit;
    const end_tag = text.slice(found + 2, found + 2 + tag_length_max).split(/[<>\s]/, 1)[0]!;
    work.spend(tag_length_max);
    if (end_tag.endsWith(element)) return offset;
  }
}

const tag_length_max = 128;
