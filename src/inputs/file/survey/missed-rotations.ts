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
import type { FollowedFile } from "../files/followed-file.ts";
import type { Roster } from "../files/roster.ts";
import { isForeign, isPackedName, rotatedFrom } from "./rotation.ts";

/** While running, what is older than this is an unpacked archive; less may be a clock that was set back. */
const clock_step_ms = 60 * 60 * 1000;

/** By name, the one that it comes from. */
type Rotated = ReadonlyMap<string, string>;

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
  /** What was found in a listing, for as long as no other places of the directory are known. */
  readonly #rotated = new WeakMap<Directory["names"], { version: number; bases: Rotated }>();
  /** By the place that rotation starts from: time of change of the latest file that was known from there at the last survey. */
  readonly #known_until = new Map<string, number>();
  /** How much older than that a file may be that is still new. */
  #slack_ms = 0;
  /** By place, as in Look: when the oldest file from there was born that was known at the start; undefined later. */
  #oldest_births: Map<string, string> | undefined = new Map();
  /** Files that are older than what is followed, by key, with their birth time. */
  readonly #passed_over = new Map<string, string>();

  /** Files restored from an earlier run must be in the roster already. */
  constructor(roster: Roster, directories: Directories, births: BirthTimes) {
    this.#roster = roster;
    this.#directories = directories;
    this.#births = births;
    for (const { origin_place, identity } of roster) this.#noteBirth(origin_place, identity.birth);
    this.#know(this.#latestOf(roster));
    // What is known of one that sleeps is that it is as it was.
    roster.onWake = ({ origin_place, identity }) => {
      if (!this.#known_until.has(origin_place))
        this.#known_until.set(origin_place, identity.mtime_ms);
      this.#noteBirth(origin_place, identity.birth);
    };
  }

  /** Finds the siblings that are to be read, those that are held among them. */
  async find(isHeld: (key: string) => boolean): Promise<Arrival[]> {
    const arrivals: Arrival[] = [];
    const candidates = await this.#candidates();
    for (const { place, base, directory, name, look } of candidates) {
      const known_until_ms = this.#knownUntil(place);
      if (known_until_ms === undefined) continue;
      // One that was compressed since kept its time of change, and was born when it was compressed.
      const slack_ms = isPackedName(name) ? 0 : this.#slackOf(place, look);
      const since_ms = known_until_ms - slack_ms;
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
   * lies rotated beside them had been there before. Of a place where all files were `isPassedOver` nothing has changed.
   */
  async remember(isPassedOver: (file: FollowedFile) => boolean): Promise<void> {
    const known = this.#known_until;
    // Places that are not known any more are forgotten.
    const is_all = known.size > this.#roster.place_count;
    const latest = this.#latestOf(is_all ? this.#roster : this.#besides(isPassedOver));
    const is_new_place = [...latest].some(
      ([place, at_ms]) => at_ms !== undefined && this.#knownUntil(place) === undefined,
    );
    for (const { place, look } of is_new_place ? await this.#candidates() : []) {
      // Of the same instant is older here: a file is created after the one before it was rotated.
      if (this.#knownUntil(place) === undefined)
        this.#isNew(look, (latest.get(place) ?? 0) + 0.001);
    }
    if (is_all) known.clear();
    this.#know(latest);
    this.#slack_ms = clock_step_ms;
    this.#oldest_births = undefined;
  }

  /** Says that nothing has to be kept of a place whose file sleeps. */
  sleeps(place: string): void {
    if (this.#roster.awakeFrom(place).length === 0) this.#known_until.delete(place);
  }

  #knownUntil(place: string): number | undefined {
    return this.#known_until.get(place) ?? this.#roster.asleepFrom(place)?.mtime_ms;
  }

  #know(latest: ReadonlyMap<string, number | undefined>): void {
    for (const [place, at_ms] of latest) {
      if (at_ms === undefined) this.#known_until.delete(place);
      else this.#known_until.set(place, at_ms);
    }
  }

  /** All files that come from the same places as those that were not passed over. */
  *#besides(isPassedOver: (file: FollowedFile) => boolean): Generator<FollowedFile> {
    const places = new Set<string>();
    for (const file of this.#roster) {
      if (isPassedOver(file) || places.has(file.origin_place)) continue;
      places.add(file.origin_place);
      yield* this.#roster.awakeFrom(file.origin_place);
    }
  }

  /** By place, when the latest of these files was changed; undefined where none of them is followed any more. */
  #latestOf(files: Iterable<FollowedFile>): Map<string, number | undefined> {
    const latest = new Map<string, number | undefined>();
    for (const { state, origin_place, identity } of files) {
      const other_ms = latest.get(origin_place);
      const own_ms = state === "retired" ? undefined : identity.mtime_ms;
      if (own_ms === undefined) latest.set(origin_place, other_ms);
      else latest.set(origin_place, Math.max(other_ms ?? 0, own_ms));
    }
    if (this.#roster.sleepers.count === 0) return latest;
    for (const [place, at_ms] of latest) {
      const asleep_ms = this.#roster.asleepFrom(place)?.mtime_ms;
      if (asleep_ms !== undefined) latest.set(place, Math.max(at_ms ?? 0, asleep_ms));
    }
    return latest;
  }

  #noteBirth(place: string, birth: string): void {
    const other = this.#oldest_births?.get(place);
    if (birth === "0" || (other !== undefined && BigInt(other) <= BigInt(birth))) return;
    this.#oldest_births?.set(place, birth);
  }

  /** How much older than what is known a file may be that is new: more where it was born since files are known from its place. */
  #slackOf(place: string, look: Look): number {
    const oldest_birth = this.#oldestBirth(place);
    const is_later = oldest_birth !== undefined && this.#births.isLater(look, oldest_birth);
    return is_later ? clock_step_ms : this.#slack_ms;
  }

  #oldestBirth(place: string): string | undefined {
    if (this.#oldest_births === undefined) return undefined;
    const awake = this.#oldest_births.get(place);
    const asleep = this.#roster.asleepFrom(place)?.birth ?? "0";
    if (asleep === "0") return awake;
    if (awake === undefined) return asleep;
    return BigInt(asleep) < BigInt(awake) ? asleep : awake;
  }

  /** Files that lie rotated beside a followed one and are not followed. */
  async #candidates(): Promise<Candidate[]> {
    const candidates: Candidate[] = [];
    const paths = new Set<string>();
    for (const { identity } of this.#roster) paths.add(identity.directory);
    for (const { directory } of this.#roster.sleepers.directories()) paths.add(directory);
    for (const path of paths) {
      const directory = await this.#directories.list(path);
      if ("error" in directory) continue;
      const bases = this.#basesIn(path, directory);
      // One at rest is followed.
      const names = [...bases.keys()].filter((name) => !this.#rests(path, name));
      for (const [name, look] of await this.#directories.look(directory, names)) {
        if (look.kind !== "file" || this.#roster.withKey(look.key) !== undefined) continue;
        const base = bases.get(name)!;
        candidates.push({ place: joinPath(path, base), base, directory: path, name, look });
      }
    }
    return candidates;
  }

  #rests(directory: string, name: string): boolean {
    const { sleepers } = this.#roster;
    const file = this.#roster.awakeAt(directory, name);
    return file?.rests ?? sleepers.find(directory, name) !== undefined;
  }

  /** The names that rotation may have made of those from which files are known. Found once for each listing. */
  #basesIn(path: string, { names }: Directory): Rotated {
    const version = this.#roster.basesVersion(path);
    const found = this.#rotated.get(names);
    if (found?.version === version) return found.bases;
    const bases = new Map<string, string>();
    for (const [name, { kind }] of names) {
      if (kind !== "file" || isForeign(name)) continue;
      const base = rotatedFrom(name).find((origin) => this.#roster.hasBase(path, origin));
      if (base !== undefined) bases.set(name, base);
    }
    this.#rotated.set(names, { version, bases });
    return bases;
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
