/**
 * A text in which secrets are looked for, as bytes in UTF-8. It remembers the last run of each alphabet, so that a run in
 * which many anchors stand is walked once: the work stays linear, whatever the text.
 */
import type { Alphabet } from "./alphabet.ts";

/** A stretch about whose places the same was asked before. */
interface Run {
  from: number;
  to: number;
}

export class Text {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** How many bytes were looked at, which tests hold against the length of the text. */
  steps = 0;
  // Made when they are needed: most texts are looked at in one place.
  #runs: Map<Alphabet, Run> | undefined = undefined;
  #runs_back: Map<Alphabet, Run> | undefined = undefined;
  #nexts: Map<string, Run> | undefined = undefined;
  #previous: Map<string, Run> | undefined = undefined;
  #ends: Map<object, Run> | undefined = undefined;
  #own_view: Buffer | undefined;

  constructor(bytes: Buffer, start: number, end: number) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  /** The byte there; -1 outside of the text. */
  byte(at: number): number {
    return at >= this.start && at < this.end ? this.bytes[at]! : -1;
  }

  /** Whether the byte there belongs to the alphabet; false outside of the text. */
  isAt(at: number, alphabet: Alphabet): boolean {
    return at >= this.start && at < this.end && alphabet[this.bytes[at]!] === 1;
  }

  /** Where the run of the alphabet ends that begins, or goes on, at `at`. */
  runEnd(at: number, alphabet: Alphabet): number {
    const { bytes, end } = this;
    const run = this.#runs?.get(alphabet);
    if (run !== undefined && at >= run.from && at <= run.to) return run.to;
    let next = at;
    while (next < end && alphabet[bytes[next]!] === 1) next += 1;
    this.steps += next - at + 1;
    if (next - at <= short_run) return next;
    (this.#runs ??= new Map()).set(alphabet, { from: at, to: next });
    return next;
  }

  /** Where the run of the alphabet begins that ends at `at`. */
  runStart(at: number, alphabet: Alphabet): number {
    const { bytes, start } = this;
    const run = this.#runs_back?.get(alphabet);
    if (run !== undefined && at >= run.from && at <= run.to) return run.from;
    let next = at;
    while (next > start && alphabet[bytes[next - 1]!] === 1) next -= 1;
    this.steps += at - next + 1;
    (this.#runs_back ??= new Map()).set(alphabet, { from: next, to: at });
    return next;
  }

  /** Whether the literal, given in lower case, stands there in any case. */
  isWord(at: number, lower: string): boolean {
    if (at < this.start || at + lower.length > this.end) return false;
    for (let index = 0; index < lower.length; index += 1) {
      const byte = this.bytes[at + index]!;
      const folded = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
      if (folded !== lower.charCodeAt(index)) return false;
    }
    return true;
  }

  /** Whether exactly this literal stands there. */
  isExactly(at: number, literal: string): boolean {
    if (at < this.start || at + literal.length > this.end) return false;
    for (let index = 0; index < literal.length; index += 1) {
      if (this.bytes[at + index] !== literal.charCodeAt(index)) return false;
    }
    return true;
  }

  /** Where the byte stands first from `from` on; -1 where it does not before `to`. */
  indexOf(byte: number, from: number, to: number): number {
    const { bytes } = this;
    let at = from;
    while (at < to && bytes[at] !== byte) at += 1;
    this.steps += at - from;
    return at < to ? at : -1;
  }

  /** Where the byte stands last before `to`; -1 where it does not from `from` on. */
  lastIndexOf(byte: number, from: number, to: number): number {
    const { bytes } = this;
    let at = to - 1;
    while (at >= from && bytes[at] !== byte) at -= 1;
    this.steps += to - at;
    return at >= from ? at : -1;
  }

  /** Where the literal stands next from `at` on, in this very case; the end of the text where it does not. */
  next(literal: string, at: number): number {
    const known = this.#nexts?.get(literal);
    if (known !== undefined && at >= known.from && at <= known.to) return known.to;
    const place = this.#view.indexOf(literal, at - this.start, "latin1");
    const to = place < 0 ? this.end : this.start + place;
    this.steps += to - at + 1;
    (this.#nexts ??= new Map()).set(literal, { from: at, to });
    return to;
  }

  /** Where the literal stands last before `at`, in this very case; -1 where it does not. Ask from left to right. */
  previous(literal: string, at: number): number {
    const cursor = this.#previous?.get(literal) ?? { from: -1, to: this.start };
    (this.#previous ??= new Map()).set(literal, cursor);
    while (cursor.to < at) {
      const place = this.next(literal, cursor.to);
      if (place >= at) break;
      cursor.from = place;
      cursor.to = place + 1;
    }
    return cursor.from < at ? cursor.from : -1;
  }

  /** Where something ends that was found before and reaches over this place; -1 for nothing. */
  endAround(kind: object, at: number): number {
    const known = this.#ends?.get(kind);
    return known !== undefined && at >= known.from && at < known.to ? known.to : -1;
  }

  /** Keeps where something was found, so that nobody walks through it once more. */
  remember(kind: object, from: number, to: number): void {
    (this.#ends ??= new Map()).set(kind, { from, to });
  }

  /** Matches a sticky expression there, whose length is bounded. */
  match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = 0;
    return pattern.exec(this.slice(at, at + match_length_max));
  }

  get #view(): Buffer {
    this.#own_view ??= this.bytes.subarray(this.start, this.end);
    return this.#own_view;
  }

  /** The bytes as a string, one character each. */
  slice(from: number, to: number): string {
    this.steps += to - from;
    return this.bytes.toString("latin1", Math.max(from, this.start), Math.min(to, this.end));
  }

  /** Whether a word begins there: what is before it is no letter or digit, or is an escape that was left in the text. */
  isWordStart(at: number): boolean {
    const before = this.byte(at - 1);
    if (!isAlphanumeric(before)) return true;
    if (this.byte(at - 2) === backslash) return true;
    return this.byte(at - 3) === percent && isHex(before) && isHex(this.byte(at - 2));
  }
}

/**
 * Whether an escape may begin there, or a character of several bytes: of text as it is written, other characters may become one
 * word with those beside it.
 */
export function mayBeEscape(text: Text, at: number): boolean {
  const byte = text.byte(at);
  return byte === backslash || byte === percent || byte >= 0x80;
}

/** To walk so far once more is less than to remember it. */
const short_run = 48;
/** No expression looks farther. */
const match_length_max = 160;

const backslash = 0x5c;
const percent = 0x25;

function isAlphanumeric(byte: number): boolean {
  const lower = byte | 0x20;
  return byte > 0 && ((byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a));
}

function isHex(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x66);
}
