/**
 * A line that is longer than a chunk: it is scanned for its end and hashed chunk by chunk, and only then is as
 * much of it read as is shipped. So the longest line costs no more memory than any other.
 */
import { LineDigest } from "../../lines/line-digest.ts";
import { overlap_bytes_max } from "./block-pool.ts";
import { fingerprintOf, type Fingerprint } from "./identity.ts";

const line_feed = 10;
const nothing = Buffer.alloc(0);

export class LongLine {
  /** Bytes of the line seen so far, its line end included. */
  scanned_bytes = 0;
  /** Of the last of them, to see at the next read that they are still there. */
  tail: Fingerprint = fingerprintOf(nothing);
  /** Bytes of the line after which something is known to follow, so that NUL bytes among them are data. */
  followed_bytes = 0;
  /** Whether its end was found. */
  state: "open" | "ended" = "open";
  readonly #digest = new LineDigest();
  #last: Buffer = nothing;

  /** Bytes of the line without its line end. */
  get content_bytes(): number {
    return this.#digest.bytes;
  }

  /**
   * Takes the bytes that follow in the file, up to the line end if it is among them, and says how many it took.
   * NUL bytes at the end are left until it is known that something follows them.
   */
  push(bytes: Buffer): number {
    const newline = bytes.indexOf(line_feed);
    const end = newline === -1 ? this.#contentEnd(bytes) : newline;
    this.#digest.push(bytes.subarray(0, end));
    if (newline !== -1) this.state = "ended";
    const taken = bytes.subarray(0, newline === -1 ? end : end + 1);
    this.scanned_bytes += taken.length;
    this.#last = lastBytes(this.#last, taken);
    this.tail = fingerprintOf(this.#last);
    return taken.length;
  }

  /** Says that the file ends here for good. */
  finish(): void {
    this.state = "ended";
  }

  /** SHA-256 of the line without its line end, in hex. Call it once, at the end. */
  digest(): string {
    return this.#digest.hex();
  }

  /** Where the content ends without the NUL bytes that a writer may have allocated and will fill. */
  #contentEnd(bytes: Buffer): number {
    const certain = Math.max(0, Math.min(bytes.length, this.followed_bytes - this.scanned_bytes));
    let end = bytes.length;
    while (end > certain && bytes[end - 1] === 0) end -= 1;
    return end;
  }
}

/** The last bytes, as many as an overlap has, of `before` and `bytes` together. Always a copy. */
function lastBytes(before: Buffer, bytes: Buffer): Buffer {
  if (bytes.length >= overlap_bytes_max) {
    return Buffer.from(bytes.subarray(bytes.length - overlap_bytes_max));
  }
  const kept = Math.min(before.length, overlap_bytes_max - bytes.length);
  return Buffer.concat([before.subarray(before.length - kept), bytes]);
}
