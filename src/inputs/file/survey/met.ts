/**
 * What an open file is: how its content begins, and how it is compressed, if it is.
 */
import { readFully } from "../discovery/file-access.ts";
import { head_bytes_max, headOf } from "../files/identity.ts";
import { compressionOf, foreignCompressionOf, isArchive } from "../unpacking/kinds.ts";
import { packedOf, type Packed } from "../unpacking/packed.ts";
import { closeContent, type Readable } from "../unpacking/readable.ts";
import { Unpacked } from "../unpacking/unpacked.ts";

/** An open file that was looked at. */
export interface Met {
  /** Its bytes, or its content where it is compressed. */
  readonly content: Readable;
  /** The first bytes of the content that are fingerprinted. */
  readonly head: Buffer;
  /** Where it is compressed. */
  readonly packed: Packed | undefined;
  /** What it is where it holds no text that is read: compressed in another way, or an archive. */
  readonly unfit: string | undefined;
}

/** Looks into an open file of `size` bytes. Its content is to be closed. Rejects with the system's error. */
export async function meet(descriptor: number, size: number): Promise<Met> {
  const bytes = Buffer.alloc(Math.min(size, head_bytes_max));
  const count = await readFully(descriptor, bytes, bytes.length, 0);
  const first = bytes.subarray(0, count);
  const compression = compressionOf(first);
  if (compression === undefined) {
    const foreign = foreignCompressionOf(first);
    const unfit = foreign && `is compressed (${foreign})`;
    return { content: descriptor, head: headOf(first), packed: undefined, unfit };
  }
  const content = new Unpacked(descriptor, compression);
  const held = Buffer.alloc(await content.reach(head_bytes_max));
  await content.read(held, held.length, 0);
  const packed = await packedOf(descriptor, compression, size);
  const unfit = isArchive(held) ? "is a compressed archive (tar)" : undefined;
  return { content, head: headOf(held), packed, unfit };
}

/** As meet, and closes the content after `work` with it. */
export async function meeting<Result>(
  descriptor: number,
  size: number,
  work: (met: Met) => Promise<Result>,
): Promise<Result> {
  const met = await meet(descriptor, size);
  try {
    return await work(met);
  } finally {
    closeContent(met.content);
  }
}
