/**
 * Discovery: walks the globs and says which files match, and which directories it looked into.
 *
 * It goes down one path segment at a time, follows symlinks to files and to directories, and is safe from loops:
 * no directory is walked twice for the same rest of a glob.
 */
import { dirname, basename } from "node:path";
import { realpath } from "node:fs/promises";
import type { Logger } from "../../platform/log.ts";
import { joinPath, type Directories, type Directory } from "./directories.ts";
import type { Look } from "./file-access.ts";
import { segmentMatches, type Glob, type GlobSegment } from "./globs.ts";

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
  /** Files and directories of which nothing is known, because they cannot be looked at now. */
  readonly unknown: Set<string>;
  /** Directories to watch, by path; several paths may lead to one. */
  readonly directories: Set<string>;
}

/** Stands in a name for bytes that are no UTF-8. */
const replacement_character = "\ufffd";

interface Walk extends Discovered {
  /** Directory keys and rest of the glob that were walked. */
  readonly walked: Set<string>;
  readonly paths: Set<string>;
}

export class Discovery {
  readonly #globs: readonly Glob[];
  readonly #excluded: (path: string) => boolean;
  readonly #directories: Directories;
  readonly #log: Logger;
  readonly #matched = new WeakMap<Directory["names"], Map<GlobSegment, string[]>>();
  /** Directories that could not be listed at the last look, and why. */
  readonly #unlisted = new Map<string, string>();
  /** Directories of which it was said that they hold files with a name that is no UTF-8. */
  readonly #unnameable = new Set<string>();

  constructor(
    globs: readonly Glob[],
    excluded: (path: string) => boolean,
    directories: Directories,
    log: Logger,
  ) {
    this.#globs = globs;
    this.#excluded = excluded;
    this.#directories = directories;
    this.#log = log;
  }

  async scan(): Promise<Discovered> {
    const walk: Walk = {
      files: [],
      unknown: new Set(),
      directories: new Set(),
      walked: new Set(),
      paths: new Set(),
    };
    for (const glob of this.#globs) {
      walk.walked.clear();
      await this.#walk(walk, glob.base, glob.segments);
    }
    return walk;
  }

  async #walk(walk: Walk, path: string, segments: readonly GlobSegment[]): Promise<void> {
    const directory = await this.#directories.list(path);
    if ("error" in directory) return this.#unlistable(walk, path, directory.error);
    if (this.#unlisted.delete(path)) this.#log.info({ path }, "Directory can be read now");
    walk.directories.add(path);
    const step = `${segments.length} ${directory.key}`;
    if (walk.walked.has(step)) return;
    walk.walked.add(step);
    const [segment, ...rest] = segments;
    if (segment!.kind === "deep") await this.#walk(walk, path, rest);
    if (rest.length === 0) return this.#collect(walk, directory, segment!);
    const names = this.#matching(directory, segment!);
    const looks = await this.#directories.look(
      directory,
      names.filter((name) => directory.names.get(name)!.kind === "link"),
    );
    for (const name of names) {
      const kind = looks.get(name)?.kind ?? directory.names.get(name)!.kind;
      if (kind !== "directory") continue;
      const below = joinPath(path, name);
      await this.#walk(walk, below, segment!.kind === "deep" ? segments : rest);
    }
  }

  async #collect(walk: Walk, directory: Directory, segment: GlobSegment): Promise<void> {
    const wanted = this.#matching(directory, segment).filter((name) => {
      const { kind } = directory.names.get(name)!;
      if (kind !== "file" && kind !== "link") return false;
      return !walk.paths.has(joinPath(directory.path, name));
    });
    const looks = await this.#directories.look(directory, wanted);
    for (const name of wanted) {
      if (looks.has(name)) continue;
      const path = joinPath(directory.path, name);
      if (directory.names.get(name)?.look !== "gone") walk.unknown.add(path);
      else if (name.includes(replacement_character)) this.#reportName(directory.path, name);
    }
    for (const [name, look] of looks) {
      if (look.kind !== "file") continue;
      const path = joinPath(directory.path, name);
      const place = await this.#placeOf(directory, name, path);
      if (place === undefined) continue;
      walk.paths.add(path);
      walk.directories.add(place.directory);
      walk.files.push({ path, ...place, look });
    }
  }

  /** A name that is no UTF-8 is listed with other bytes than it has, so that no path leads to it. */
  #reportName(directory: string, name: string): void {
    if (this.#unnameable.has(directory)) return;
    this.#unnameable.add(directory);
    const path = joinPath(directory, name);
    this.#log.warn({ path }, "Files whose name is not UTF-8 cannot be followed; this is one");
  }

  /** The directory's names that match and are not excluded, in order. Found once for each listing. */
  #matching({ path, names }: Directory, segment: GlobSegment): readonly string[] {
    const known = this.#matched.get(names) ?? new Map<GlobSegment, string[]>();
    this.#matched.set(names, known);
    let matching = known.get(segment);
    if (matching === undefined) {
      matching = [...names]
        .filter(([name]) => segmentMatches(segment, name))
        .filter(([name, { kind }]) => kind === "directory" || !this.#excluded(joinPath(path, name)))
        .map(([name]) => name)
        .sort();
      known.set(segment, matching);
    }
    return matching;
  }

  async #placeOf(directory: Directory, name: string, path: string) {
    if (directory.names.get(name)!.kind === "file") return { directory: directory.real, name };
    try {
      const real = await realpath(path);
      return { directory: dirname(real), name: basename(real) };
    } catch {
      // The link was swapped just now; the next scan sees where to.
      return undefined;
    }
  }

  /** Watches the nearest directory above, in which the missing one would appear. */
  #unlistable(walk: Walk, path: string, error: string): Promise<void> {
    const missing = error === "ENOENT" || error === "ENOTDIR";
    if (!missing) walk.unknown.add(path);
    if (this.#unlisted.get(path) !== error) {
      this.#unlisted.set(path, error);
      const message = missing
        ? "Directory does not exist yet; waiting for it"
        : "Directory cannot be read; trying again";
      this.#log[missing ? "info" : "warn"]({ path, error }, message);
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
