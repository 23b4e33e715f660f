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
  readonly #pieces = new Set<string>();
  /** By a few bits of four characters, whether a piece has them: most places of a text have none. */
  readonly #bits = new Uint8Array(1 << 16);

  /** The secrets are as decoded text. */
  constructor(secrets: Iterable<string>) {
    let room = length_max;
    for (const secret of secrets) {
      for (const part of secret.split(scheme).flatMap((each) => each.split(placeholder))) {
        this.#add(part.slice(0, room));
        room -= Math.min(room, part.length);
      }
    }
  }

  #add(secret: string): void {
    for (let at = 0; at + piece_length <= secret.length; at += 1) {
      const piece = secret.slice(at, at + piece_length);
      if (!/\S{4}/.test(piece)) continue;
      this.#pieces.add(piece);
      for (let inner = at; inner < at + step; inner += 1) this.#bits[bitOf(secret, inner)] = 1;
    }
  }

  /** Where pieces are, as long as each goes on. */
  in(text: string): Part[] {
    if (this.#pieces.size === 0) return [];
    const found: { start: number; end: number }[] = [];
    let done = 0;
    for (let place = 0; place + looked_length <= text.length; place += step) {
      if (this.#bits[bitOf(text, place)] === 0) continue;
      for (let at = Math.max(done, place - step + 1); at <= place; at += 1) {
        if (!this.#pieces.has(text.slice(at, at + piece_length))) continue;
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

function bitOf(text: string, at: number): number {
  const low = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 8);
  const high = text.charCodeAt(at + 2) | (text.charCodeAt(at + 3) << 8);
  return (Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b)) >>> 16;
}
