/**
 * What stands where a length is expected and is none: a line. It also ends behind a JSON value, where a length and the
 * beginning of the next value follow: programs that send JSON without line ends, and once count wrong, are understood
 * again with their next message.
 *
 *     rest of it LF  21 next message        a line
 *     rest of it}21 {"next":"message"}      its end takes the length behind it with it
 */
import { createHash } from "node:crypto";
import { Verdict } from "../../../event/event.ts";
import { isDigit } from "../../../platform/text/digits.ts";
import { type MessageState, octets_max, withDigit } from "./message-length.ts";

const line_feed = 10;
const space = 0x20;
const digit_0 = 0x30;
const open_brace = 0x7b;
const open_bracket = 0x5b;
const close_brace = 0x7d;
const close_bracket = 0x5d;

const nothing: Buffer = Buffer.alloc(0);

/** For what begins with no length. */
export const no_length = new Verdict(
  "quarantined",
  "no_length",
  "a message begins with its length and a blank",
);

/** For what is shorter than its length says, as nothing follows. */
export const unfinished_message = new Verdict(
  "quarantined",
  "unfinished_message",
  "ends before its length is reached",
);

/** Follows it to its end, whatever pieces it comes in. */
export class NoMessage {
  is_ended = false;
  /** Of the last bytes, those that belong to its end, or may do so. */
  end_bytes = 0;
  /** What the last bytes are. */
  #last: "other" | "closed" | "length" | "blank" = "other";
  #octets = 0;

  /** Behind its end. */
  get state(): MessageState {
    return this.is_ended && this.#octets > 0 ? { octets: this.#octets } : undefined;
  }

  /** Index after what belongs to it, its end included. */
  push(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at]!;
      if (this.#last === "blank" && (byte === open_brace || byte === open_bracket)) {
        this.is_ended = true;
        return at;
      }
      this.#follow(byte);
      if (byte !== line_feed && byte !== 0) continue;
      this.is_ended = true;
      this.end_bytes = 1;
      return at + 1;
    }
    return bytes.length;
  }

  /** Says that it ends here, if what follows may show that. */
  endHere(): void {
    this.is_ended = this.#last === "blank";
  }

  #follow(byte: number): void {
    const is_first = this.#last === "closed" && byte !== digit_0;
    if (isDigit(byte) && (is_first || this.#last === "length")) {
      this.#octets = withDigit(this.#octets, byte);
      this.end_bytes += 1;
      if (this.#octets <= octets_max) {
        this.#last = "length";
        return;
      }
    } else if (byte === space && this.#last === "length") {
      this.end_bytes += 1;
      this.#last = "blank";
      return;
    }
    this.#octets = 0;
    this.end_bytes = 0;
    this.#last = byte === close_brace || byte === close_bracket ? "closed" : "other";
  }
}

/** One that is longer than what is kept of it. */
export class LongNoMessage {
  readonly is_blank = false;
  #bytes = 0;
  readonly #followed = new NoMessage();
  readonly #hash = createHash("sha256");
  /** The last bytes, while they may belong to its end. */
  #held = nothing;

  /** With what may be the beginning of its end, but turned out not to be where nothing follows. */
  get content_bytes(): number {
    return this.#bytes + this.#held.length;
  }

  get is_ended(): boolean {
    return this.#followed.is_ended;
  }

  get state(): MessageState {
    return this.#followed.state;
  }

  /** Takes the bytes that follow, up to its end, and says how many it took. */
  push(bytes: Buffer): number {
    const taken_bytes = this.#followed.push(bytes, 0);
    const taken = bytes.subarray(0, taken_bytes);
    const all = this.#held.length === 0 ? taken : Buffer.concat([this.#held, taken]);
    const content = all.subarray(0, all.length - this.#followed.end_bytes);
    this.#held = this.is_ended ? nothing : Buffer.from(all.subarray(content.length));
    this.#bytes += content.length;
    this.#hash.update(content);
    return taken_bytes;
  }

  /** SHA-256 of its content, in hex. */
  digest(): string {
    this.#hash.update(this.#held);
    return this.#hash.digest("hex");
  }

  /** It is none in any case. */
  verdict(): Verdict {
    return no_length;
  }
}
