/**
 * Which journals there are in a state directory, those included that no input fills any more.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, TallymanError } from "../platform/errors.ts";
import { segment_suffix } from "./segments/segments.ts";

/**
 * The names of the folders in `directory` that hold segments. Others than an input can have are passed over, such as
 * the `lost+found` of a disk that is mounted there. Throws TallymanError state_unwritable where one cannot be read.
 */
export async function journalsIn(
  directory: string,
  isInputName: (name: string) => boolean,
): Promise<string[]> {
  const names: string[] = [];
  for (const name of await entriesOf(directory)) {
    const files = isInputName(name) ? await entriesOf(join(directory, name)) : [];
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
    throw new TallymanError(
      "state_unwritable",
      `cannot read the journals in ${directory}: ${messageOf(cause)}`,
      { file: directory },
      { cause },
    );
  }
}
