/**
 * The line of a state file that has a stream of a file, taken apart without making objects of it: there may be very many.
 */
import type { PackedList } from "../../platform/packing/json-packer.ts";
import { isAt } from "../../platform/text/bytes.ts";

/** Streams of files may be very many, all others are few. */
export const many_kind = "file";

/** What such a line has, without its beginning, and between what has to be known of it. */
const begin = Buffer.from('"stream":{"id":"');
const after_id = Buffer.from('","input":"');
const after_input = Buffer.from('","identity":');
const kind = Buffer.from(`{"kind":"${many_kind}",`);
const after_identity = Buffer.from(',"checkpoint":');
const end = Buffer.from("}}");

const quote = 0x22;
const backslash = 0x5c;
const tilde = 0x7e;

export class StreamLine {
  readonly #bytes: Buffer;
  readonly id: string;
  readonly input: string;
  readonly #identity_at: number;

  private constructor(bytes: Buffer, id: string, input: string, identity_at: number) {
    this.#bytes = bytes;
    this.id = id;
    this.input = input;
    this.#identity_at = identity_at;
  }

  /** Undefined where it is another line, or has anything that is not in nearly all of them. */
  static of(bytes: Buffer): StreamLine | undefined {
    if (!isAt(begin, bytes, 0)) return undefined;
    const id_end = plainEnd(bytes, begin.length);
    const input_from = id_end + after_id.length;
    if (id_end === -1 || !isAt(after_id, bytes, id_end)) return undefined;
    const input_end = plainEnd(bytes, input_from);
    const identity_at = input_end + after_input.length;
    if (input_end === -1 || !isAt(after_input, bytes, input_end)) return undefined;
    if (!isAt(kind, bytes, identity_at)) return undefined;
    const id = bytes.toString("latin1", begin.length, id_end);
    return new StreamLine(bytes, id, bytes.toString("latin1", input_from, input_end), identity_at);
  }

  /** Adds the id, the identity and the checkpoint to a list; undefined where the line has to be parsed. */
  pack(list: PackedList): true | undefined {
    const bytes = this.#bytes;
    if (list.addText(bytes, begin.length - 1) === undefined) return undefined;
    const identity_end = list.addText(bytes, this.#identity_at);
    if (identity_end === undefined || !isAt(after_identity, bytes, identity_end)) return undefined;
    const line_end = list.addText(bytes, identity_end + after_identity.length);
    if (line_end === undefined || line_end + end.length !== bytes.length) return undefined;
    return isAt(end, bytes, line_end) ? true : undefined;
  }
}

/** Where the quote is that ends a string of plain ASCII; -1 where there is none. */
function plainEnd(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    const code = bytes[at]!;
    if (code === quote) return at;
    if (code < 0x20 || code > tilde || code === backslash) return -1;
  }
  return -1;
}
