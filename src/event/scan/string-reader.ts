/**
 * From the text that a string of JSON holds back to the bytes of the string: edits of the one become edits of the other.
 */

/** What takes the place of `bytes[start, end)`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** What is replaced in the text that a string holds as splices of the string, which begins at `start` and reaches to the end of `bytes`. */
export function carriedBack(splices: readonly Splice[], bytes: Buffer, start: number): Splice[] {
  const reader = new StringReader(bytes, start);
  return splices.map((splice) => {
    const from = reader.goTo(splice.start);
    const to = reader.goTo(splice.end);
    const spelled = JSON.stringify(splice.bytes.toString()).slice(1, -1);
    return { start: from, end: to, bytes: Buffer.from(spelled) };
  });
}

/** Goes through a string's bytes and what they hold side by side. */
export class StringReader {
  readonly #bytes: Buffer;
  #at: number;
  /** Bytes of the text up to here, in UTF-8. */
  #held = 0;
  /** Where the next escape is, from `#at` on, once it was looked for: the string is searched once, not for each edit. */
  #escape = -1;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  /** Where in the string the byte `held` of its text is; not before the last one asked for. */
  goTo(held: number): number {
    while (this.#held < held) {
      const run = Math.min(this.#nextEscape() - this.#at, held - this.#held);
      this.#at += run;
      this.#held += run;
      if (this.#held < held) this.#passEscape();
    }
    return this.#at;
  }

  #nextEscape(): number {
    if (this.#escape < this.#at) {
      const next = this.#bytes.indexOf(0x5c, this.#at);
      this.#escape = next < 0 ? this.#bytes.length : next;
    }
    return this.#escape;
  }

  #passEscape(): void {
    const unit = this.#unitAt(this.#at);
    const is_pair = unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(this.#unitAt(this.#at + 6));
    if (unit < 0) this.#at += 2;
    else this.#at += is_pair ? 12 : 6;
    if (unit < 0x80) this.#held += 1;
    else if (unit < 0x800) this.#held += 2;
    else this.#held += is_pair ? 4 : 3;
  }

  /** The UTF-16 unit of a \u escape; -1 where there is another escape, or none. */
  #unitAt(at: number): number {
    if (this.#bytes[at] !== 0x5c || this.#bytes[at + 1] !== 0x75) return -1;
    return Number.parseInt(this.#bytes.toString("latin1", at + 2, at + 6), 16);
  }
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
