/**
 * Whether what is at the end of a file is a whole JSON object, of which nothing can be missing. An array does not count: a
 * program that keeps its file one valid array writes over the closing bracket again and again.
 */
import { readFully, type Readable } from "../unpacking/readable.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { ScannedRecord } from "../files/scanned-record.ts";
import type { FileFramer } from "../../framing/decoding/decoding-framer.ts";
import { isSpace, open_brace } from "../../framing/json/bytes.ts";
import { ValueScan } from "../../framing/json/value-scan.ts";

const read_bytes = 64 * 1024;

/** Whether what is left at the end of a quiet file is shipped. */
export function isFlushed({ quiet }: FollowedFile, bytes: Buffer, { toUtf8 }: FileFramer): boolean {
  if (quiet === undefined || quiet.unfinished === "left" || bytes.length === 0) return false;
  return quiet.unfinished === "shipped" || isWholeDocument(toUtf8?.(bytes) ?? bytes);
}

/** Whether what is at the file's end is taken as it is, a long record that has no end included. */
export async function closes(
  file: FollowedFile,
  descriptor: Readable,
  long?: ScannedRecord,
): Promise<boolean> {
  if (file.finishing || long === undefined) return file.finishing;
  const { unfinished } = file.quiet ?? {};
  if (unfinished !== "shipped_if_whole") return unfinished === "shipped";
  return isWholeDocumentAt(descriptor, file.offset, long.scanned_bytes);
}

/** Whether the bytes are one, with nothing but white space around it. */
function isWholeDocument(bytes: Buffer): boolean {
  const document = new DocumentScan();
  document.push(bytes);
  return document.is_whole;
}

/** The same for bytes of a file that need not fit in memory. */
async function isWholeDocumentAt(
  descriptor: Readable,
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
