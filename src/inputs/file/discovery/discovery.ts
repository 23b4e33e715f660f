/**
 * Discovery: walks the globs and says which files match, what matches and is not followed, and which directories it looked
 * into.
 *
 * It goes down one path segment at a time, through symlinks where Admission lets it, and is safe from loops: no directory is
 * walked twice for the same rest of a glob.
 */
import { dirname } from "node:path";
import type { Logger } from "../../../platform/log.ts";
import { refusalOfKind, type Admission } from "./admission.ts";
import { joinPath, type Directories, type Directory, type LookedAt } from "./directories.ts";
import { errorCode, isGone, type Look } from "./file-access.ts";
import { segmentMatches, type Glob, type GlobSegment } from "./globs.ts";
import { misnamed_message } from "./refusal.ts";
import { add, noteTrouble, noteUnknown, refuse, type Discovered, type Walk } from "./walk.ts";

/** A directory to walk: its path, where it is if it is no link, and what is left of the glob. */
interface Turn {
  readonly path: string;
  readonly plain: string;
  readonly segments: readonly GlobSegment[];
}

export interface Wanted {
  readonly globs: readonly Glob[];
  readonly excluded: (path: string) => boolean;
  readonly lookedAt?: LookedAt;
}

export class Discovery {
  readonly #globs: readonly Glob[];
  readonly #excluded: (path: string) => boolean;
  readonly #directories: Directories;
  readonly #admission: Admission;
  readonly #log: Logger;
  readonly #lookedAt: LookedAt;
  readonly #matched = new WeakMap<Directory["names"], Map<GlobSegment, Matching>>();
  /** Directories that could not be listed at the last look, and why. */
  readonly #unlisted = new Map<string, string>();

  constructor(
    { globs, excluded, lookedAt = (_, names) => names }: Wanted,
    directories: Directories,
    admission: Admission,
    log: Logger,
  ) {
    this.#globs = globs;
    this.#excluded = excluded;
    this.#directories = directories;
    this.#admission = admission;
    this.#log = log;
    this.#lookedAt = lookedAt;
  }

  async scan(): Promise<Discovered> {
    const discovered: Discovered = {
      files: [],
      unknown: new Map(),
      refused: new Map(),
      obstructed: new Set(),
      excluded: new Map(),
      passed_over: new Set(),
      directories: new Set(),
    };
    const paths = new Set<string>();
    for (const glob of this.#globs) {
      const walk = { ...discovered, walked: new Set<string>(), paths, glob, base: undefined };
      await this.#walk(walk, { path: glob.base, plain: glob.base, segments: glob.segments });
    }
    return discovered;
  }

  async #walk(walk: Walk, { path, plain, segments }: Turn): Promise<void> {
    const directory = await this.#directories.list(path);
    if ("error" in directory) return this.#unlistable(walk, path, directory.error);
    if (this.#unlisted.delete(path)) {
      this.#log.info("directory_readable", { path }, "Directory can be read again.");
    }
    if (!(await this.#mayWalk(walk, directory, plain))) return;
    walk.base ??= directory.real;
    walk.directories.add(path);
    const step = `${segments.length} ${directory.key}`;
    if (walk.walked.has(step)) return;
    walk.walked.add(step);
    const [segment, ...rest] = segments;
    if (segment!.kind === "deep") await this.#walk(walk, { path, plain, segments: rest });
    this.#refuseMisnamed(walk, directory, { segment: segment!, is_last: rest.length === 0 });
    if (rest.length === 0) return this.#collect(walk, directory, segment!);
    const { names } = this.#matching(directory, segment!);
    const looks = await this.#directories.look(
      directory,
      names.filter((name) => directory.names.get(name)!.kind === "link"),
    );
    for (const name of names) {
      const entry = directory.names.get(name)!;
      const below = { path: joinPath(path, name), plain: joinPath(directory.real, name) };
      if (entry.trouble !== undefined) noteTrouble(walk, below.path, entry);
      if ((looks.get(name)?.kind ?? entry.kind) !== "directory") continue;
      await this.#walk(walk, { ...below, segments: segment!.kind === "deep" ? segments : rest });
    }
  }

  /** Whether the directory may be looked into; says why not. */
  async #mayWalk(walk: Walk, directory: Directory, plain: string): Promise<boolean> {
    const { path } = directory;
    try {
      const verdict = await this.#admission.refusalOfDirectory(directory, plain, walk.base);
      if (verdict === undefined) return true;
      refuse(walk, path, verdict, walk.base === undefined || directory.real !== plain);
    } catch (error) {
      if (!isGone(error)) noteUnknown(walk, path, errorCode(error));
    }
    return false;
  }

  async #collect(walk: Walk, directory: Directory, segment: GlobSegment): Promise<void> {
    const is_named = segment.kind === "name";
    const wanted: string[] = [];
    const { names, excluded } = this.#matching(directory, segment);
    if (excluded !== undefined) walk.excluded.set(walk.glob, joinPath(directory.path, excluded));
    const looked_at = this.#lookedAt(directory, names);
    if (looked_at.length < names.length) walk.passed_over.add(walk.glob);
    for (const name of looked_at) {
      const { kind } = directory.names.get(name)!;
      const path = joinPath(directory.path, name);
      if (walk.paths.has(path)) continue;
      if (kind === "file" || kind === "link") wanted.push(name);
      else if (kind !== "directory" || is_named) {
        refuse(walk, path, refusalOfKind(kind, { path, leads: false }), is_named);
      }
    }
    const looks = await this.#directories.look(directory, wanted);
    for (const name of wanted) {
      const entry = directory.names.get(name);
      const look = looks.get(name);
      const path = joinPath(directory.path, name);
      if (look === undefined) noteTrouble(walk, path, entry);
      else if (entry?.kind === "link")
        await this.#collectLink(walk, directory, { name, look, is_named });
      else this.#collectFile(walk, directory, { name, look, is_named });
    }
  }

  #collectFile(walk: Walk, directory: Directory, { name, look, is_named }: Match): void {
    // A link was put in its place just now: the next scan has it.
    if (look.kind !== "file") return;
    const path = joinPath(directory.path, name);
    const verdict = this.#admission.refusalOfFile(directory, name, look);
    if (verdict !== undefined) return refuse(walk, path, verdict, is_named);
    add(walk, { path, directory: directory.real, name, look });
  }

  async #collectLink(walk: Walk, directory: Directory, match: Match): Promise<void> {
    const { name, look, is_named } = match;
    // Of a link to a directory only a path that names it can have meant a file.
    if (look.kind === "directory" && !is_named) return;
    const path = joinPath(directory.path, name);
    try {
      const real = joinPath(directory.real, name);
      const admitted = await this.#admission.admitLink(real, walk.base!);
      if ("reason" in admitted) return refuse(walk, path, admitted, true);
      add(walk, { path, ...admitted });
    } catch (error) {
      // One that was swapped just now is gone; the next scan sees where it leads.
      if (!isGone(error)) noteUnknown(walk, path, errorCode(error));
    }
  }

  /** No path leads to a name that is not UTF-8. */
  #refuseMisnamed(
    walk: Walk,
    { path, misnamed }: Directory,
    { segment, is_last }: { segment: GlobSegment; is_last: boolean },
  ): void {
    for (const { name, shown, kind } of misnamed) {
      if (kind === "directory" ? is_last : !is_last) continue;
      if (!segmentMatches(segment, name) || this.#excluded(joinPath(path, name))) continue;
      const verdict = { reason: "misnamed", message: misnamed_message } as const;
      refuse(walk, joinPath(path, shown), { ...verdict, real: undefined, key: undefined }, true);
    }
  }

  /** The directory's names that match and are not excluded, in order. Found once for each listing. */
  #matching({ path, names }: Directory, segment: GlobSegment): Matching {
    const known = this.#matched.get(names) ?? new Map<GlobSegment, Matching>();
    this.#matched.set(names, known);
    let matching = known.get(segment);
    if (matching === undefined) {
      const wanted: string[] = [];
      let excluded: string | undefined;
      for (const [name, { kind }] of names) {
        if (!segmentMatches(segment, name)) continue;
        if (kind === "directory" || !this.#excluded(joinPath(path, name))) wanted.push(name);
        else excluded ??= name;
      }
      matching = { names: wanted.sort(), excluded };
      known.set(segment, matching);
    }
    return matching;
  }

  /** Watches the nearest directory above, in which the missing one would appear. */
  #unlistable(walk: Walk, path: string, error: string): Promise<void> {
    const missing = error === "ENOENT" || error === "ENOTDIR";
    if (!missing) noteUnknown(walk, path, error);
    if (this.#unlisted.get(path) !== error) {
      this.#unlisted.set(path, error);
      const facts = { path, error };
      if (missing) {
        this.#log.info("directory_missing", facts, "Directory does not exist yet. Waiting for it.");
      } else {
        this.#log.warn("directory_unreadable", facts, "Directory cannot be read. Trying again.");
      }
    }
    return this.#watchAbove(walk, path);
  }

  async #watchAbove(walk: Walk, path: string): Promise<void> {
    for (let above = dirname(path); ; above = dirname(above)) {
      const directory = await this.#directories.list(above);
      if (!("error" in directory)) {
        walk.directories.add(above);
        return;
      }
      if (above === "/") return;
    }
  }
}

/** Names of a directory that match a segment. */
interface Matching {
  readonly names: readonly string[];
  /** One that is excluded. */
  readonly excluded: string | undefined;
}

/** A name that matches, and what was seen there. */
interface Match {
  readonly name: string;
  readonly look: Look;
  /** Whether the glob ends with just this name. */
  readonly is_named: boolean;
}
