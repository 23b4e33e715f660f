/**
 * Says of each chunk of a stream of messages with their lengths how far it has whole ones.
 */
import { headerAt, type MessageState } from "./message-length.ts";
import { NoMessage } from "./no-message.ts";

const line_feed = 10;
const carriage_return = 13;
const nothing: Buffer = Buffer.alloc(0);

export class MessageScan {
  /** Behind the last end. */
  state: MessageState;
  /** Bytes of a message that have yet to come; 0 outside of one. */
  #octets: number;
  #no_message: NoMessage | undefined;
  /** The beginning of what may become a header. */
  #head = nothing;

  constructor(state: MessageState) {
    this.state = state;
    this.#octets = state?.octets ?? 0;
  }

  /**
   * Takes the next chunk. Returns the index in it after the last byte that ends a message, or what is none; -1 where none
   * has ended.
   */
  push(chunk: Buffer): number {
    const head = this.#head;
    this.#head = nothing;
    const bytes = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    const end = this.#follow(bytes);
    // Nothing ends in the head.
    return end === -1 ? -1 : end - head.length;
  }

  #follow(bytes: Buffer): number {
    let end = -1;
    for (let at = 0; at < bytes.length;) {
      if (this.#octets > 0) {
        const taken_bytes = Math.min(this.#octets, bytes.length - at);
        this.#octets -= taken_bytes;
        at += taken_bytes;
        if (this.#octets === 0) end = this.#endAt(at, undefined);
      } else if (this.#no_message !== undefined) {
        at = this.#no_message.push(bytes, at);
        const { is_ended, state } = this.#no_message;
        if (is_ended) end = this.#endAt(at, state);
      } else if (isBetween(bytes[at])) {
        at += 1;
        end = this.#endAt(at, undefined);
      } else {
        const header = headerAt(bytes, at);
        if (header === "unsure") {
          this.#head = Buffer.from(bytes.subarray(at));
          break;
        }
        if (header === undefined) this.#no_message = new NoMessage();
        else ({ content: at, octets: this.#octets } = header);
      }
    }
    return end;
  }

  #endAt(at: number, state: MessageState): number {
    this.state = state;
    this.#octets = state?.octets ?? 0;
    this.#no_message = undefined;
    return at;
  }
}

/** What may stand between two messages: line ends, which some programs write and do not count, and NUL. */
export function isBetween(byte: number | undefined): boolean {
  return byte === line_feed || byte === carriage_return || byte === 0;
}
