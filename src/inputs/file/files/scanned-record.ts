/**
 * A record that is longer than a chunk: it is scanned for its end and hashed chunk by chunk, and only then is as
 * much of it read as is shipped. So the longest record costs no more memory than any other.
 */
import type { LongRecord } from "../../framing/contract/framer.ts";
import { overlap_bytes_max } from "./block-pool.ts";
import { fingerprintOf, type Fingerprint } from "./identity.ts";
import { withoutNuls } from "../../framing/contract/nuls.ts";

const nothing = Buffer.alloc(0);

export class ScannedRecord {
  /** What the framing knows of it. */
  readonly record: LongRecord;
  /** Bytes of the record seen so far, its end included. */
  scanned_bytes = 0;
  /** Of the last of them, to see at the next read that they are still there. */
  tail: Fingerprint = fingerprintOf(nothing);
  /** Bytes of the record after which something is known to follow, so that NUL bytes among them are data. */
  followed_bytes = 0;
  /** Whether its end was found. */
  state: "open" | "ended" = "open";
  #last: Buffer = nothing;

  constructor(record: LongRecord) {
    this.record = record;
  }

  /**
   * Takes the bytes that follow in the file, up to the record's end if it is among them, and says how many it took.
   * NUL bytes at the end are left until it is known that something follows them, unless they end the record.
   */
  push(bytes: Buffer): number {
    const { record } = this;
    const certain_end = this.#certainEnd(bytes);
    let taken_bytes = record.push(bytes.subarray(0, certain_end));
    const nuls = bytes.length - certain_end;
    if (nuls > 0 && !record.is_ended && record.endsInNuls?.(nuls) === true) {
      taken_bytes += record.push(bytes.subarray(certain_end));
    }
    if (record.is_ended) this.state = "ended";
    this.scanned_bytes += taken_bytes;
    this.#last = lastBytes(this.#last, bytes.subarray(0, taken_bytes));
    this.tail = fingerprintOf(this.#last);
    return taken_bytes;
  }

  /** Says that the file ends here for good. */
  finish(): void {
    this.state = "ended";
  }

  /** Where the bytes end without the NUL bytes that a writer may have allocated and will fill. */
  #certainEnd(bytes: Buffer): number {
    const certain = Math.max(0, Math.min(bytes.length, this.followed_bytes - this.scanned_bytes));
    const end = withoutNuls(bytes, certain);
    const { unit_bytes = 1 } = this.record;
    return Math.min(bytes.length, Math.ceil(end / unit_bytes) * unit_bytes);
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
