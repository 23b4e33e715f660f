/**
 * Which files a file input would follow if it started now: for `tallyman check`, which opens none of them.
 */
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { Directories } from "./directories.ts";
import { Discovery } from "./discovery.ts";
import { parseExclusions, parseGlob } from "./globs.ts";

export interface MatchingFile {
  readonly path: string;
  readonly size_bytes: number;
}

/** The files that one glob leads to, but those excluded. Directories that cannot be read are logged. */
export async function matchingFiles(
  glob: string,
  exclude: readonly string[],
  facts: { clock: Clock; log: Logger },
): Promise<MatchingFile[]> {
  const directories = new Directories(facts.clock);
  directories.begin("full");
  const discovery = new Discovery(
    parseGlob(glob),
    parseExclusions(exclude),
    directories,
    facts.log,
  );
  const { files } = await discovery.scan();
  return files.map(({ path, look }) => ({ path, size_bytes: look.size }));
}
