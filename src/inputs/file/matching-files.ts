/**
 * Which files a file input would follow if it started now: for `check` and `doctor`. None is opened.
 */
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { Admission } from "./discovery/admission.ts";
import { Directories } from "./discovery/directories.ts";
import { Discovery } from "./discovery/discovery.ts";
import type { Found } from "./discovery/walk.ts";
import { isGone } from "./discovery/file-access.ts";
import { parseExclusions, parseGlob } from "./discovery/globs.ts";
import type { FileInputOptions } from "./options.ts";
import { OwnFiles, type OwnPlace } from "./discovery/own-files.ts";
import type { Refusal } from "./discovery/refusal.ts";

export interface MatchingFile {
  readonly path: string;
  readonly size_bytes: number;
}

/** Where one glob leads. */
export interface Lead {
  readonly files: readonly MatchingFile[];
  /** Files and directories of which nothing is known, because they may not be looked at. */
  readonly unknown: readonly string[];
  /** What it leads to and is not followed. */
  readonly refused: readonly Refusal[];
  /** A file that it matches and that is excluded. */
  readonly excluded: string | undefined;
  /** The directories that the walks begin in: one, or one for each alternative. */
  readonly bases: readonly string[];
}

export interface MatchingFilesDeps {
  clock: Clock;
  log: Logger;
  /** What is tallyman's own. */
  own: readonly OwnPlace[];
}

/** Of an input's options, those that say what is followed. */
export type LeadingOptions = Pick<FileInputOptions, "exclude" | "follow_links">;

/** Where one glob leads. Directories that cannot be read are logged. */
export async function lookWhereGlobLeads(
  glob: string,
  { exclude, follow_links }: LeadingOptions,
  { clock, log, own }: MatchingFilesDeps,
): Promise<Lead> {
  const directories = new Directories(clock);
  directories.begin("full");
  const admission = new Admission(follow_links, new OwnFiles(() => own, clock));
  await admission.begin();
  const globs = parseGlob(glob);
  const excluded = parseExclusions(exclude);
  const discovery = new Discovery({ globs, excluded }, directories, admission, log);
  const { files, unknown, refused, excluded: left_out } = await discovery.scan();
  const followed: MatchingFile[] = [];
  for (const found of files) {
    const refusal = await hardLinkRefusal(admission, found);
    if (refusal === undefined) followed.push({ path: found.path, size_bytes: found.look.size });
    else refused.set(refusal.path, refusal);
  }
  return {
    files: followed,
    unknown: [...unknown.keys()],
    refused: [...refused.values()],
    excluded: [...left_out.values()][0],
    bases: globs.map(({ base }) => base),
  };
}

async function hardLinkRefusal(
  admission: Admission,
  { path, directory, name, look }: Found,
): Promise<Refusal | undefined> {
  try {
    const verdict = await admission.refusalOfHardLink({ directory, name }, look);
    return verdict && { path, ...verdict, is_asked_for: true };
  } catch (error) {
    if (!isGone(error)) throw error;
    return undefined;
  }
}
