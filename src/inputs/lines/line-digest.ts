/**
 * The length and SHA-256 of a line that is longer than what is kept of it, taken piece by piece as it comes in.
 */
import { createHash } from "node:crypto";

const carriage_return = 13;
const one_carriage_return = Buffer.from("\r");

export class LineDigest {
  #bytes = 0;
  /** A CR at the end so far is held back: it is part of the line end, if the line ends there. */
  #carriage_return_held = false;
  readonly #hash = createHash("sha256");

  /** Bytes of the line without its line end. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the bytes that follow, the line feed not among them. */
  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#carriage_return_held) this.#add(one_carriage_return);
    this.#carriage_return_held = bytes.at(-1) === carriage_return;
    this.#add(this.#carriage_return_held ? bytes.subarray(0, -1) : bytes);
  }

  /** SHA-256 of the line without its line end, in hex. Call it once, at the end. */
  hex(): string {
    return this.#hash.digest("hex");
  }

  #add(bytes: Buffer): void {
    this.#bytes += bytes.length;
    this.#hash.update(bytes);
  }
}
