/**
 * Replacing a file so that a crash or a power loss leaves either the old content or the new, never a mixture.
 */
import { open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { createOwn } from "./own-file.ts";
import { replacing } from "./state-names.ts";

/**
 * Writes `text` to a neighbour of `path`, syncs it, renames it over `path`, and syncs the directory.
 * Rejects with the system's error (ENOSPC, EROFS, …); the old content then stays.
 */
export async function replaceFile(path: string, text: string, mode = 0o600): Promise<void> {
  const temporary = path + replacing;
  try {
    const file = await createOwn(temporary, mode);
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await unlink(temporary).catch(() => undefined);
    throw cause;
  }
  await syncDirectory(dirname(path));
}

/** Resolves when the names in the directory are on the disk. Rejects with the system's error. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
