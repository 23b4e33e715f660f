/**
 * Where in the bytes of a file the places of its decoded text are.
 *
 * A string of JavaScript has a unit for each two bytes of UTF-16, and for each byte of an encoding whose characters have one.
 * So the length of the decoded text as a string says how many bytes it was.
 */
import { unitBytesOf, type Encoding } from "./encodings.ts";

export class RawPlaces {
  readonly #decoded: Buffer;
  readonly #from: number;
  readonly #to: number;
  readonly #unit_bytes: number;
  readonly #is_ascii: boolean;
  /** The last place that was asked for, as most are asked for in order. */
  #at = 0;
  #raw: number;

  /** `decoded` is what was `[from, to)`. */
  constructor(decoded: Buffer, encoding: Encoding, from: number, to: number) {
    this.#decoded = decoded;
    this.#from = from;
    this.#to = to;
    this.#raw = from;
    this.#unit_bytes = unitBytesOf(encoding);
    this.#is_ascii = decoded.length * this.#unit_bytes === to - from;
  }

  /** The index of the byte that the decoded one at `at` comes from. */
  of(at: number): number {
    if (at >= this.#decoded.length) return this.#to;
    if (this.#is_ascii) return this.#from + at * this.#unit_bytes;
    if (at < this.#at) {
      this.#at = 0;
      this.#raw = this.#from;
    }
    this.#raw += this.#decoded.toString("utf8", this.#at, at).length * this.#unit_bytes;
    this.#at = at;
    return this.#raw;
  }
}
