/** Files that somebody else names, and that therefore have to be in certain directories. */
import { realpathSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { normalize } from "node:path";

/** Absolute paths. Undefined where files may be anywhere. */
export type Directories = readonly string[] | undefined;

/** Where files are that a configuration names. */
export interface PlaceOfFiles {
  /** Where relative paths begin. */
  readonly folder: string;
  readonly directories?: Directories;
}

/** Whether an absolute path is below one of the directories, by its words. */
export function isBelow(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) => normalize(path).startsWith(normalize(`${directory}/`)));
}

/** Why a file may not be used, in words that follow its name; undefined where it may. Of a link the target counts. */
export function strayMistake(path: string, directories: Directories): string | undefined {
  if (directories === undefined) return undefined;
  // What is elsewhere is not even looked at.
  const is_below = isBelow(path, directories) && isBelow(realPath(path), directories.map(realPath));
  return is_below ? undefined : strayMessage(directories);
}

/** The same, without holding anything up where the file is on a network that hangs. */
export async function strayMistakeAside(
  path: string,
  directories: Directories,
): Promise<string | undefined> {
  if (directories === undefined) return undefined;
  if (!isBelow(path, directories)) return strayMessage(directories);
  const target = await realPathAside(path);
  // One after the other: on a network that hangs, each takes one of the few threads that all else is done on.
  for (const directory of directories)
    if (isBelow(target, [await realPathAside(directory)])) return undefined;
  return strayMessage(directories);
}

/** The same words for a path that is not looked at. */
export function strayMessage(directories: readonly string[]): string {
  const allowed = directories.length === 0 ? "none" : directories.join(", ");
  return (
    `is not in a directory that this host allows for what a fleet's configuration names: ${allowed}; ` +
    "move it there, or add its directory to fleet.paths in the host's own file"
  );
}

/** Where it cannot be found, whoever reads it says what is wrong. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function realPathAside(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
