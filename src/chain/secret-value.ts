/**
 * Where the value of a secret's name begins and ends in text of an unknown kind: broken JSON, headers, log lines.
 *
 * One rule decides all doubts: a value whose end is not certain reaches to the end of the text. Every
 * function goes over what it masks at most a few times, so that hostile text costs linear time.
 */
import type { FoldedText } from "./folded-text.ts";

/** A part of the original text to be replaced. */
export interface Span {
  readonly start: number;
  readonly end: number;
  /** Whether quotes belong around what takes its place. */
  readonly quoted: boolean;
}

export interface Place {
  /** The text as it is written. */
  readonly original: string;
  readonly folded: FoldedText;
  /** Nothing is looked at from this offset in the original on: it is outside the string of a JSON text. */
  readonly limit: number;
  /** Whether the text is strict JSON, so that its quotes are to be trusted. */
  readonly strict: boolean;
}

const quotes = "\"'`";

/** A JSON scalar, up to what follows a value. */
const scalar = /(?:-?\d[\d.eE+-]*|true|false|null)(?=\s*(?:[,}\]]|$))/y;

/** Where a name stands in the folded text. */
export interface Name {
  readonly start: number;
  readonly end: number;
}

/**
 * The value that belongs to the name; undefined where what follows shows that it is no name.
 */
export function valueAfter(place: Place, name: Name): Span | undefined {
  const { text } = place.folded;
  let at = skipBlanks(text, skipSubscripts(text, name.end));
  const nameIsQuoted = isQuote(text, at);
  if (nameIsQuoted) at += 1;
  while (at < text.length && " \t\r\n])".includes(text[at]!)) at += 1;
  const separator = text[at];
  if (separator === undefined || place.folded.originalOffset(at) >= place.limit) return undefined;
  if (separator === ":" || separator === "=") {
    while (at < text.length && ":=> \t\r\n".includes(text[at]!)) at += 1;
    return readValue(place, at, nameIsQuoted && separator === ":" ? "json" : separator);
  }
  if (separator === ">") return readElement(place, at + 1);
  const isWhole = separator !== "," || isQuote(text, name.start - 1);
  if (nameIsQuoted && isWhole) return readNeighbour(place, at);
  return at > name.end && isWord(text, at) ? wordAt(place, at) : undefined;
}

/** Where lists and objects are written flat, `name[0]=…` and `name.scheme=…` are parts of its value. */
const subscripts = /(?:\[[^\]\s]{0,64}\]|\.[\w-]{1,64}){0,8}/y;

function skipSubscripts(text: string, at: number): number {
  subscripts.lastIndex = at;
  return subscripts.test(text) ? subscripts.lastIndex : at;
}

/** `"name", "value"` in a list, and `"name" "value"` where the colon is missing. */
function readNeighbour(place: Place, index: number): Span | undefined {
  const { text } = place.folded;
  const hasComma = text[index] === ",";
  const at = hasComma ? skipBlanks(text, index + 1) : index;
  if (!isQuote(text, at) && (hasComma || !(isWord(text, at) || isContainer(text, at)))) {
    return undefined;
  }
  if (hasComma && isMemberName(place, at)) return undefined;
  return readValue(place, at, "json");
}

/** In `"name", "other": …`, the name is a value that happens to read like one. */
function isMemberName({ original, folded, limit }: Place, index: number): boolean {
  const start = folded.originalOffset(index + 1);
  const close = find(original, folded.text[index]!, start, limit);
  return original[skipBlanks(original, close + 1)] === ":";
}

type Style = "json" | ":" | "=";

function readValue(place: Place, index: number, style: Style): Span | undefined {
  const { original, folded, limit } = place;
  const start = folded.originalOffset(index);
  if (start >= limit) return undefined;
  const opening = folded.text[index]!;
  if (quotes.includes(opening)) return readText(place, start, style);
  if (style !== "json") return { start, end: endOfLine(place, start, style), quoted: false };
  const end = isContainer(folded.text, index)
    ? endOfContainer(original, start, limit)
    : endOfScalar(original, start);
  // Inside a string, quotes would end it.
  const quoted = limit === original.length;
  return { start, end: end === undefined || end > limit ? limit : end, quoted };
}

/** A text in quotes. In JSON inside a JSON string, the quotes themselves stand behind backslashes. */
function readText({ original, limit, strict }: Place, start: number, style: Style): Span {
  let opening = start;
  while (original[opening] === "\\") opening += 1;
  const quote = original[opening]!;
  const depth = opening - start;
  const unclosed = { start: opening + 1, end: limit, quoted: false };
  // Written as an entity or an escape, or behind an impossible number of backslashes.
  if (!quotes.includes(quote) || (depth & (depth + 1)) !== 0) return { ...unclosed, start };
  let at = opening + 1;
  for (;;) {
    const found = find(original, quote, at, limit);
    if (found === limit) return unclosed;
    let backslashes = 0;
    while (found - backslashes > opening + 1 && original[found - backslashes - 1] === "\\")
      backslashes += 1;
    const closes = backslashes % (2 * (depth + 1)) === depth;
    const isCertain = strict && limit === original.length;
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

/** Whether what stands at `at` can follow a value. If not, the quote before it is part of a broken text. */
function endsValue(text: string, at: number, { depth, limit, style }: TextEnd): boolean {
  const next = skipBlanks(text, at);
  if (next >= limit || text.slice(at, next).includes("\n")) return true;
  const following = text[next]!;
  if (following === "}" || following === "]") return true;
  if (depth > 0 && quotes.includes(following)) return true;
  if (style !== "json") {
    const pair = skipSeparators(text, at, limit);
    return pair === limit || (pair > at && startsPair(text, pair, limit));
  }
  if (following !== ",") return false;
  let name = skipBlanks(text, next + 1);
  while (text[name] === "\\") name += 1;
  return name >= limit || quotes.includes(text[name]!);
}

/** An unquoted value ends with its line; after `=`, also before the next `name=`. */
function endOfLine({ original, limit }: Place, start: number, style: Style): number {
  if (style !== "=") return find(original, "\n", start, limit);
  let at = start;
  while (at < limit && original[at] !== "\n") {
    const next = skipSeparators(original, at, limit);
    if (next > at && startsPair(original, next, limit)) return at;
    at = Math.max(next, at + 1);
  }
  return at;
}

const pair_name_length_max = 64;

/** Whether `name=` stands at `at`. */
function startsPair(text: string, at: number, limit: number): boolean {
  let end = at;
  while (end < limit && end - at < pair_name_length_max && /[\w.-]/.test(text[end]!)) end += 1;
  return end > at && text[end] === "=";
}

function skipSeparators(text: string, at: number, limit: number): number {
  let next = at;
  while (next < limit && " \t\r&;,".includes(text[next]!)) next += 1;
  return next;
}

/** The offset of the character from `at` on; `limit` for none before it. Never looks beyond the limit. */
function find(text: string, character: string, at: number, limit: number): number {
  let found = at;
  while (found < limit && text[found] !== character) found += 1;
  return Math.min(found, limit);
}

/** The end of a JSON object or array; undefined where it is not strict JSON, or cannot stand there. */
function endOfContainer(text: string, start: number, limit: number): number | undefined {
  let depth = 0;
  for (let at = start; at < limit; at += 1) {
    const character = text[at]!;
    if (character === '"') {
      at = closingQuote(text, at);
      if (at < 0 || at >= limit) return undefined;
    } else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    if (depth > 0) continue;
    const end = at + 1;
    return isJson(text.slice(start, end)) && followsValue(text, end) ? end : undefined;
  }
  return undefined;
}

/** The offset of the quote that closes the JSON string which opens at `at`; -1 for none. */
export function closingQuote(text: string, at: number): number {
  for (let found = text.indexOf('"', at + 1); found >= 0; found = text.indexOf('"', found + 1)) {
    let backslashes = 0;
    while (text[found - backslashes - 1] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return found;
  }
  return -1;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function endOfScalar(text: string, start: number): number | undefined {
  scalar.lastIndex = start;
  return scalar.test(text) ? scalar.lastIndex : undefined;
}

function followsValue(text: string, at: number): boolean {
  const next = text[skipBlanks(text, at)];
  return next === undefined || next === "," || next === "}" || next === "]";
}

function wordAt({ original, folded, limit }: Place, index: number): Span {
  const start = folded.originalOffset(index);
  let end = start;
  while (end < limit && !" \t\r\n".includes(original[end]!)) end += 1;
  return { start, end, quoted: false };
}

/** The text of an XML element, whose tag ends before the index. */
function readElement({ original, folded, limit }: Place, index: number): Span {
  const start = folded.originalOffset(index);
  return { start, end: find(original, "<", start, limit), quoted: false };
}

export function skipBlanks(text: string, at: number): number {
  let next = at;
  while (next < text.length && " \t\r\n".includes(text[next]!)) next += 1;
  return next;
}

function isQuote(text: string, at: number): boolean {
  return at >= 0 && at < text.length && quotes.includes(text[at]!);
}

function isContainer(text: string, at: number): boolean {
  return text[at] === "{" || text[at] === "[";
}

export function isWord(text: string, at: number): boolean {
  return at < text.length && /[\p{L}\p{N}_-]/u.test(text[at]!);
}
