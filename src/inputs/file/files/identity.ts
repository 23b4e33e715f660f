/**
 * What a file is known by: never its name alone, its inode alone, or a checksum alone.
 *
 * A name moves on at each rotation, an inode is used again as soon as it is free, and two files may begin with
 * the same bytes. So a file that is met again must agree in device, inode and birth time and in the bytes at its
 * head and before the checkpoint; or, for a copy, in all of these bytes.
 */
import { hash } from "node:crypto";
import { z } from "zod";
import { beginsInUtf16 } from "../../framing/decoding/beginning.ts";
import { fingerprint, fingerprintOf, type Fingerprint } from "../unpacking/fingerprint.ts";
import { packedIdentity } from "../unpacking/packed.ts";

export { fingerprintOf, stillThere, type Fingerprint } from "../unpacking/fingerprint.ts";

/** Bytes at a file's head that are fingerprinted. */
export const head_bytes_max = 1024;
/** Shorter heads that are fingerprinted too, to tell a copy from another file while it is still short. */
const head_lengths = [32, 256];

/** Where a framing stands: its framer's id, and its state there, if it has one. */
const framingMark = z.object({ id: z.string(), state: z.json().optional() });

export type FramingMark = z.infer<typeof framingMark>;

/** A stream's checkpoint in the state file: an offset, the bytes before it, and where the framing stands; none is `lines`. */
export const fileCheckpoint = z.object({
  offset: z.number().int().nonnegative(),
  tail: fingerprint,
  // One that cannot be read is that of no framing, and no reason to lose the offset.
  framing: framingMark.catch({ id: "" }).optional(),
});

export type FileCheckpoint = z.infer<typeof fileCheckpoint>;

/** A stream's identity in the state file. */
export const fileIdentity = z.object({
  kind: z.literal("file"),
  /** The path under which the file was found first; rotations do not change it. */
  path: z.string(),
  /** The real directory of the file. */
  directory: z.string(),
  /** Its name there when it was found first, and its name now. */
  base: z.string(),
  name: z.string(),
  /** Device and inode. */
  key: z.string(),
  birth: z.string(),
  /** Of the first bytes, shortest first. */
  heads: z.array(fingerprint),
  /**
   * The size and the time of change when the file was last looked at. Of a compressed file the size is that of its content,
   * as far as that is known.
   */
  size: z.number(),
  mtime_ms: z.number(),
  /**
   * The time of the inode's last change, milliseconds since the epoch, where a look long after it found the file read to its end.
   * Nobody can set that time, so as long as it is the same, nobody has written to the file. States of older versions have none.
   */
  settled_ms: z.number().optional(),
  /**
   * The size that the file had when its content was last compared with what was read of it. A larger size that was seen
   * since may be that of other content. States of older versions have none.
   */
  proven_size: z.number().optional(),
  /** Places among what was read, at the beginnings of records. States of older versions have none. */
  samples: z.array(fileCheckpoint).default([]),
  /** Where it is compressed: what it is known by beside its content. */
  packed: packedIdentity.optional(),
});

export type FileIdentity = z.infer<typeof fileIdentity>;

/** Marks that the input has been started before, for `start_at: end`. */
export const startedIdentity = z.object({ kind: z.literal("started") });

/**
 * Not a file input's: of the journal that an input of another type and the same name has left, which is shipped; and of
 * events that were taken out of quarantine.
 */
export const otherIdentity = z.object({ kind: z.enum(["journal", "replay"]) });

export function headsOf(head: Buffer): Fingerprint[] {
  const lengths = [...head_lengths.filter((length) => length < head.length), head.length];
  return lengths.filter((length) => length > 0).map((n) => fingerprintOf(head.subarray(0, n)));
}

export type Alikeness = "alike" | "unlike" | "unknown";

/**
 * Whether a file that begins with `head` may begin like the one with these fingerprints: `unlike` and `alike` are
 * certain; `unknown` is where one of them is too short to say.
 */
export function compareHeads(heads: readonly Fingerprint[], head: Buffer): Alikeness {
  return comparisonWith(head)(heads);
}

/** As compareHeads, for one head and those of many files. */
export function comparisonWith(head: Buffer): (heads: readonly Fingerprint[]) => Alikeness {
  const hashes = new Map<number, string>();
  const hashOf = (length: number): string => {
    const known = hashes.get(length) ?? hash("sha256", head.subarray(0, length));
    hashes.set(length, known);
    return known;
  };
  return (heads) => {
    const known = heads.findLast(({ length }) => length <= head.length);
    if (known === undefined) return "unknown";
    if (hashOf(known.length) !== known.sha256) return "unlike";
    return known === heads.at(-1) ? "alike" : "unknown";
  };
}

/** A file's head without what a writer that allocates ahead has yet to fill. */
export function headOf(bytes: Buffer): Buffer {
  const nul = beginsInUtf16(bytes) ? nulUnit(bytes) : bytes.indexOf(0);
  return Buffer.from(bytes.subarray(0, nul === -1 ? bytes.length : nul));
}

/** Where the first character of UTF-16 is that is NUL, or before it one of which a half may be written yet; -1 for none. */
function nulUnit(bytes: Buffer): number {
  for (let at = 0; at < bytes.length; at += 2) {
    if (bytes[at] !== 0 || (bytes[at + 1] ?? 0) !== 0) continue;
    return at > 0 && (bytes[at - 2] === 0 || bytes[at - 1] === 0) ? at - 2 : at;
  }
  return -1;
}
