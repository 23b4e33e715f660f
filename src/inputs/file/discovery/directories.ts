/**
 * What the directories hold, kept between scans, so that a scan costs little where nothing changed.
 *
 * A directory is listed again when its time of change moved, when that time is so recent that a further change
 * might hide behind it, or when a notification named it. A name is looked at again at each full scan.
 */
import { isUtf8 } from "node:buffer";
import { readdir, realpath } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../../platform/clock.ts";
import {
  errorCode,
  isGone,
  kindOf,
  lookAt,
  lookAtEntry,
  type Kind,
  type Look,
} from "./file-access.ts";

/** What is known of one directory. */
export interface Directory {
  readonly path: string;
  /** The path without symlinks. */
  readonly real: string;
  readonly key: string;
  readonly device: string;
  /** As in Look. */
  readonly birth: string;
  readonly changed: string;
  readonly names: Map<string, Entry>;
  /** Whether it was listed since the last full scan but one. */
  readonly is_new: boolean;
  /** Files and directories with a name that is not UTF-8, so that no path leads to them. */
  readonly misnamed: readonly Misnamed[];
}

export interface Entry {
  readonly kind: Kind;
  /**
   * The look taken in this scan or, where no full scan has come since, an earlier one. Of a link, what it leads to; of all
   * else, what is there itself, in case that a link was put in its place.
   */
  look: Look | "gone" | undefined;
  /** Why it could not be looked at, such as EACCES. */
  trouble?: string | undefined;
}

/** Of names in a directory, those at which there is need to look: what is at the others is known, and that their path leads to it. */
export type LookedAt = (directory: Directory, names: readonly string[]) => readonly string[];

export interface Misnamed {
  /** With a character instead of each byte that is not UTF-8. */
  readonly name: string;
  /** With these bytes as `\xff`, so that names differ. */
  readonly shown: string;
  readonly kind: Kind;
}

/** A directory that cannot be listed now. */
export interface Unlisted {
  readonly error: string;
}

interface Kept extends Directory {
  is_new: boolean;
  listed_at_ms: number;
  listed_in: number;
  scan: number;
}

/** Of all names that were not looked at, by what there is: of very many names, nearly all. */
const unlooked = new Map<Kind, Entry>();

function unlookedEntry(kind: Kind): Entry {
  const known = unlooked.get(kind) ?? Object.freeze({ kind, look: undefined });
  unlooked.set(kind, known);
  return known;
}

/** Coarser than the clock of any file system in use. */
const change_granularity_ms = 2500;
/** Of very many names that are known, others have their turn after so many: what is done with these takes some milliseconds. */
const turn_names = 2048;
/** Looks in progress at a time: enough for the thread pool, few enough to let reads through. */
export const looks_max = 32;

export class Directories {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();
  /** Directories in which something was notified since they were listed. */
  readonly #stale = new Set<string>();
  #scan = 0;
  /** Names that were given since others had their turn. */
  #turn_names = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins a scan. A full one trusts nothing that was seen before. */
  begin(kind: "full" | "changes"): void {
    if (kind === "changes") return;
    this.#scan += 1;
    for (const [path, kept] of this.#kept) {
      if (kept.scan < this.#scan - 2) {
        this.#kept.delete(path);
        this.#stale.delete(path);
      }
    }
  }

  /** Says that a notification named the directory, and a name in it where it did. */
  changed(path: string, name: string | undefined): void {
    this.#stale.add(path);
    const names = this.#kept.get(path)?.names;
    const entry = name === undefined ? undefined : names?.get(name);
    // A new entry, so that a look that is in progress does not end up in it.
    if (entry !== undefined) names!.set(name!, unlookedEntry(entry.kind));
  }

  /** Forgets what was seen at a name. */
  unlook(path: string, name: string): void {
    const names = this.#kept.get(path)?.names;
    const entry = names?.get(name);
    if (entry !== undefined) names!.set(name, unlookedEntry(entry.kind));
  }

  /**
   * Forgets what the directory held. For whoever has seen a change that must be later than another one in the
   * directory, of which the notification may still be on its way.
   */
  forget(path: string): void {
    this.#kept.delete(path);
  }

  /** The directory at `path`, or why it cannot be listed. */
  async list(path: string): Promise<Directory | Unlisted> {
    if (this.#turn_names >= turn_names) {
      this.#turn_names = 0;
      await nextTurn();
    }
    const kept = this.#kept.get(path);
    this.#turn_names += kept?.names.size ?? 0;
    if (kept !== undefined && kept.scan === this.#scan && !this.#stale.has(path)) return kept;
    try {
      const look = await lookAt(path);
      if (look.kind !== "directory") return { error: "ENOTDIR" };
      const same = kept?.key === look.key ? kept : undefined;
      if (same !== undefined && this.#isCurrent(same, look)) {
        if (same.scan !== this.#scan)
          for (const [name, entry] of same.names) {
            const unlooked_entry = unlookedEntry(entry.kind);
            if (entry !== unlooked_entry) same.names.set(name, unlooked_entry);
          }
        same.scan = this.#scan;
        same.is_new = same.listed_in >= this.#scan - 1;
        return same;
      }
      const listed = await this.#read(path, look, same);
      this.#kept.set(path, listed);
      return listed;
    } catch (error) {
      this.#kept.delete(path);
      return { error: errorCode(error) };
    }
  }

  /** A look at each of the names, from memory where it is fresh; those that are gone are left out. */
  async look(directory: Directory, names: readonly string[]): Promise<Map<string, Look>> {
    const found = new Map<string, Look>();
    for (let from = 0; from < names.length; from += looks_max) {
      const some = names.slice(from, from + looks_max);
      const looks = await Promise.all(some.map((name) => this.#lookOnce(directory, name)));
      some.forEach((name, index) => {
        const look = looks[index];
        if (look !== undefined && look !== "gone") found.set(name, look);
      });
    }
    return found;
  }

  #isCurrent(kept: Kept, look: Look): boolean {
    if (this.#stale.has(kept.path) || kept.changed !== look.changed) return false;
    return kept.listed_at_ms - Number(BigInt(look.changed) / 1_000_000n) > change_granularity_ms;
  }

  async #read(path: string, look: Look, before: Kept | undefined): Promise<Kept> {
    const listed_at_ms = this.#clock.now();
    this.#stale.delete(path);
    const [{ entries, misnamed }, real] = await Promise.all([entriesOf(path), realpath(path)]);
    const names = new Map<string, Entry>();
    for (const { name, kind } of entries) {
      const known = before?.scan === this.#scan ? before.names.get(name) : undefined;
      const is_known = known?.kind === kind && known.look !== undefined;
      names.set(name, is_known ? { kind, look: known.look } : unlookedEntry(kind));
    }
    const { key, device, birth, changed } = look;
    const scan = this.#scan;
    const listed = { listed_at_ms, listed_in: scan, scan, is_new: true };
    return { path, real, key, device, birth, changed, names, misnamed, ...listed };
  }

  async #lookOnce(directory: Directory, name: string): Promise<Look | "gone" | undefined> {
    const known = directory.names.get(name);
    if (known === undefined || known.look !== undefined) return known?.look;
    const entry: Entry = { kind: known.kind, look: undefined };
    directory.names.set(name, entry);
    const look = entry.kind === "link" ? lookAt : lookAtEntry;
    try {
      entry.look = await look(joinPath(directory.path, name), this.#clock.monotonic());
    } catch (error) {
      // Other errors are no look: the next one who asks looks again.
      if (isGone(error)) entry.look = "gone";
      else entry.trouble = errorCode(error);
    }
    return entry.look;
  }
}

/** What is in a name for bytes that are not UTF-8, and may be in a name by itself. */
const replacement_character = "\ufffd";

async function entriesOf(
  path: string,
): Promise<{ entries: { name: string; kind: Kind }[]; misnamed: Misnamed[] }> {
  const entries = (await readdir(path, { withFileTypes: true })).map((dirent) => {
    return { name: dirent.name, kind: kindOf(dirent) };
  });
  if (!entries.some(({ name }) => name.includes(replacement_character))) {
    return { entries, misnamed: [] };
  }
  const dirents = await readdir(path, { withFileTypes: true, encoding: "buffer" });
  return {
    entries: dirents
      .filter(({ name }) => isUtf8(name))
      .map((dirent) => ({ name: dirent.name.toString(), kind: kindOf(dirent) })),
    misnamed: dirents
      .filter(({ name }) => !isUtf8(name))
      .map((dirent) => {
        const { name } = dirent;
        return { name: name.toString(), shown: shownName(name), kind: kindOf(dirent) };
      }),
  };
}

/** The name with every byte that is not ASCII as `\xff`. */
function shownName(name: Buffer): string {
  return name.toString("latin1").replaceAll(/[^ -~]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

export function joinPath(directory: string, name: string): string {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}
