/**
 * What a compressed file is known by beside its content: its own first and last bytes. As long as these and its size are
 * what they were, it need not be decompressed to be recognised.
 */
import { z } from "zod";
import { readFully, type Look } from "../discovery/file-access.ts";
import { fingerprint, fingerprintOf, stillThere } from "./fingerprint.ts";
import { compressions, type Compression } from "./kinds.ts";

const head_bytes_max = 1024;
const tail_bytes_max = 4096;

/** Of a file's identity in the state file. */
export const packedIdentity = z.object({
  compression: z.enum(compressions),
  /** Its size when it was fingerprinted, and the bytes at its beginning and before that end. */
  size: z.number().int().nonnegative(),
  head: fingerprint,
  tail: fingerprint,
  /** Bytes of content, once it was read to its end. */
  content_bytes: z.number().int().nonnegative().optional(),
  /** Up to where bytes that cannot be decompressed are counted as lost. */
  lost_to: z.number().int().nonnegative().optional(),
  /** Whether it was there before the first start, and is not to be read. */
  is_passed_over: z.boolean().optional(),
});

/** What a compressed file is known by, and how far it is read. */
export type Packed = z.infer<typeof packedIdentity>;

/** Fingerprints the first `size` bytes of an open file. Rejects with the system's error. */
export async function packedOf(
  descriptor: number,
  compression: Compression,
  size: number,
): Promise<Packed> {
  const head = await bytesAt(descriptor, 0, Math.min(size, head_bytes_max));
  const from = Math.max(0, size - tail_bytes_max);
  const tail = await bytesAt(descriptor, from, size - from);
  return { compression, size, head: fingerprintOf(head), tail: fingerprintOf(tail) };
}

/** Whether an open file still begins with the bytes that were fingerprinted. Rejects with the system's error. */
export async function holdsPacked(descriptor: number, packed: Packed): Promise<boolean> {
  const { head, tail, size } = packed;
  const first = await bytesAt(descriptor, 0, head.length);
  const last = await bytesAt(descriptor, size - tail.length, tail.length);
  return stillThere(head, first) && stillThere(tail, last);
}

/** Whether nothing is to be read of it, or nothing more: as it was when it was read to its end. */
export function isReadToEnd(packed: Packed, offset: number, { size }: Look): boolean {
  if (packed.is_passed_over === true) return true;
  return (
    packed.size === size && packed.content_bytes !== undefined && offset >= packed.content_bytes
  );
}

async function bytesAt(descriptor: number, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, await readFully(descriptor, bytes, length, position));
}
