/**
 * What a scan has come to so far: the files that globs lead to, and what they lead to beside these.
 */
import type { Verdict } from "./admission.ts";
import type { Entry } from "./directories.ts";
import type { Look } from "./file-access.ts";
import type { Glob } from "./globs.ts";
import type { Refusal } from "./refusal.ts";

/** A file that a glob leads to. */
export interface Found {
  /** As the glob found it. */
  readonly path: string;
  /** Where it really is: the directory without symlinks, and the name there. */
  readonly directory: string;
  readonly name: string;
  readonly look: Look;
}

export interface Discovered {
  readonly files: Found[];
  /** Files and directories of which nothing is known, because they cannot be looked at now; and why, such as EACCES, where they do not merely change. */
  readonly unknown: Map<string, string | undefined>;
  /** What matches and is not followed, by path. */
  readonly refused: Map<string, Refusal>;
  /** The globs that lead to something that is refused or unknown. */
  readonly obstructed: Set<Glob>;
  /** By glob, a file that it matches and that is excluded. */
  readonly excluded: Map<Glob, string>;
  /** The globs that lead to files at which there was no need to look. */
  readonly passed_over: Set<Glob>;
  /** Directories to watch, by path; several paths may lead to one. */
  readonly directories: Set<string>;
}

/** One walk of a glob, and what it adds to. */
export interface Walk extends Discovered {
  /** Directory keys and rest of the glob that were walked. */
  readonly walked: Set<string>;
  readonly paths: Set<string>;
  glob: Glob;
  /** The real directory that the glob begins in, once it was let in there. */
  base: string | undefined;
}

export function add(walk: Walk, found: Found): void {
  walk.paths.add(found.path);
  walk.directories.add(found.directory);
  walk.files.push(found);
}

export function refuse(walk: Walk, path: string, verdict: Verdict, is_asked_for: boolean): void {
  walk.obstructed.add(walk.glob);
  const known = walk.refused.get(path);
  walk.refused.set(path, {
    path,
    ...verdict,
    is_asked_for: is_asked_for || known?.is_asked_for === true,
  });
}

export function noteUnknown(walk: Walk, path: string, error: string | undefined): void {
  walk.obstructed.add(walk.glob);
  walk.unknown.set(path, error);
}

/** Takes note of what was looked at in vain, but for what is gone. */
export function noteTrouble(walk: Walk, path: string, entry: Entry | undefined): void {
  if (entry !== undefined && entry.look !== "gone") noteUnknown(walk, path, entry.trouble);
}
