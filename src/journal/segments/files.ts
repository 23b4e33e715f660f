/**
 * The journal's seam to the file system: the few calls it makes, so that a test can let each of them fail.
 */
import { constants } from "node:fs";
import { link, mkdir, readdir, rename, statfs, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { syncDirectory } from "../../platform/files/atomic-file.ts";
import { openOwn } from "../../platform/files/own-file.ts";
import { positioned, type PositionedFile } from "../../platform/files/positioned-file.ts";

/** Every call rejects with the system's error. */
export interface JournalFiles {
  /** Makes the directory, and those above it, for tallyman's user alone; what it made outlives a power cut. */
  makeDirectory(path: string): Promise<void>;
  list(directory: string): Promise<string[]>;
  /** Makes a file that is not there yet. */
  create(path: string): Promise<JournalFile>;
  /** Opens a file to read it. */
  open(path: string): Promise<JournalFile>;
  /** Cuts a file, or does nothing where it is as short already. */
  truncate(path: string, length: number): Promise<void>;
  /** Gives the file a second name. */
  link(path: string, other: string): Promise<void>;
  rename(path: string, other: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes sure that the names in the directory outlive a power cut. */
  syncDirectory(path: string): Promise<void>;
  /** What the directory's file system has in all, and what of it this user may still write. */
  space(directory: string): Promise<{ free_bytes: number; total_bytes: number }>;
}

/** A segment. */
export type JournalFile = PositionedFile;

const file_mode = 0o600;
const directory_mode = 0o700;

export const systemFiles: JournalFiles = {
  async makeDirectory(path) {
    const made = await mkdir(path, { recursive: true, mode: directory_mode });
    if (made === undefined) return;
    // What is in a directory outlives a power cut only where the directory's own name does.
    for (let name = path; name.length >= made.length; name = dirname(name)) {
      await syncDirectory(dirname(name));
    }
  },
  list: (directory) => readdir(directory),
  async create(path) {
    const { O_RDWR, O_CREAT, O_EXCL } = constants;
    return positioned(await openOwn(path, O_RDWR | O_CREAT | O_EXCL, file_mode));
  },
  async open(path) {
    return positioned(await openOwn(path, constants.O_RDONLY));
  },
  async truncate(path, length) {
    const handle = await openOwn(path, constants.O_RDWR);
    try {
      const { size } = await handle.stat();
      if (size > length) await handle.truncate(length);
    } finally {
      await handle.close();
    }
  },
  link,
  rename,
  remove: unlink,
  syncDirectory,
  async space(directory) {
    const { bsize, bavail, blocks } = await statfs(directory);
    // File systems that do not know, as some in user space, say that they have no blocks at all.
    const free_bytes = blocks === 0 ? Infinity : bavail * bsize;
    return { free_bytes, total_bytes: blocks * bsize };
  },
};
