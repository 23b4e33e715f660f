/**
 * Fingerprints of bytes, by which content is recognised without keeping it.
 */
import { hash } from "node:crypto";
import { z } from "zod";

export const fingerprint = z.object({ length: z.number().int().nonnegative(), sha256: z.string() });

/** The length and SHA-256 of some bytes. */
export type Fingerprint = z.infer<typeof fingerprint>;

export function fingerprintOf(bytes: Buffer): Fingerprint {
  return { length: bytes.length, sha256: hash("sha256", bytes) };
}

/** Whether `bytes` begin with what was there before. */
export function stillThere(before: Fingerprint, bytes: Buffer): boolean {
  const { length, sha256 } = before;
  if (bytes.length < length) return false;
  return length === 0 || hash("sha256", bytes.subarray(0, length)) === sha256;
}
