/**
 * The strings of a text that is strict JSON, found from the front to the back.
 */
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
