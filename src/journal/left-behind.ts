/**
 * Which journals there are in a state directory, those included that no input fills any more.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { segment_suffix } from "./segments.ts";

/** The names of the folders in `directory` that hold segments. Rejects with the system's error. */
export async function journalsIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of await entriesOf(directory)) {
    const files = await entriesOf(join(directory, name));
    if (files.some((file) => file.endsWith(segment_suffix))) names.push(name);
  }
  return names;
}

/** Nothing where there is no such directory. */
async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw cause;
  }
}
