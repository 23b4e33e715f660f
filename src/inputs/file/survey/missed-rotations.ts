/**
 * MissedRotations: files that lie rotated beside a followed one although nobody saw them under its name, because they
 * were created and rotated away between two looks, or while tallyman was stopped.
 *
 * They are reported from what had been rotated before the followed file was known by their time of change; and after a start
 * by the time of their birth, too, as one may have been missed while a later one was met.
 */
import type { Arrival } from "./arrivals.ts";
import type { BirthTimes } from "../discovery/birth-times.ts";
import { joinPath, type Directories, type Directory } from "../discovery/directories.ts";
import type { Look } from "../discovery/file-access.ts";
import type { Roster } from "../files/roster.ts";
import { isForeign, isPackedName, rotatedFrom } from "./rotation.ts";

/** While running, what is older than this is an unpacked archive; less may be a clock that was set back. */
const clock_step_ms = 60 * 60 * 1000;

interface Base {
  /** Time of change of the latest file that was known from here at the last survey. */
  known_until_ms: number;
  /** How much older than that a file may be that is still new. */
  slack_ms: number;
  /** As in Look: when the oldest file from here was born that was known at the start; undefined later. */
  oldest_birth?: string | undefined;
}

interface Candidate {
  readonly place: string;
  readonly base: string;
  readonly directory: string;
  readonly name: string;
  readonly look: Look;
}

export class MissedRotations {
  readonly #roster: Roster;
  readonly #directories: Directories;
  readonly #births: BirthTimes;
  readonly #rotated = new WeakMap<Directory["names"], Map<string, string[]>>();
  /** By the place that rotation starts from. */
  readonly #bases = new Map<string, Base>();
  /** Files that are older than what is followed, by key, with their birth time. */
  readonly #passed_over = new Map<string, string>();

  /** Files restored from an earlier run must be in the roster already. */
  constructor(roster: Roster, directories: Directories, births: BirthTimes) {
    this.#roster = roster;
    this.#directories = directories;
    this.#births = births;
    const oldest = this.#oldestBirths();
    for (const [place, known_until_ms] of this.#knownUntil()) {
      this.#bases.set(place, { known_until_ms, slack_ms: 0, oldest_birth: oldest.get(place) });
    }
  }

  /** Finds the siblings that are to be read, those that are held among them. */
  async find(isHeld: (key: string) => boolean): Promise<Arrival[]> {
    const arrivals: Arrival[] = [];
    const candidates = await this.#candidates();
    for (const { place, base, directory, name, look } of candidates) {
      const known = this.#bases.get(place);
      if (known === undefined) continue;
      // One that was compressed since kept its time of change, and was born when it was compressed.
      const since_ms = isPackedName(name) ? known.known_until_ms : this.#newSince(known, look);
      if (!isHeld(look.key) && !this.#isNew(look, since_ms)) continue;
      const path = this.#pathOf(directory, base);
      arrivals.push({ path, directory, name, look, by: "rotation", base, start_at: "beginning" });
    }
    const keys = new Set(candidates.map(({ look }) => look.key));
    for (const key of this.#passed_over.keys()) if (!keys.has(key)) this.#passed_over.delete(key);
    return arrivals;
  }

  /**
   * Takes note of how far the files are known now. Where they are known from a place for the first time, what
   * lies rotated beside them had been there before.
   */
  async remember(): Promise<void> {
    const known_until = this.#knownUntil();
    const is_new_place = [...known_until.keys()].some((place) => !this.#bases.has(place));
    for (const { place, look } of is_new_place ? await this.#candidates() : []) {
      // Of the same instant is older here: a file is created after the one before it was rotated.
      if (!this.#bases.has(place)) this.#isNew(look, (known_until.get(place) ?? 0) + 0.001);
    }
    this.#bases.clear();
    for (const [place, known_until_ms] of known_until) {
      this.#bases.set(place, { known_until_ms, slack_ms: clock_step_ms });
    }
  }

  #knownUntil(): Map<string, number> {
    const known_until = new Map<string, number>();
    for (const { state, origin_place, identity } of this.#roster) {
      if (state === "retired") continue;
      const other_ms = known_until.get(origin_place) ?? 0;
      known_until.set(origin_place, Math.max(other_ms, identity.mtime_ms));
    }
    return known_until;
  }

  #oldestBirths(): Map<string, string> {
    const oldest = new Map<string, string>();
    for (const { origin_place, identity } of this.#roster) {
      const { birth } = identity;
      const other = oldest.get(origin_place);
      if (birth === "0" || (other !== undefined && BigInt(other) <= BigInt(birth))) continue;
      oldest.set(origin_place, birth);
    }
    return oldest;
  }

  /** From which time of change on a file is new. One that was born since files are known from its place may be older. */
  #newSince({ known_until_ms, slack_ms, oldest_birth }: Base, look: Look): number {
    const is_later = oldest_birth !== undefined && this.#births.isLater(look, oldest_birth);
    return known_until_ms - (is_later ? clock_step_ms : slack_ms);
  }

  /** Files that lie rotated beside a followed one and are not followed. */
  async #candidates(): Promise<Candidate[]> {
    const candidates: Candidate[] = [];
    const paths = new Set<string>();
    for (const { identity } of this.#roster) paths.add(identity.directory);
    for (const path of paths) {
      const directory = await this.#directories.list(path);
      if ("error" in directory) continue;
      const bases = new Map<string, string>();
      for (const [name, origins] of this.#rotatedNames(directory)) {
        const base = origins.find((origin) => this.#roster.hasBase(path, origin));
        if (base !== undefined) bases.set(name, base);
      }
      for (const [name, look] of await this.#directories.look(directory, [...bases.keys()])) {
        if (look.kind !== "file" || this.#roster.withKey(look.key) !== undefined) continue;
        const base = bases.get(name)!;
        candidates.push({ place: joinPath(path, base), base, directory: path, name, look });
      }
    }
    return candidates;
  }

  /** The names that rotation may have made, with what they may come from. Found once for each listing. */
  #rotatedNames({ names }: Directory): ReadonlyMap<string, string[]> {
    let rotated = this.#rotated.get(names);
    if (rotated === undefined) {
      rotated = new Map();
      for (const [name, { kind }] of names) {
        if (kind !== "file" || isForeign(name)) continue;
        const origins = rotatedFrom(name);
        if (origins.length > 0) rotated.set(name, origins);
      }
      this.#rotated.set(names, rotated);
    }
    return rotated;
  }

  /** Whether it was changed since; if not, it is passed over from now on. */
  #isNew(look: Look, since_ms: number): boolean {
    const birth = this.#passed_over.get(look.key);
    if (birth !== undefined && !this.#births.differ(birth, look)) return false;
    if (look.mtime_ms >= since_ms) return true;
    this.#passed_over.set(look.key, look.birth);
    return false;
  }

  /** The path under which the events of the rotated file would have been read. */
  #pathOf(directory: string, base: string): string {
    for (const { identity } of this.#roster.fromBase(directory, base)) return identity.path;
    return joinPath(directory, base);
  }
}
