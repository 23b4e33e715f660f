/**
 * Recognises a file's content in another file: the copy that `copytruncate` made, what a move across file systems left
 * behind, or what a rotated file became when it was compressed.
 */
import { overlap_bytes_max } from "../files/block-pool.ts";
import { holds } from "../files/content.ts";
import { closeFile, type Look } from "../discovery/file-access.ts";
import { joinPath, type Directory } from "../discovery/directories.ts";
import type { Found } from "../discovery/walk.ts";
import type { FileInputContext } from "../files/context.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import { compareHeads, head_bytes_max, headOf } from "../files/identity.ts";
import { openChecked } from "../files/open-files.ts";
import type { Packed } from "../unpacking/packed.ts";
import { reach, readFully, type Readable } from "../unpacking/readable.ts";
import { meeting, type Met } from "./met.ts";
import { copiedFrom, isForeign, isPackedName, mayHold } from "./rotation.ts";

/**
 * How the content of a file relates to that of a followed one.
 *
 * - continues: it holds all that was consumed, and may go on after it.
 * - consumed: it holds a part of what was consumed, and nothing else.
 * - unlike: it has other bytes.
 * - unknown: it is too short to say.
 */
export type Relation = "continues" | "consumed" | "unlike" | "unknown";

/**
 * How a file that may be a copy in the making compares with its original as that is now.
 *
 * - alike: the original has the same bytes where this one ends.
 * - different: it has other bytes there, or none: this is no copy of it.
 * - changed: it is itself no longer what was read.
 * - unknown: it cannot be looked at.
 */
export type Contrast = "alike" | "different" | "changed" | "unknown";

export interface Copy {
  readonly name: string;
  readonly look: Look;
  readonly relation: "continues" | "consumed";
  /** Where it is compressed. */
  readonly packed: Packed | undefined;
  /** Bytes of its content; of a compressed one no more than were known of the file. */
  readonly size: number;
  /** Whether it is read as a file of its own, so that it cannot be gone on in. */
  readonly is_followed: boolean;
}

/** Who reads the file that was looked at: nobody yet, the file for which a copy is looked for, or another. */
export type ReadBy = (look: Look) => "nobody" | "itself" | "another";

/** The content of an open file: how it begins, and how long it is as far as that is of interest. */
export interface Other {
  readonly content: Readable;
  readonly size: number;
  readonly head: Buffer;
}

/** Compares the content of an open file with that of a followed one. */
export async function relate(file: FollowedFile, other: Other): Promise<Relation> {
  const heads = compareHeads(file.identity.heads, other.head);
  if (heads === "unlike") return "unlike";
  const passed = file.trail.findLast(({ offset }) => offset > 0 && offset <= other.size);
  if (passed === undefined) {
    return file.offset === 0 && heads === "alike" ? "continues" : "unknown";
  }
  if (!(await holds(other.content, passed))) return "unlike";
  return passed.offset === file.offset ? "continues" : "consumed";
}

/** Compares the content of an open file with the end of which a followed one would have the same bytes. */
export async function contrast(
  file: FollowedFile,
  other: Pick<Other, "content" | "size">,
  isSame: (look: Look) => boolean,
): Promise<Contrast> {
  // What was known before this look: the file may be read on meanwhile.
  const { path, state, checkpoint } = file;
  const { heads, size, packed } = file.identity;
  // What is compressed is not changed in place.
  if (path === undefined || state === "truncated" || packed !== undefined) return "unknown";
  try {
    const original = await openChecked(path, isSame);
    if (original === undefined) return "unknown";
    const { descriptor, look } = original;
    try {
      const alike = await endsAlike(descriptor, other);
      // Looked at after the bytes: had it been truncated before them, it would show here.
      if (checkpoint.offset === 0) {
        const head = await readHead(descriptor, look.size);
        if (compareHeads(heads, head) !== "alike") return "unknown";
      } else {
        // A copy of less than what was consumed holds no checkpoint, and is what it was.
        const short = state === "finished" && look.size < checkpoint.offset && look.size === size;
        if (!short && !(await holds(descriptor, checkpoint))) return "changed";
      }
      return alike ? "alike" : "different";
    } finally {
      await closeFile(descriptor);
    }
  } catch {
    return "unknown";
  }
}

/**
 * Whether a file that was truncated since it was read has, where the other one ends, the same bytes now: then that may be a
 * copy of what is to be read of it next, although the two rotations were seen as one. Of a file that was empty all is to be read.
 */
export async function isCopyOfUnread(
  file: FollowedFile,
  other: Pick<Other, "content" | "size">,
  isSame: (look: Look) => boolean,
): Promise<boolean> {
  const { path, readable, state, checkpoint } = file;
  const { heads, size, packed } = file.identity;
  if (path === undefined || packed !== undefined || other.size === 0) return false;
  if (!readable && state !== "truncated") return false;
  try {
    const original = await openChecked(path, isSame);
    if (original === undefined) return false;
    const { descriptor, look } = original;
    try {
      if (!(await endsAlike(descriptor, other))) return false;
      if (state === "truncated" || size === 0) return true;
      if (checkpoint.offset > 0) return !(await holds(descriptor, checkpoint));
      return compareHeads(heads, await readHead(descriptor, look.size)) === "unlike";
    } finally {
      await closeFile(descriptor);
    }
  } catch {
    return false;
  }
}

/** Whether the original has the bytes, at the same place, that the other file ends with. */
async function endsAlike(
  original: number,
  other: Pick<Other, "content" | "size">,
): Promise<boolean> {
  const end = Buffer.alloc(Math.min(other.size, overlap_bytes_max));
  const same = Buffer.alloc(end.length);
  const position = other.size - end.length;
  const count = await readFully(other.content, end, end.length, position);
  const same_count = await readFully(original, same, end.length, position);
  return same_count >= count && end.compare(same, 0, count, 0, count) === 0;
}

/** The fingerprinted head of an open plain file of `size` bytes. */
async function readHead(descriptor: number, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.min(size, head_bytes_max));
  const count = await readFully(descriptor, bytes, bytes.length, 0);
  return headOf(bytes.subarray(0, count));
}

/**
 * Looks in the file's directory for a copy of it, first among names made from its own. One that is a file of its own
 * already is better than none only where it has what is unread. `later` where one is being compressed just now.
 */
export async function findCopy(
  file: FollowedFile,
  context: Pick<FileInputContext, "directories" | "admission" | "clock" | "options">,
  readBy: ReadBy,
): Promise<Copy | "later" | undefined> {
  if (file.is_damaged) return undefined;
  const { directories } = context;
  const directory = await directories.list(file.identity.directory);
  if ("error" in directory) return undefined;
  for (const names of candidatesIn(directory, file)) {
    const looks = await directories.look(directory, names);
    const candidates = [...looks]
      .filter(([, look]) => look.kind === "file" && look.size > 0)
      .filter(([name, look]) => !isPackedName(name) || !isOlder(look, file))
      .sort(([, a], [, b]) => b.mtime_ms - a.mtime_ms);
    for (const [name, look] of candidates) {
      if (readBy(look) !== "nobody") continue;
      const copy = await inspect(file, context, { directory: directory.path, name, look });
      if (copy === "later") return copy;
      if (copy !== undefined) return { ...copy, is_followed: false };
    }
    for (const [name, look] of file.unread_bytes > 0 ? candidates : []) {
      if (readBy(look) !== "another") continue;
      const copy = await inspect(file, context, { directory: directory.path, name, look });
      if (typeof copy !== "object" || copy.size <= file.offset) continue;
      if (copy.relation === "continues") return { ...copy, is_followed: true };
    }
  }
  return undefined;
}

/**
 * Whether a compressed file is older than one that is gone, so that it cannot be what became of it: compressing keeps the
 * time of change, to the second at least.
 */
function isOlder(look: Look, { path, identity }: FollowedFile): boolean {
  return path === undefined && look.mtime_ms < Math.floor(identity.mtime_ms / 1000) * 1000;
}

/** Names of files that may be copies of one, those made from its own names first. */
function candidatesIn({ names }: Directory, file: FollowedFile): [string[], string[]] {
  const { base, name: now } = file.identity;
  const related: string[] = [];
  const others: string[] = [];
  for (const [name, { kind }] of names) {
    if (kind !== "file" || isForeign(name)) continue;
    if (isPackedName(name)) {
      if (name !== now && (mayHold(name, base) || mayHold(name, now))) related.push(name);
    } else if (name === base || copiedFrom(name).includes(base)) related.push(name);
    else if (file.unread_bytes > 0 && file.offset > 0) others.push(name);
  }
  return [related, others];
}

async function inspect(
  file: FollowedFile,
  context: Pick<FileInputContext, "admission" | "clock" | "options">,
  { directory, name, look: { key } }: Omit<Found, "path">,
): Promise<Omit<Copy, "is_followed"> | "later" | undefined> {
  try {
    const opened = await openChecked(joinPath(directory, name), (look) => look.key === key);
    if (opened === undefined) return undefined;
    const { descriptor, look } = opened;
    try {
      const place = { directory, name };
      const { admission } = context;
      if ((await admission.refusalOfOpened(place, look, descriptor)) !== undefined)
        return undefined;
      return await meeting(descriptor, look.size, async (met) => {
        const copy = await compare(file, context, met, look);
        return typeof copy === "object" ? { name, look, packed: met.packed, ...copy } : copy;
      });
    } finally {
      await closeFile(descriptor);
    }
  } catch {
    // What cannot be read cannot be recognised; it is looked at again as a file of its own.
    return undefined;
  }
}

async function compare(
  file: FollowedFile,
  { clock, options }: Pick<FileInputContext, "clock" | "options">,
  { content, head, packed }: Met,
  look: Look,
): Promise<Pick<Copy, "relation" | "size"> | "later" | undefined> {
  if (packed === undefined && mayBeCopy(file, look)) {
    return { relation: "continues", size: look.size };
  }
  const size = await reach(content, look.size, file.offset);
  const is_growing = Math.abs(clock.now() - look.mtime_ms) < options.rotate_wait;
  const heads = compareHeads(file.identity.heads, head);
  if (heads !== "unlike" && isUnfinished(content) && is_growing) return "later";
  const relation = await relate(file, { content, size, head });
  if (relation !== "continues" && relation !== "consumed") return undefined;
  return { relation, size: await reach(content, look.size, Math.max(size, file.identity.size)) };
}

/** Whether a compressed file ends before it holds all that was asked of it. */
function isUnfinished(content: Readable): boolean {
  return typeof content !== "number" && content.end.kind === "unfinished";
}

/**
 * Whether it may be the copy of a file that had not one byte read, not even for its fingerprint, when it was seen last:
 * it was written since, and is no shorter.
 */
function mayBeCopy({ identity, offset }: FollowedFile, look: Look): boolean {
  if (offset > 0 || identity.heads.length > 0 || identity.size === 0) return false;
  return look.size >= identity.size && look.mtime_ms >= identity.mtime_ms;
}
