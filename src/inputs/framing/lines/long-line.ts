/**
 * A line that is longer than what is kept of it: its end, length and SHA-256 are found piece by piece.
 */
import { createHash } from "node:crypto";
import type { LongRecord } from "../contract/framer.ts";

const line_feed = 10;
const carriage_return = 13;
const space = 32;
const tab = 9;
const one_carriage_return = Buffer.from("\r");

export class LongLine implements LongRecord {
  readonly state = undefined;
  is_ended = false;
  is_blank = true;
  #bytes = 0;
  /** A CR at the end so far is held back: it is part of the line end, if the line ends there. */
  #carriage_return_held = false;
  readonly #ends: "lf" | "lf_or_nul";
  readonly #hash = createHash("sha256");

  constructor(ends: "lf" | "lf_or_nul") {
    this.#ends = ends;
  }

  get content_bytes(): number {
    return this.#bytes;
  }

  push(bytes: Buffer): number {
    const newline = this.#ends === "lf" ? bytes.indexOf(line_feed) : new LineEnds(bytes).from(0);
    if (newline === -1) {
      this.#pushContent(bytes);
      return bytes.length;
    }
    this.is_ended = true;
    this.#pushContent(bytes.subarray(0, newline));
    return newline + 1;
  }

  digest(): string {
    return this.#hash.digest("hex");
  }

  #pushContent(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.is_blank &&= isBlank(bytes, 0, bytes.length);
    if (this.#carriage_return_held) this.#add(one_carriage_return);
    this.#carriage_return_held = bytes.at(-1) === carriage_return;
    this.#add(this.#carriage_return_held ? bytes.subarray(0, -1) : bytes);
  }

  #add(bytes: Buffer): void {
    this.#bytes += bytes.length;
    this.#hash.update(bytes);
  }
}

/** The places of LF and NUL in some bytes, each of which is looked for once. */
export class LineEnds {
  readonly #bytes: Buffer;
  #newline = -1;
  #nul = -1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The first one from `at` on; -1 where there is none. `at` never goes back. */
  from(at: number): number {
    if (this.#newline < at) this.#newline = placeFrom(this.#bytes, line_feed, at);
    if (this.#nul < at) this.#nul = placeFrom(this.#bytes, 0, at);
    const first = Math.min(this.#newline, this.#nul);
    return first === Infinity ? -1 : first;
  }
}

function placeFrom(bytes: Buffer, byte: number, at: number): number {
  const place = bytes.indexOf(byte, at);
  return place === -1 ? Infinity : place;
}

/** Whether there is nothing but spaces, tabs and CR. */
export function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte !== space && byte !== tab && byte !== carriage_return) return false;
  }
  return true;
}
