/**
 * What is tallyman's own, of which nothing is ever followed: its state would grow with every event about it, and
 * its secrets would leave the host. Known by path and, as a link or a mount gives it another one, by device and inode.
 */
import { readdir, realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Clock } from "../../../platform/clock.ts";
import { joinPath } from "./directories.ts";
import { lookAt, lookAtOpen } from "./file-access.ts";

/** One file or directory of tallyman's own. What does not exist yet is known once it does. */
export type OwnPlace =
  | { readonly kind: "file" | "directory"; readonly path: string; readonly what: string }
  /** A file, and those beside it with a number behind its name. */
  | { readonly kind: "numbered"; readonly path: string; readonly what: string }
  /** Whatever is open. */
  | { readonly kind: "open"; readonly descriptor: number; readonly what: string };

/** Below a directory of tallyman's own, directories are known by inode too: down to here, and so many. */
const depth_max = 3;
const directories_max = 10_000;

/** What was found in a look less than this ago is not looked for again: many inputs share it. */
const fresh_ms = 500;

export class OwnFiles {
  readonly #places: () => readonly OwnPlace[];
  readonly #clock: Clock;
  #found = new FoundPlaces();
  #looked: { places: readonly OwnPlace[]; at_ms: number; done: Promise<void> } | undefined;

  /** `places` gives those of the configuration in force: the same list for as long as they are the same. */
  constructor(places: () => readonly OwnPlace[], clock: Clock) {
    this.#places = places;
    this.#clock = clock;
  }

  /** Looks again where everything is. Never rejects: what cannot be looked at keeps its path. */
  look(): Promise<void> {
    const places = this.#places();
    const now_ms = this.#clock.monotonic();
    const last = this.#looked;
    if (last?.places === places && now_ms - last.at_ms < fresh_ms) return last.done;
    const done = this.#find(places);
    this.#looked = { places, at_ms: now_ms, done };
    return done;
  }

  async #find(places: readonly OwnPlace[]): Promise<void> {
    const found = new FoundPlaces();
    await found.find(places);
    this.#found = found;
  }

  /** What a directory is, by itself or as a part of another; undefined where it is not tallyman's. */
  directory(real: string, key: string): string | undefined {
    return this.#found.directory(real, key);
  }

  /** The same for a file, by its real directory and its name there. */
  file(directory: string, name: string, key: string): string | undefined {
    return this.#found.file(directory, name, key);
  }
}

class FoundPlaces {
  /** What each is, by device and inode. */
  readonly #by_key = new Map<string, string>();
  /** By real path. */
  readonly #directories = new Map<string, string>();
  /** By real directory, then by name. */
  readonly #files = new Map<string, Map<string, OwnPlace>>();

  async find(places: readonly OwnPlace[]): Promise<void> {
    for (const place of places) await this.#add(place);
  }

  directory(real: string, key: string): string | undefined {
    const known = this.#by_key.get(key);
    if (known !== undefined) return known;
    for (let above = real; ; above = dirname(above)) {
      const what = this.#directories.get(above);
      if (what !== undefined || above === "/") return what;
    }
  }

  file(directory: string, name: string, key: string): string | undefined {
    const known = this.#by_key.get(key);
    if (known !== undefined) return known;
    const files = this.#files.get(directory);
    if (files === undefined) return undefined;
    const numbered = files.get(name.replace(/\.\d+$/, ""));
    return files.get(name)?.what ?? (numbered?.kind === "numbered" ? numbered.what : undefined);
  }

  async #add(place: OwnPlace): Promise<void> {
    const { kind, what } = place;
    if (kind === "open") {
      const look = await lookAtOpen(place.descriptor).catch(() => undefined);
      if (look?.kind === "file") this.#by_key.set(look.key, what);
      return;
    }
    const real = await realPathOf(place.path);
    if (kind === "directory") {
      this.#directories.set(real, what);
      await this.#addKeys(real, what, 0);
      return;
    }
    const directory = dirname(real);
    const files = this.#files.get(directory) ?? new Map<string, OwnPlace>();
    this.#files.set(directory, files.set(basename(real), place));
    const look = await lookAt(real).catch(() => undefined);
    if (look !== undefined) this.#by_key.set(look.key, what);
  }

  /** Of the directory and those in it: each can be mounted elsewhere by itself. */
  async #addKeys(path: string, what: string, depth: number): Promise<void> {
    const look = await lookAt(path).catch(() => undefined);
    if (look?.kind !== "directory" || this.#by_key.size > directories_max) return;
    this.#by_key.set(look.key, what);
    if (depth === depth_max) return;
    const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.isDirectory()) await this.#addKeys(joinPath(path, entry.name), what, depth + 1);
    }
  }
}

/** Without symlinks, as far as it exists. */
async function realPathOf(path: string): Promise<string> {
  if (path === "/") return path;
  try {
    return await realpath(path);
  } catch {
    return joinPath(await realPathOf(dirname(path)), basename(path));
  }
}
