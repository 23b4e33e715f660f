/**
 * Parts of JSON in a text: the strings of one that is strict JSON, found from the front to the back, and where values end that stand
 * without quotes, in text that may be broken.
 */
import { skipBlanks } from "./characters.ts";
import { isJson } from "../../event/strings/is-json.ts";
import type { Work } from "./mask-work.ts";

/** The offsets of the quotes around a string. */
export interface JsonString {
  readonly open: number;
  readonly close: number;
}

export class JsonStrings {
  readonly #text: string;
  readonly #work: Work;
  /** The offsets of the quotes around the last string that begins at or before the offset asked for. */
  #open = -1;
  #close = -1;
  #next_open: number;

  constructor(text: string, work: Work) {
    this.#text = text;
    this.#work = work;
    this.#next_open = text.indexOf('"');
    work.spend(1);
  }

  /** Finds the string in which the offset is. Offsets asked for must not go back. */
  at(offset: number): JsonString | undefined {
    while (this.#next_open >= 0 && this.#next_open <= offset) {
      this.#open = this.#next_open;
      this.#close = closingQuote(this.#text, this.#open);
      this.#next_open = this.#text.indexOf('"', this.#close + 1);
      const seen = this.#next_open < 0 ? this.#text.length : this.#next_open;
      this.#work.spend(2 * (seen - this.#open));
    }
    const isInside = this.#open >= 0 && this.#open <= offset && offset < this.#close;
    return isInside ? { open: this.#open, close: this.#close } : undefined;
  }
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

/** Brackets that may close behind a value. */
export const closers = "}])";

/** Whether the brackets that close from `at` on end there, and no word goes on right behind them. */
export function endsBrackets(text: string, at: number, limit: number): boolean {
  let next = at;
  while (next < limit && closers.includes(text[next]!)) next += 1;
  return next >= limit || !/[\p{L}\p{N}_+/=-]/u.test(text[next]!);
}

/** The end of a JSON object or array; undefined where it is not strict JSON, or cannot stand there. */
export function endOfContainer(text: string, start: number, limit: number): number | undefined {
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
    const isCertain = isJson(text.slice(start, end)) && followsValue(text, end, limit);
    return isCertain ? end : undefined;
  }
  return undefined;
}

const scalar = /-?\d[\d.eE+-]*|true|false|null/y;

/** The end of a number or a word of JSON; undefined where there is none, or it cannot stand there. */
export function endOfScalar(text: string, start: number): number | undefined {
  scalar.lastIndex = start;
  if (!scalar.test(text)) return undefined;
  const end = scalar.lastIndex;
  return followsValue(text, end, text.length) ? end : undefined;
}

function followsValue(text: string, at: number, limit: number): boolean {
  const next = skipBlanks(text, at);
  const following = text[next];
  if (following === "}" || following === "]") return endsBrackets(text, next, limit);
  return following === undefined || following === ",";
}
