/**
 * The system calls of the file input, as promises on plain file descriptors.
 *
 * Inode numbers go beyond 2^53 on cluster file systems, so they are kept as text. Nothing here is synchronous:
 * a network file system that hangs must not hang tallyman.
 */
import fs from "node:fs";

/** What one look at a file or directory found. */
export interface Look {
  /** Device and inode: unique among the files that exist now. */
  readonly key: string;
  readonly device: string;
  /** Nanoseconds since the epoch, "0" where the file system does not say. See BirthTimes. */
  readonly birth: string;
  /** Nanoseconds since the epoch of the last change of the inode. */
  readonly changed: string;
  readonly size: number;
  /** Milliseconds since the epoch, with fractions. */
  readonly mtime_ms: number;
  /** Names that the file has; 0 for a deleted one that is still open. */
  readonly links: number;
  readonly kind: "file" | "directory" | "other";
  /** When the look was begun, on the monotonic clock; Infinity for one that nobody keeps. */
  readonly at_ms: number;
}

/** A pipe must not block the open, and a terminal must not become ours. */
const open_flags = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY;

/** Follows symlinks. Rejects with the system's error. */
export function lookAt(path: string, at_ms = Infinity): Promise<Look> {
  return new Promise((resolve, reject) => {
    fs.stat(path, { bigint: true }, (error, stats) => {
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

export function openFile(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.open(path, open_flags, (error, descriptor) => {
      if (error) reject(error);
      else resolve(descriptor);
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

function lookOf(stats: fs.BigIntStats, at_ms: number): Look {
  return {
    at_ms,
    key: `${stats.dev}:${stats.ino}`,
    device: stats.dev.toString(),
    birth: stats.birthtimeNs.toString(),
    changed: stats.ctimeNs.toString(),
    size: Number(stats.size),
    mtime_ms: Number(stats.mtimeNs) / 1e6,
    links: Number(stats.nlink),
    kind: stats.isFile() ? "file" : stats.isDirectory() ? "directory" : "other",
  };
}
