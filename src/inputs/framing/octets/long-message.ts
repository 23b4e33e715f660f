/**
 * A message of a known length that is longer than what is kept of it.
 */
import { createHash } from "node:crypto";
import type { Verdict } from "../../../event/event.ts";

export class LongMessage {
  readonly state = undefined;
  readonly is_blank = false;
  content_bytes = 0;
  readonly #octets: number;
  /** For a message whose rest never comes. */
  readonly #part: Verdict | undefined;
  readonly #hash = createHash("sha256");

  constructor(octets: number, part?: Verdict) {
    this.#octets = octets;
    this.#part = part;
  }

  get is_ended(): boolean {
    return this.content_bytes === this.#octets;
  }

  /** Takes the bytes that follow, up to its end, and says how many it took. */
  push(bytes: Buffer): number {
    const content = bytes.subarray(0, this.#octets - this.content_bytes);
    this.#hash.update(content);
    this.content_bytes += content.length;
    return content.length;
  }

  /** SHA-256 of its content, in hex. */
  digest(): string {
    return this.#hash.digest("hex");
  }

  /** Why it is no record, where it is none. */
  verdict(): Verdict | undefined {
    return this.is_ended ? undefined : this.#part;
  }
}
