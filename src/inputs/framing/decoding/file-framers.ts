/**
 * The framers of one file input: its framing in each encoding that a file of it may have.
 */
import type { Framer } from "../contract/framer.ts";
import { beginningOf, chosenFor, withoutAllocated, type Beginning } from "./beginning.ts";
import { decoding, type FileFramer } from "./decoding-framer.ts";
import { encodings, type ChosenEncoding, type Encoding } from "./encodings.ts";

export class FileFramers {
  readonly #chosen: ChosenEncoding;
  readonly #utf8: FileFramer;
  readonly #decoding: ReadonlyMap<Encoding, FileFramer>;

  constructor(framer: Framer, chosen: ChosenEncoding) {
    this.#chosen = chosenFor(framer, chosen);
    this.#utf8 = framer;
    const others = encodings.filter((encoding) => encoding !== "utf-8");
    this.#decoding = new Map(others.map((each) => [each, decoding(framer, each)]));
  }

  /** As in Framer. */
  get window_bytes(): number | undefined {
    return this.#utf8.window_bytes;
  }

  /** The framer of files in this encoding. Files in UTF-8 have the framing itself. */
  in(encoding: Encoding | undefined): FileFramer {
    return (encoding && this.#decoding.get(encoding)) ?? this.#utf8;
  }

  /** How a file begins, by its first bytes; undefined where what is not written yet may change that. */
  beginning(bytes: Buffer, is_last: boolean): Beginning | undefined {
    return beginningOf(is_last ? bytes : withoutAllocated(bytes), this.#chosen, is_last);
  }
}

/** The id of the framing in the id of a framer, without the encoding. */
export function framingIdOf(id: string): string {
  const encoding = encodings.find((each) => id.startsWith(`${each} `));
  return encoding === undefined ? id : id.slice(encoding.length + 1);
}
