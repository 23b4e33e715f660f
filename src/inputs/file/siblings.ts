/**
 * Siblings: files that lie rotated beside a followed one although nobody saw them under its name, because they
 * were created and rotated away between two looks, or while tallyman was stopped.
 *
 * They are told from what had been rotated before the followed file was known by their time of change.
 */
import type { Arrival } from "./arrivals.ts";
import type { BirthTimes } from "./birth-times.ts";
import { joinPath, type Directories } from "./directories.ts";
import type { Look } from "./file-access.ts";
import type { Roster } from "./roster.ts";
import { isCompressed, rotatedFrom } from "./rotation.ts";

/** While running, what is older than this is an unpacked archive; less may be a clock that was set back. */
const clock_step_ms = 60 * 60 * 1000;

interface Base {
  /** Time of change of the latest file that was known from here at the last scan. */
  known_until_ms: number;
  /** How much older than that a file may be that is still new. */
  slack_ms: number;
}

export class Siblings {
  readonly #roster: Roster;
  readonly #directories: Directories;
  readonly #births: BirthTimes;
  /** By the place that rotation starts from. */
  readonly #bases = new Map<string, Base>();
  /** Files that are older than what is followed, by key, with their birth time. */
  readonly #passed_over = new Map<string, string>();

  constructor(roster: Roster, directories: Directories, births: BirthTimes) {
    this.#roster = roster;
    this.#directories = directories;
    this.#births = births;
  }

  /** Takes note of how far the files are known now; what is newer at the next call of `find` is new. */
  remember(slack: "none" | "clock"): void {
    const places = new Set<string>();
    for (const file of this.#roster) {
      if (file.state === "retired") continue;
      const { origin_place, identity } = file;
      const base = this.#bases.get(origin_place);
      const before_ms = places.has(origin_place) && base !== undefined ? base.known_until_ms : 0;
      places.add(origin_place);
      this.#bases.set(origin_place, {
        known_until_ms: Math.max(before_ms, identity.mtime_ms),
        slack_ms: slack === "clock" ? clock_step_ms : 0,
      });
    }
    for (const place of this.#bases.keys()) if (!places.has(place)) this.#bases.delete(place);
  }

  /** Finds the siblings that are to be read and are not known by `isKnown`. */
  async find(isKnown: (key: string) => boolean): Promise<Arrival[]> {
    const arrivals: Arrival[] = [];
    const paths = new Set<string>();
    for (const { identity } of this.#roster) paths.add(identity.directory);
    const seen = new Set<string>();
    for (const path of paths) {
      const directory = await this.#directories.list(path);
      if ("error" in directory) continue;
      const bases = new Map<string, string>();
      for (const [name, { kind }] of directory.names) {
        if (kind !== "file" || isCompressed(name)) continue;
        const base = rotatedFrom(name).find((origin) => this.#roster.hasBase(path, origin));
        if (base !== undefined) bases.set(name, base);
      }
      for (const [name, look] of await this.#directories.look(directory, [...bases.keys()])) {
        const base = bases.get(name)!;
        seen.add(look.key);
        if (look.kind !== "file" || this.#roster.withKey(look.key) !== undefined) continue;
        if (!isKnown(look.key) && !this.#isNew(joinPath(path, base), look)) continue;
        const origin = this.#originOf(path, base);
        arrivals.push({
          path: origin,
          directory: path,
          name,
          look,
          by: "rotation",
          base,
          start_at: "beginning",
        });
      }
    }
    for (const key of this.#passed_over.keys()) if (!seen.has(key)) this.#passed_over.delete(key);
    return arrivals;
  }

  #isNew(place: string, look: Look): boolean {
    const birth = this.#passed_over.get(look.key);
    if (birth !== undefined && !this.#births.differ(birth, look)) return false;
    const base = this.#bases.get(place);
    if (base !== undefined && look.mtime_ms >= base.known_until_ms - base.slack_ms) return true;
    this.#passed_over.set(look.key, look.birth);
    return false;
  }

  /** The path under which the events of the rotated file would have been read. */
  #originOf(directory: string, base: string): string {
    for (const { identity } of this.#roster.fromBase(directory, base)) return identity.path;
    return joinPath(directory, base);
  }
}
