/** The files of packs of the user's own. */
import { resolve } from "node:path";
import { type PlaceOfFiles, strayMistakeAside } from "../../platform/files/confined.ts";
import { readShortFileAside, UnusableFile } from "../../platform/files/short-file.ts";

const pack_bytes_max = 1_000_000;

/** The path of a pack: a name with a slash or a file's ending is one. Undefined for a pack that comes with tallyman. */
export function packPath(name: string, folder: string): string | undefined {
  const is_path = name.includes("/") || /\.ya?ml$/.test(name);
  return is_path ? resolve(folder, name) : undefined;
}

/** What is in the file of a pack. Rejects with UnusableFile. */
export async function packText(
  path: string,
  directories: PlaceOfFiles["directories"],
): Promise<string> {
  const stray = await strayMistakeAside(path, directories);
  if (stray !== undefined) throw new UnusableFile(stray);
  return readShortFileAside(path, pack_bytes_max);
}
