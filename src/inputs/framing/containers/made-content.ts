/**
 * The content of a record that is longer than what is held of it: measured and hashed, and its beginning kept.
 */
import { createHash } from "node:crypto";
import { characterBoundary } from "../contract/found.ts";
import { ByteStore } from "./byte-store.ts";

const carriage_return = 13;
const one_carriage_return = Buffer.from("\r");

export class MadeContent {
  bytes = 0;
  readonly #kept_bytes_max: number;
  readonly #hash = createHash("sha256");
  readonly #kept = new ByteStore();
  /** A CR at the end so far is held back: it belongs to the line end, if the record ends there. */
  #carriage_return_held = false;

  constructor(kept_bytes_max: number) {
    this.#kept_bytes_max = kept_bytes_max;
  }

  get held_bytes(): number {
    return this.#kept.held_bytes;
  }

  add(content: Buffer): void {
    if (content.length === 0) return;
    if (this.#carriage_return_held) this.#take(one_carriage_return);
    this.#carriage_return_held = content.at(-1) === carriage_return;
    this.#take(this.#carriage_return_held ? content.subarray(0, -1) : content);
  }

  /** Says that nothing more comes; `is_whole` where the line's end has come. */
  end(is_whole: boolean): void {
    if (this.#carriage_return_held && !is_whole) this.#take(one_carriage_return);
    this.#carriage_return_held = false;
  }

  /** What is kept of it, without a part of a character at its end where it is cut. */
  get kept(): Buffer {
    const kept = this.#kept.bytes;
    if (this.bytes === kept.length) return kept;
    return kept.subarray(0, characterBoundary(kept, 0, kept.length));
  }

  digest(): string {
    return this.#hash.digest("hex");
  }

  #take(content: Buffer): void {
    this.bytes += content.length;
    this.#hash.update(content);
    this.#kept.add(content.subarray(0, this.#kept_bytes_max - this.#kept.length));
  }
}
