/**
 * Whether a file still has the content that was read of it. A file can be truncated and written again between two
 * reads, past where it was read, so that neither its size nor its identity says so. Compared are
 *
 *     0      1 KiB            samples             4 KiB before the offset
 *     |-head-|------------|--|---------|--|------|--tail--[ offset
 *
 * the tail with every read, as both come from one call; the head after a read that comes to the file's end, or follows a
 * pause, and in a long run of reads now and then, since one more read each time would cost too much; and
 * the samples after a read that follows a pause, for it is then that files are truncated. The head and the samples
 * are read after the bytes that are to be shipped, so that there is no gap in which a change would go unseen.
 *
 * Of a compressed file this is the content.
 */
import { hash } from "node:crypto";
import { readFully, type Readable } from "../unpacking/readable.ts";
import type { FollowedFile } from "./followed-file.ts";
import { compareHeads, fingerprintOf, type FileCheckpoint } from "./identity.ts";

/** Bytes of a sample. */
export const sample_bytes_max = 1024;
/** Before this the tail covers all, or nearly all. */
const sampled_from = 8 * 1024;

/** How long a run of reads goes on without a look at the head. */
const unlooked_ms_max = 250;

/** Bytes of a file, read at `position`. */
export interface Reading {
  readonly position: number;
  readonly bytes: Buffer;
}

/** Whether the bytes before the checkpoint are those that were there. */
export async function holds(from: Readable, checkpoint: FileCheckpoint): Promise<boolean> {
  const { offset, tail } = checkpoint;
  const bytes = Buffer.alloc(tail.length);
  const count = await readFully(from, bytes, tail.length, offset - tail.length);
  return count === tail.length && hash("sha256", bytes) === tail.sha256;
}

/** Whether the bytes at all samples are those that were there. */
export async function holdsSamples(file: FollowedFile, from: Readable): Promise<boolean> {
  for (const sample of file.identity.samples) {
    if (sample.offset <= file.offset && !(await holds(from, sample))) return false;
  }
  return true;
}

/** Compares the head that is fingerprinted. Rejects with the system's error. */
export async function compareHead(
  { head_bytes, identity }: FollowedFile,
  from: Readable,
): Promise<"alike" | "unlike"> {
  // What was known before the read: a turn that ends meanwhile may come to know more of the head than is read here.
  const { heads } = identity;
  if (head_bytes === 0) return "alike";
  const head = Buffer.allocUnsafe(head_bytes);
  const count = await readFully(from, head, head.length, 0);
  return compareHeads(heads, head.subarray(0, count)) === "alike" ? "alike" : "unlike";
}

/** Compares the head, and where the file was at its end before, the samples. Rejects with the system's error. */
export async function isRewritten(
  file: FollowedFile,
  from: Readable,
  { position, bytes }: Reading,
  at_end: boolean,
): Promise<boolean> {
  // What is decompressed is decompressed once. That the file is written again shows by its compressed bytes.
  if (typeof from !== "number") return from.is_rewritten;
  if (position === 0) {
    // What was read of it is the tail; there may be more of the head than that.
    const { heads } = file.identity;
    return file.head_bytes > file.offset && compareHeads(heads, bytes) === "unlike";
  }
  const is_due = file.read_at_ms - file.compared_at_ms > unlooked_ms_max;
  if (!at_end && !file.at_end && !is_due) return false;
  file.compared_at_ms = file.read_at_ms;
  if ((await compareHead(file, from)) === "unlike") return true;
  return file.at_end && !(await holdsSamples(file, from));
}

/** A sample at the middle one of some records that were read; undefined where there are samples enough. */
export function sampleOf(
  file: FollowedFile,
  { position, bytes }: Reading,
  starts: ArrayLike<number>,
  count: number,
): FileCheckpoint | undefined {
  const start = starts[Math.floor(count / 2)]!;
  const before = file.identity.samples.at(-1)?.offset ?? sampled_from / 2;
  // A record that was given out before one that has yet to end is behind what was taken.
  if (position + start < 2 * before || start >= bytes.length) return undefined;
  const sample = bytes.subarray(start, start + sample_bytes_max);
  return { offset: position + start + sample.length, tail: fingerprintOf(sample) };
}
