/**
 * Which files a file input would follow if it started now: for `check` and `doctor`, which open none of them.
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

/** Where one glob leads. */
export interface Lead {
  readonly files: MatchingFile[];
  /** Files and directories of which nothing is known, because they may not be looked at. */
  readonly unknown: readonly string[];
  /** The directories that the walks begin in: one, or one for each alternative. */
  readonly bases: readonly string[];
}

interface LookFacts {
  clock: Clock;
  log: Logger;
}

/** The files that one glob leads to, but those excluded. Directories that cannot be read are logged. */
export async function matchingFiles(
  glob: string,
  exclude: readonly string[],
  facts: LookFacts,
): Promise<MatchingFile[]> {
  const { files } = await lookWhereGlobLeads(glob, exclude, facts);
  return files;
}

/** As matchingFiles, with what may not be looked at. */
export async function lookWhereGlobLeads(
  glob: string,
  exclude: readonly string[],
  { clock, log }: LookFacts,
): Promise<Lead> {
  const directories = new Directories(clock);
  directories.begin("full");
  const globs = parseGlob(glob);
  const discovery = new Discovery(globs, parseExclusions(exclude), directories, log);
  const { files, unknown } = await discovery.scan();
  return {
    files: files.map(({ path, look }) => ({ path, size_bytes: look.size })),
    unknown: [...unknown],
    bases: globs.map(({ base }) => base),
  };
}
