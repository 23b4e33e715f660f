/**
 * Long pieces of known secrets, in a text where the rest of a secret may be masked or cut off. What is looked at takes time in
 * proportion to the text.
 */
import type { Part } from "./encoded-runs.ts";

/** A shorter piece is in many words. */
const piece_length = 8;
/** At every fifth place so many characters are looked at: each piece has one such place in it. */
const looked_length = 4;
const step = piece_length - looked_length + 1;
/** Digits of ids and times have the same eight now and then. */
const digits_length = 14;
const is_digits = /^[\da-f-]+$/i;
/** Where a URL begins is the same in all of them. */
const scheme = /\b[a-z]{2,12}:\/\//i;
/** What stands where a secret was. */
const placeholder = /\[[A-Z_]{3,32}\]|‹secret [^›]{1,40}›/;
/** Of secrets that have more together, the rest is found only as a whole. */
const length_max = 64 * 1024;

export class KnownPieces {
  /** The hashes of all pieces, each at the first free place from its own on; 0 is none. */
  readonly #table: Int32Array;
  /** By a few bits of four characters, whether a piece has them: most places of a text have none. */
  readonly #bits: Uint8Array;
  readonly #is_empty: boolean;

  /** The secrets are as decoded text. */
  constructor(secrets: Iterable<string>) {
    let room = length_max;
    const parts: string[] = [];
    for (const secret of secrets) {
      for (const part of secret.split(scheme).flatMap((each) => each.split(placeholder))) {
        const known = part.slice(0, room);
        room -= known.length;
        if (known.length >= piece_length) parts.push(known);
      }
    }
    const size = sizeFor(parts.reduce((length, part) => length + part.length, 0));
    this.#is_empty = parts.length === 0;
    this.#table = new Int32Array(2 * size);
    this.#bits = new Uint8Array(8 * size);
    for (const part of parts) this.#add(part);
  }

  #add(secret: string): void {
    for (let at = 0; at + piece_length <= secret.length; at += 1) {
      if (isBlank(secret, at)) continue;
      const hash = pieceHash(secret, at);
      let place = hash & (this.#table.length - 1);
      while (this.#table[place] !== 0 && this.#table[place] !== hash) {
        place = (place + 1) & (this.#table.length - 1);
      }
      this.#table[place] = hash;
      for (let inner = at; inner < at + step; inner += 1) {
        this.#bits[hashAt(secret, inner) & (this.#bits.length - 1)] = 1;
      }
    }
  }

  #has(hash: number): boolean {
    let place = hash & (this.#table.length - 1);
    while (this.#table[place] !== 0) {
      if (this.#table[place] === hash) return true;
      place = (place + 1) & (this.#table.length - 1);
    }
    return false;
  }

  /** Where pieces are, as long as each goes on. */
  in(text: string): Part[] {
    if (this.#is_empty) return [];
    const found: { start: number; end: number }[] = [];
    const mask = this.#bits.length - 1;
    let done = 0;
    for (let place = 0; place + looked_length <= text.length; place += step) {
      if (this.#bits[hashAt(text, place) & mask] === 0) continue;
      const last_at = Math.min(place, text.length - piece_length);
      for (let at = Math.max(done, place - step + 1); at <= last_at; at += 1) {
        if (!this.#has(pieceHash(text, at))) continue;
        const last = found.at(-1);
        // Pieces beside each other without a common character are of different secrets.
        if (last !== undefined && at < last.end) last.end = at + piece_length;
        else found.push({ start: at, end: at + piece_length });
      }
      done = place + 1;
    }
    return found.filter(
      ({ start, end }) => end - start >= digits_length || !is_digits.test(text.slice(start, end)),
    );
  }
}

/** A power of two, so that at most half of the table is taken. */
function sizeFor(pieces: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(16, pieces)));
}

/** Whether there are no four characters beside each other without a blank. */
function isBlank(text: string, at: number): boolean {
  let beside = 0;
  for (let place = at; place < at + piece_length; place += 1) {
    beside = /\s/.test(text[place]!) ? 0 : beside + 1;
    if (beside === looked_length) return false;
  }
  return true;
}

/** Of four characters. */
function hashAt(text: string, at: number): number {
  const low = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
  const high = text.charCodeAt(at + 2) | (text.charCodeAt(at + 3) << 16);
  const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

/**
 * Of a whole piece; never 0. Of two different ones it is the same once in billions, and then a text is hidden that need not
 * be.
 */
function pieceHash(text: string, at: number): number {
  const mixed =
    Math.imul(hashAt(text, at), 0xc2b2ae35) ^ Math.imul(hashAt(text, at + 4), 0x27d4eb2f);
  return (mixed ^ (mixed >>> 13)) | 1;
}
