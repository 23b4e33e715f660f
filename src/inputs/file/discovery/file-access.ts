/**
 * The system calls of the file input, as promises on plain file descriptors.
 *
 * Inode numbers go beyond 2^53 on cluster file systems, so they are kept as text. Nothing here is synchronous:
 * a network file system that hangs must not hang tallyman.
 */
import fs from "node:fs";
import { pathOf } from "../../../platform/files/descriptor-path.ts";

/** What there can be at a path. */
export type Kind = "file" | "directory" | "link" | "pipe" | "socket" | "device";

/** What one look at a file or directory found. */
export interface Look {
  /** Device and inode: unique among the files that exist now. */
  readonly key: string;
  readonly device: string;
  /** Nanoseconds since the epoch, "0" where the file system does not say. See BirthTimes. */
  readonly birth: string;
  /** Nanoseconds since the epoch of the last change of the inode. */
  readonly changed: string;
  /** The same in milliseconds, with fractions. */
  readonly changed_ms: number;
  readonly size: number;
  /** Milliseconds since the epoch, with fractions. */
  readonly mtime_ms: number;
  /** Names that the file has; 0 for a deleted one that is still open. */
  readonly links: number;
  readonly kind: Kind;
  /** Whose it is. */
  readonly uid: number;
  /** Its permissions, the sticky bit among them. */
  readonly mode: number;
  /** When the look was begun, on the monotonic clock; Infinity for one that nobody keeps. */
  readonly at_ms: number;
}

/** A pipe must not block the open, and a terminal must not become ours. */
const open_flags = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY;
/**
 * O_PATH of open(2), which Node does not name: a handle on what is at the path, that opens nothing. So no writer of a
 * pipe goes on, and no device does what an open makes it do.
 */
const o_path = 0o10000000;
const place_flags = o_path | fs.constants.O_NOFOLLOW;

/** Follows symlinks. Rejects with the system's error. */
export function lookAt(path: string, at_ms = Infinity): Promise<Look> {
  return new Promise((resolve, reject) => {
    fs.stat(path, { bigint: true }, (error, stats) => {
      if (error) reject(error);
      else resolve(lookOf(stats, at_ms));
    });
  });
}

/** As lookAt, but where a symlink is at the path, it looks at that. */
export function lookAtEntry(path: string, at_ms = Infinity): Promise<Look> {
  return new Promise((resolve, reject) => {
    fs.lstat(path, { bigint: true }, (error, stats) => {
      if (error) reject(error);
      else resolve(lookOf(stats, at_ms));
    });
  });
}

export function lookAtOpen(descriptor: number, at_ms = Infinity): Promise<Look> {
  return new Promise((resolve, reject) => {
    fs.fstat(descriptor, { bigint: true }, (error, stats) => {
      if (error) reject(error);
      else resolve(lookOf(stats, at_ms));
    });
  });
}

/**
 * Looks at the directory that has a file by this name, and not at another that was put in its place meanwhile. Rejects with
 * the system's error, and with ENOENT where the file is not there.
 */
export async function lookAtHolder(directory: string, name: string, key: string): Promise<Look> {
  const held = await openPlace(directory);
  try {
    const look = await lookAtOpen(held);
    const entry = await lookAtEntry(`${pathOf(held)}/${name}`);
    if (entry.key === key) return look;
    throw Object.assign(new Error("its target has changed meanwhile"), { code: "ENOENT" });
  } finally {
    void closeFile(held);
  }
}

/** A handle on whatever is at the path, a symlink included, with which nothing can be read. Rejects with the system's error. */
export function openPlace(path: string): Promise<number> {
  return open(path, place_flags);
}

/** Opens for reading what another handle is on. Rejects with the system's error. */
export async function openAgain(descriptor: number): Promise<number> {
  try {
    return await open(pathOf(descriptor), open_flags);
  } catch (error) {
    // The handle is good, so that it is not the file that is missing.
    if (isGone(error)) throw new Error("/proc is not mounted", { cause: error });
    throw error;
  }
}

/** The path, without symlinks, at which what is open is now. Rejects where the system does not say. */
export function placeOfOpen(descriptor: number): Promise<string> {
  return new Promise((resolve, reject) => {
    fs.readlink(pathOf(descriptor), (error, path) => {
      if (error) reject(new Error("/proc is not mounted", { cause: error }));
      else resolve(path);
    });
  });
}

/** Reads up to `length` bytes at `position` into the front of `bytes`; resolves with how many there were. */
export function readAt(
  descriptor: number,
  bytes: Buffer,
  length: number,
  position: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(descriptor, bytes, 0, length, position, (error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}

/** As readAt, but goes on after a short read until `length` bytes or the end of the file. */
export async function readFully(
  descriptor: number,
  bytes: Buffer,
  length: number,
  position: number,
): Promise<number> {
  let done = 0;
  while (done < length) {
    const rest = bytes.subarray(done, length);
    const count = await readAt(descriptor, rest, rest.length, position + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** Never rejects: an error on closing a file that was only read costs nothing. */
export function closeFile(descriptor: number): Promise<void> {
  return new Promise((resolve) => fs.close(descriptor, () => resolve()));
}

/** The system's word for what went wrong, such as ENOENT. */
export function errorCode(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    return error.code;
  }
  return String(error);
}

export function isGone(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

function open(path: string, flags: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.open(path, flags, (error, descriptor) => {
      if (error) reject(error);
      else resolve(descriptor);
    });
  });
}

function lookOf(stats: fs.BigIntStats, at_ms: number): Look {
  return {
    at_ms,
    key: `${stats.dev}:${stats.ino}`,
    device: stats.dev.toString(),
    birth: stats.birthtimeNs.toString(),
    changed: stats.ctimeNs.toString(),
    changed_ms: Number(stats.ctimeNs) / 1e6,
    size: Number(stats.size),
    mtime_ms: Number(stats.mtimeNs) / 1e6,
    links: Number(stats.nlink),
    kind: kindOf(stats),
    uid: Number(stats.uid),
    mode: Number(stats.mode) & 0o7777,
  };
}

/** What a look, or an entry of a directory, says that there is. */
export function kindOf(what: fs.StatsBase<bigint> | fs.Dirent<string | Buffer>): Kind {
  if (what.isFile()) return "file";
  if (what.isDirectory()) return "directory";
  if (what.isSymbolicLink()) return "link";
  if (what.isFIFO()) return "pipe";
  return what.isSocket() ? "socket" : "device";
}
