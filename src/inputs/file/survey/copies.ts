/**
 * Recognises a file's content in another file: the copy that `copytruncate` made, or what a move across file
 * systems left behind.
 */
import { overlap_bytes_max } from "../files/block-pool.ts";
import { holds } from "../files/content.ts";
import { closeFile, readFully, type Look } from "../discovery/file-access.ts";
import type { Admission } from "../discovery/admission.ts";
import { joinPath } from "../discovery/directories.ts";
import type { Found } from "../discovery/discovery.ts";
import type { Following } from "../files/context.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import { compareHeads, head_bytes_max, headOf } from "../files/identity.ts";
import { openChecked } from "../files/open-files.ts";
import { copiedFrom, isCompressed } from "./rotation.ts";

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
  /** Whether it is read as a file of its own, so that it cannot be gone on in. */
  readonly is_followed: boolean;
}

/** Who reads the file that was looked at: nobody yet, the file for which a copy is looked for, or another. */
export type ReadBy = (look: Look) => "nobody" | "itself" | "another";

/** Compares an open file, of `size` bytes and beginning with `head`, with a followed one. */
export async function relate(
  file: FollowedFile,
  other: { descriptor: number; size: number; head: Buffer },
): Promise<Relation> {
  const heads = compareHeads(file.identity.heads, other.head);
  if (heads === "unlike") return "unlike";
  const passed = file.trail.findLast(({ offset }) => offset > 0 && offset <= other.size);
  if (passed === undefined) {
    return file.offset === 0 && heads === "alike" ? "continues" : "unknown";
  }
  if (!(await holds(other.descriptor, passed))) return "unlike";
  return passed.offset === file.offset ? "continues" : "consumed";
}

/** Compares an open file of `size` bytes with the end of which a followed one would have the same bytes. */
export async function contrast(
  file: FollowedFile,
  other: { descriptor: number; size: number },
  isSame: (look: Look) => boolean,
): Promise<Contrast> {
  // What was known before this look: the file may be read on meanwhile.
  const { path, state, checkpoint } = file;
  const { heads, size } = file.identity;
  if (path === undefined || state === "truncated") return "unknown";
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

/** Whether the original has the bytes, at the same place, that the other file ends with. */
async function endsAlike(
  original: number,
  other: { descriptor: number; size: number },
): Promise<boolean> {
  const end = Buffer.alloc(Math.min(other.size, overlap_bytes_max));
  const same = Buffer.alloc(end.length);
  const position = other.size - end.length;
  const count = await readFully(other.descriptor, end, end.length, position);
  const same_count = await readFully(original, same, end.length, position);
  return same_count >= count && end.compare(same, 0, count, 0, count) === 0;
}

/** The fingerprinted head of an open file of `size` bytes. */
export async function readHead(descriptor: number, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.min(size, head_bytes_max));
  const count = await readFully(descriptor, bytes, bytes.length, 0);
  return headOf(bytes.subarray(0, count));
}

/**
 * Looks in the file's directory for a copy of it, first among names made from its own. One that is a file of its own
 * already is better than none only where it has what is unread.
 */
export async function findCopy(
  file: FollowedFile,
  { directories, admission }: Pick<Following, "directories" | "admission">,
  readBy: ReadBy,
): Promise<Copy | undefined> {
  const { directory: path, base } = file.identity;
  const directory = await directories.list(path);
  if ("error" in directory) return undefined;
  const related: string[] = [];
  const others: string[] = [];
  for (const [name, { kind }] of directory.names) {
    if (kind !== "file" || isCompressed(name)) continue;
    const near = name === base || copiedFrom(name).includes(base);
    if (near) related.push(name);
    else if (file.unread_bytes > 0 && file.offset > 0) others.push(name);
  }
  for (const names of [related, others]) {
    const looks = await directories.look(directory, names);
    const candidates = [...looks]
      .filter(([, look]) => look.kind === "file" && look.size > 0)
      .sort(([, a], [, b]) => b.mtime_ms - a.mtime_ms);
    for (const [name, look] of candidates) {
      if (readBy(look) !== "nobody") continue;
      const copy = await inspect(file, admission, { directory: path, name, look });
      if (copy !== undefined) return { ...copy, is_followed: false };
    }
    for (const [name, look] of file.unread_bytes > 0 ? candidates : []) {
      if (look.size <= file.offset || readBy(look) !== "another") continue;
      const copy = await inspect(file, admission, { directory: path, name, look });
      if (copy?.relation === "continues") return { ...copy, is_followed: true };
    }
  }
  return undefined;
}

async function inspect(
  file: FollowedFile,
  admission: Admission,
  { directory, name, look: { key } }: Omit<Found, "path">,
): Promise<Omit<Copy, "is_followed"> | undefined> {
  try {
    const opened = await openChecked(joinPath(directory, name), (look) => look.key === key);
    if (opened === undefined) return undefined;
    const { descriptor, look } = opened;
    try {
      const place = { directory, name };
      if ((await admission.refusalOfOpened(place, look, descriptor)) !== undefined)
        return undefined;
      if (mayBeCopy(file, look)) return { name, look, relation: "continues" };
      const head = await readHead(descriptor, look.size);
      const relation = await relate(file, { descriptor, size: look.size, head });
      return relation === "continues" || relation === "consumed"
        ? { name, look, relation }
        : undefined;
    } finally {
      await closeFile(descriptor);
    }
  } catch {
    // What cannot be read cannot be recognised; it is looked at again as a file of its own.
    return undefined;
  }
}

/**
 * Whether it may be the copy of a file that had not one byte read, not even for its fingerprint, when it was seen last:
 * it was written since, and is no shorter.
 */
function mayBeCopy({ identity, offset }: FollowedFile, look: Look): boolean {
  if (offset > 0 || identity.heads.length > 0 || identity.size === 0) return false;
  return look.size >= identity.size && look.mtime_ms >= identity.mtime_ms;
}
