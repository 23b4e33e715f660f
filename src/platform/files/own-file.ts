/**
 * Files in tallyman's own directories: what is under the name of one and is something else, a link, a pipe or a
 * device, is neither followed nor waited for.
 */
import { constants, type Stats } from "node:fs";
import { open, stat, unlink, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { distrust, isTrustedOwner } from "./trust.ts";

/** Opens a regular file with the flags of open(2). Rejects with the system's error, or NotAFile. */
export async function openRegular(path: string, flags: number, mode?: number): Promise<FileHandle> {
  // Without O_NONBLOCK a pipe that nobody writes to would keep one of the few threads forever.
  const all = flags | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(path, all, mode).catch((cause: NodeJS.ErrnoException) => {
    const { code = "" } = cause;
    const what = Object.hasOwn(kinds_by_code, code) ? kinds_by_code[code] : undefined;
    throw what === undefined ? cause : new NotAFile(path, `${what} (${code})`, { cause });
  });
  return checked(handle, (stats) => {
    if (!stats.isFile()) throw new NotAFile(path, "not a regular file");
  });
}

/** The same, for a file that nobody else may have made. */
export async function openOwn(path: string, flags: number, mode?: number): Promise<FileHandle> {
  return checked(await openRegular(path, flags, mode), ({ uid }) => {
    if (!isTrustedOwner(uid)) throw new NotAFile(path, `a file of user ${uid}`);
  });
}

/** The same, for a file that is written where it stands: under another name it could be anything. */
export async function openSole(path: string, flags: number, mode?: number): Promise<FileHandle> {
  return checked(await openOwn(path, flags, mode), ({ nlink }) => {
    if (nlink === 1) return;
    const remedy = `find the others (find / -xdev -samefile '${path}'), and remove the wrong ones`;
    throw new NotAFile(path, `a file with ${nlink} names`, { remedy });
  });
}

/**
 * The same, for a file that an administrator may have made for someone: in a directory that others may write it could be
 * anybody's, to read along or to have something else overwritten.
 */
export async function openShared(path: string, flags: number, mode?: number): Promise<FileHandle> {
  const is_open = isOpenToOthers(await stat(dirname(path)));
  return checked(await openRegular(path, flags, mode), (stats) => {
    if (isOwnShared(stats, is_open)) return;
    const { uid, nlink } = stats;
    throw new NotAFile(
      path,
      `a file of user ${uid} with ${nlink} hard links, in a directory that others may write to,`,
    );
  });
}

/** Whether others may put files into the directory. */
export function isOpenToOthers(directory: Stats): boolean {
  return distrust(directory, "") !== undefined;
}

/** Whether it is a file that nobody may have put there to be written or counted. */
export function isOwnShared(stats: Stats, is_open: boolean): boolean {
  return stats.isFile() && (!is_open || (isTrustedOwner(stats.uid) && stats.nlink === 1));
}

/** Makes a file to be written, instead of whatever has its name. Rejects with the system's error. */
export async function createOwn(path: string, mode: number): Promise<FileHandle> {
  await removeOwn(path);
  const { O_WRONLY, O_CREAT, O_EXCL } = constants;
  return openOwn(path, O_WRONLY | O_CREAT | O_EXCL, mode);
}

/** Removes the file, or what has its name; nothing where there is none. Rejects with the system's error, or NotAFile. */
export async function removeOwn(path: string): Promise<void> {
  await unlink(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "EISDIR") throw new NotAFile(path, "a directory (EISDIR)", { cause });
    if (cause.code !== "ENOENT") throw cause;
  });
}

/** The text of a short file. Rejects with the system's error, or NotAFile. */
export async function readOwn(path: string): Promise<string> {
  const handle = await openOwn(path, constants.O_RDONLY);
  try {
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** The handle, unless `check` throws for what it is of. */
async function checked(handle: FileHandle, check: (stats: Stats) => void): Promise<FileHandle> {
  try {
    check(await handle.stat());
    return handle;
  } catch (cause) {
    await handle.close();
    throw cause;
  }
}

/** Where a file or a directory should be there is something else. */
export class NotAFile extends Error {
  readonly code = "EFTYPE";

  constructor(
    path: string,
    what: string,
    { remedy = "see who made it, and remove it", cause }: Why = {},
  ) {
    super(`${path} is ${what}; ${remedy}`, { cause });
  }
}

interface Why {
  remedy?: string;
  cause?: unknown;
}

/** What an error of open(2) says of what is there, where no link is followed and nothing is waited for. */
const kinds_by_code: Readonly<Record<string, string>> = {
  ELOOP: "a symbolic link",
  ENXIO: "a pipe or a socket",
  ENODEV: "a device",
  EISDIR: "a directory",
};
