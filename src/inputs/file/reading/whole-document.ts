/**
 * Whether what is at the end of a file is a whole JSON object, of which nothing can be missing. An array does not count: a
 * program that keeps its file one valid array writes over the closing bracket again and again.
 */
import { readFully } from "../discovery/file-access.ts";
import { isSpace, open_brace } from "../../framing/json/bytes.ts";
import { ValueScan } from "../../framing/json/value-scan.ts";

const read_bytes = 64 * 1024;

/** Whether the bytes are one, with nothing but white space around it. */
export function isWholeDocument(bytes: Buffer): boolean {
  const document = new DocumentScan();
  document.push(bytes);
  return document.is_whole;
}

/** The same for bytes of a file that need not fit in memory. */
export async function isWholeDocumentAt(
  descriptor: number,
  position: number,
  length: number,
): Promise<boolean> {
  const document = new DocumentScan();
  const buffer = Buffer.allocUnsafeSlow(Math.min(length, read_bytes));
  for (let done = 0; done < length;) {
    const wanted = Math.min(buffer.length, length - done);
    const count = await readFully(descriptor, buffer, wanted, position + done);
    if (count < wanted) return false;
    document.push(buffer.subarray(0, count));
    if (document.is_other) return false;
    done += count;
  }
  return document.is_whole;
}

class DocumentScan {
  #state: "before" | "in" | "behind" | "other" = "before";
  readonly #value = new ValueScan();

  get is_whole(): boolean {
    return this.#state === "behind";
  }

  get is_other(): boolean {
    return this.#state === "other";
  }

  push(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && this.#state !== "other";) {
      const byte = bytes[at]!;
      if (this.#state === "in") at = this.#follow(bytes, at);
      else if (isSpace(byte)) at += 1;
      else if (this.#state === "before" && byte === open_brace) {
        this.#value.beginValue();
        this.#state = "in";
      } else this.#state = "other";
    }
  }

  #follow(bytes: Buffer, from: number): number {
    const at = this.#value.push(bytes, from, bytes.length);
    if (this.#value.outcome === "ended") this.#state = "behind";
    else if (this.#value.outcome === "broke") this.#state = "other";
    return at;
  }
}
