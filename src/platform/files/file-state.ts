/**
 * Whether a file is still the same: what of it differs once it was replaced or written.
 */
import { stat } from "node:fs/promises";

/** The state of several files as one text; the reason in place of one that cannot be looked at. Never rejects. */
export async function statesOf(files: readonly string[]): Promise<string> {
  const states: string[] = [];
  // One after the other, so that a file system that hangs keeps no more than one thread.
  for (const file of files) states.push(await stateOf(file));
  return states.join("\n");
}

async function stateOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(" ");
  } catch (thrown) {
    return String((thrown as NodeJS.ErrnoException).code);
  }
}
