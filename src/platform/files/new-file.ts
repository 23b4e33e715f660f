/**
 * Writing a file that a user asked for, whole or not at all: with its mode whatever the umask, and over another file only
 * where that is wanted.
 */
import { link, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { syncDirectory } from "./atomic-file.ts";
import { createOwn } from "./own-file.ts";

export interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** The id of its group; undefined for the one that it gets by itself. */
  readonly group?: number | undefined;
  /** Whether it takes the place of a file that is there. */
  readonly replaces: boolean;
}

/**
 * Writes the file beside its place, syncs it, and gives it its name. Rejects with the system's error: EEXIST where something
 * is there that it must not replace, also if that has come meanwhile.
 */
export async function writeNewFile({ path, text, mode, group, replaces }: NewFile): Promise<void> {
  const temporary = `${path}.${process.pid}.new`;
  try {
    const file = await createOwn(temporary, 0o600);
    try {
      await file.writeFile(text);
      if (group !== undefined) await file.chown(process.getuid!(), group);
      await file.chmod(mode);
      await file.datasync();
    } finally {
      await file.close();
    }
    // Unlike a rename, a link replaces nothing.
    if (replaces) await rename(temporary, path);
    else await link(temporary, path);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
  await syncDirectory(dirname(path));
}
