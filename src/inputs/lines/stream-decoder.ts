/**
 * Decodes what comes in over a stream to UTF-8, chunk by chunk. Which encoding it is shows at the beginning, whose bytes are
 * held until then.
 */
import { beginningOf } from "../framing/decoding/beginning.ts";
import type { ChosenEncoding, Encoding } from "../framing/decoding/encodings.ts";
import { toUtf8, wholeBytesOf } from "../framing/decoding/transcode.ts";

const nothing: Buffer = Buffer.alloc(0);

export class StreamDecoder {
  /** Bytes of the byte order mark that the stream began with. */
  mark_bytes = 0;
  readonly #chosen: ChosenEncoding;
  #encoding: Encoding | undefined;
  /** The first bytes, or a part of a character. */
  #held = nothing;

  constructor(chosen: ChosenEncoding) {
    this.#chosen = chosen;
  }

  /** Undefined while that is not known. */
  get encoding(): Encoding | undefined {
    return this.#encoding;
  }

  get held_bytes(): number {
    return this.#held.length;
  }

  /** What the chunk is in UTF-8: the chunk itself, where it is UTF-8 already. */
  push(chunk: Buffer): Buffer {
    return this.#decode(chunk, false);
  }

  /** What was held, when nothing more comes. */
  end(): Buffer {
    return this.#decode(nothing, true);
  }

  #decode(chunk: Buffer, is_last: boolean): Buffer {
    const held = this.#held;
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    this.#held = nothing;
    if (this.#encoding !== undefined) return this.#decoded(bytes, this.#encoding, is_last);
    const beginning = beginningOf(bytes, this.#chosen, is_last);
    if (beginning === undefined) {
      this.#held = bytes;
      return nothing;
    }
    const { encoding, text_start } = beginning;
    this.#encoding = encoding;
    this.mark_bytes = text_start;
    return this.#decoded(bytes.subarray(text_start), encoding, is_last);
  }

  #decoded(bytes: Buffer, encoding: Encoding, is_last: boolean): Buffer {
    const to = is_last ? bytes.length : wholeBytesOf(bytes, encoding);
    if (to < bytes.length) this.#held = Buffer.from(bytes.subarray(to));
    return toUtf8(bytes.subarray(0, to), encoding);
  }
}
