/**
 * The bytes before the place that was read to last.
 *
 * A file that is being read is read on from there, and these bytes come first. To compare them takes a hundredth of the time that
 * their fingerprint takes.
 */
import { overlap_bytes_max } from "../files/block-pool.ts";
import { fingerprintOf, stillThere, type Fingerprint } from "../files/identity.ts";

export class LastTail {
  readonly #bytes = Buffer.allocUnsafeSlow(overlap_bytes_max);
  #fingerprint: Fingerprint | undefined;

  /** Keeps a copy of the bytes, at most `overlap_bytes_max` of them; returns their fingerprint. */
  keep(bytes: Buffer): Fingerprint {
    bytes.copy(this.#bytes);
    this.#fingerprint = fingerprintOf(bytes);
    return this.#fingerprint;
  }

  /** Whether `bytes` begin with what was there before. */
  isAt(before: Fingerprint, bytes: Buffer): boolean {
    if (before !== this.#fingerprint) return stillThere(before, bytes);
    const { length } = before;
    if (bytes.length < length) return false;
    return bytes.compare(this.#bytes, 0, length, 0, length) === 0;
  }
}
