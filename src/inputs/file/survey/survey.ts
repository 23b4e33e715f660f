/**
 * The survey: one look at all directories and files, and what follows from it for every file.
 *
 * Only the survey changes which files there are and what state they are in; the reading loop reads those that it
 * is notified of, and reports what it met. Surveys never run at the same time.
 */
import { dirname } from "node:path";
import { Arrivals, type Arrival } from "./arrivals.ts";
import { Departures } from "./departures.ts";
import { AsleepLooks } from "./asleep-looks.ts";
import { looks_max } from "../discovery/directories.ts";
import type { Discovery } from "../discovery/discovery.ts";
import type { Discovered, Found } from "../discovery/walk.ts";
import { lookAtEntry } from "../discovery/file-access.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { FileInputContext } from "../files/context.ts";
import { ContentChecks } from "./content-checks.ts";
import { becomesQuiet } from "./quiet.ts";
import { mayRest, type Resting } from "./resting.ts";
import { placeFound, placeRestored } from "./restore.ts";
import { MissedRotations } from "./missed-rotations.ts";
import { settled_after_ms } from "./untouched.ts";
import type { Watcher } from "../discovery/watcher.ts";

export class Survey {
  readonly #context: FileInputContext;
  readonly #discovery: Discovery;
  readonly #watcher: Watcher;
  readonly #resting: Resting;
  readonly #departures: Departures;
  readonly #arrivals: Arrivals;
  readonly #content_checks: ContentChecks;
  readonly #missed_rotations: MissedRotations;
  readonly #asleep_looks: AsleepLooks;
  /** Where files begin that are met in the first survey. */
  #start_at: "beginning" | "end";
  #is_begun = false;

  constructor(
    context: FileInputContext,
    { discovery, watcher, resting }: { discovery: Discovery; watcher: Watcher; resting: Resting },
    start_at: "beginning" | "end",
  ) {
    const { roster, directories, births } = context;
    this.#context = context;
    this.#discovery = discovery;
    this.#watcher = watcher;
    this.#resting = resting;
    this.#start_at = start_at;
    this.#departures = new Departures(context);
    this.#arrivals = new Arrivals(context);
    this.#content_checks = new ContentChecks(context);
    this.#missed_rotations = new MissedRotations(roster, directories, births);
    this.#asleep_looks = new AsleepLooks(context, resting, (file, directory, look) =>
      placeFound(context, file, { directory, name: file.identity.name, look }),
    );
  }

  /** A full survey trusts nothing seen before; one for changes looks at what was notified. */
  async run(kind: "full" | "changes"): Promise<void> {
    const { admission, directories, not_followed, roster } = this.#context;
    directories.begin(kind);
    this.#resting.begin(kind);
    if (kind === "full") await admission.begin();
    // What happens to a file after the look at it is notified from the first look on.
    if (!this.#is_begun) await this.#follow(new Set());
    this.#is_begun = true;
    await this.#asleep_looks.run(kind);
    const discovered = await this.#discovery.scan();
    this.#resting.wakeUnled((path) => isWithin(path, discovered.unknown));
    not_followed.begin(discovered);
    await this.#watch(discovered);
    await placeRestored(this.#context, this.#departures, discovered.files);
    for (const file of roster) {
      if (file.state !== "truncated" || file.busy || not_followed.covers(file)) continue;
      await this.#departures.restart(file);
    }
    const arrivals = await this.#attach(discovered);
    // Of very many files, what was found of each is let go as soon as it is met.
    discovered.files.length = 0;
    await this.#arrivals.meet(await this.#addSiblings(arrivals), () => this.#restMeanwhile());
    await this.#missed_rotations.remember((file) => this.#resting.has(file));
    this.#start_at = "beginning";
    await this.#content_checks.run();
    for (const file of roster) {
      if (!this.#resting.has(file)) await this.#settle(file);
      this.#rest(file);
    }
    not_followed.end();
  }

  /** Has a file that was restored be looked at before all others of which little is known, and says whether it is one. */
  hurry(directory: string, name: string): boolean {
    return this.#asleep_looks.hurry(directory, name);
  }

  /** Says which of the found files are followed already, and gives those that are not. */
  async #attach({ files, unknown }: Discovered): Promise<Arrival[]> {
    const { not_followed, roster } = this.#context;
    const led = new Set<FollowedFile>();
    const elsewhere = new Map<FollowedFile, Found>();
    const arrivals = new Map<string, Arrival>();
    for (const found of files) {
      const file = await this.#followed(found);
      if (file === undefined) {
        const { key } = found.look;
        const base = found.name;
        const start_at = this.#start_at;
        if (!arrivals.has(key)) arrivals.set(key, { ...found, by: "glob", base, start_at });
      } else if (found.path === file.identity.path) {
        led.add(file);
        this.#lead(file, found);
      } else elsewhere.set(file, found);
    }
    for (const file of roster) {
      if (led.has(file) || this.#resting.has(file)) continue;
      if (file.state === "unplaced" || file.state === "retired") continue;
      if (unknown.size > 0 && isWithin(file.identity.path, unknown)) continue;
      if (file.state === "live") this.#leave(file);
      const found = elsewhere.get(file);
      if (found === undefined && not_followed.covers(file)) {
        // Its position is kept, in case that it may be followed again.
        file.state = "finished";
        continue;
      }
      if (found === undefined) await this.#departures.locate(file);
      else this.#move(file, found);
    }
    return [...arrivals.values()];
  }

  /** The followed file that a path leads to, unless its inode was used again for another. */
  async #followed(found: Found): Promise<FollowedFile | undefined> {
    const { roster, births } = this.#context;
    const file = roster.withKey(found.look.key);
    if (file === undefined || !births.differ(file.identity.birth, found.look)) return file;
    if (file.descriptor !== undefined || file.busy) return file;
    roster.displace(file);
    await this.#departures.vanish(file);
    return undefined;
  }

  #lead(file: FollowedFile, found: Found): void {
    this.#move(file, found);
    // One that is compressed is read to its end, and that is all.
    if (file.identity.packed !== undefined) return;
    if (file.state !== "leaving" && file.state !== "finished") return;
    file.state = "live";
    file.set("finishing", false);
    if (!file.is_read_to_end) this.#context.wake(file);
  }

  #move(file: FollowedFile, found: Found): void {
    file.set("missed", 0);
    this.#context.roster.move(file, found.directory, found.name);
    this.#departures.see(file, found.look);
  }

  #leave(file: FollowedFile): void {
    file.state = "leaving";
    file.grown_at_ms = this.#context.clock.monotonic();
    this.#context.wake(file);
  }

  async #addSiblings(arrivals: readonly Arrival[]): Promise<Arrival[]> {
    const by_key = new Map(arrivals.map((arrival) => [arrival.look.key, arrival]));
    const rotations = await this.#missed_rotations.find((key) => this.#arrivals.holds(key));
    for (const rotation of rotations) {
      const { key } = rotation.look;
      if (!by_key.has(key)) by_key.set(key, rotation);
    }
    return [...by_key.values()];
  }

  /** Has the surveys pass over a file as long as nothing happens to it. */
  #rest(file: FollowedFile): void {
    const { directories, roster } = this.#context;
    const { directory, name } = file.identity;
    file.rests = mayRest(file);
    if (!file.rests || !this.#resting.are_many) return;
    directories.unlook(directory, name);
    if (roster.sleep(file)) this.#missed_rotations.sleeps(file.origin_place);
  }

  /** Puts to sleep what was met, read and written down already, while there are very many others to meet. */
  async #restMeanwhile(): Promise<void> {
    const { clock, roster } = this.#context;
    if (!this.#resting.are_many) return;
    const now_ms = clock.monotonic();
    const done = [...roster].filter((file) => isDone(file, now_ms));
    for (let from = 0; from < done.length; from += looks_max) {
      const some = done.slice(from, from + looks_max);
      await Promise.all(some.map((file) => this.#lookAgain(file)));
      for (const file of some) this.#rest(file);
    }
  }

  async #lookAgain(file: FollowedFile): Promise<void> {
    if (file.identity.settled_ms !== undefined) return;
    const { clock, open_files } = this.#context;
    const look = await lookAtEntry(file.path!, clock.monotonic()).catch(() => undefined);
    // Whatever else is there is for the next survey.
    if (look !== undefined && file.state === "live" && open_files.isSame(file, look))
      this.#departures.see(file, look);
  }

  /** Finishes what has been quiet for long enough, and lets go of what is done with. */
  async #settle(file: FollowedFile): Promise<void> {
    const { clock, options, open_files, roster, wake } = this.#context;
    if (becomesQuiet(file, this.#context)) wake(file);
    if (file.state === "leaving" && file.at_end && !file.busy) {
      if (clock.monotonic() - file.grown_at_ms >= options.rotate_wait) {
        file.finishing = true;
        wake(file);
      }
    } else if (file.state === "finished" && !file.busy) {
      await open_files.close(file);
      if (file.path === undefined && file.missed > 0) await this.#departures.vanish(file);
    } else if (file.state === "retired" && !file.busy) {
      await open_files.close(file);
      roster.forgetSettled(file);
    }
  }

  async #watch({ directories }: Discovered): Promise<void> {
    const paths = new Set(directories);
    for (const { identity, state } of this.#context.roster) {
      if (state !== "retired") paths.add(identity.directory);
    }
    await this.#follow(paths);
  }

  /** Watches these directories, and those with files that sleep. */
  async #follow(paths: Set<string>): Promise<void> {
    const { roster, births } = this.#context;
    for (const { directory } of roster.sleepers.directories()) paths.add(directory);
    const keys = new Map<string, string>();
    const devices = new Map<string, string>();
    for (const path of paths) {
      const directory = await this.#context.directories.list(path);
      if ("error" in directory) continue;
      births.observe(directory);
      keys.set(path, directory.key);
      devices.set(path, directory.device);
    }
    this.#watcher.follow(keys);
    for (const path of devices.keys()) if (!this.#watcher.watches(path)) devices.delete(path);
    await this.#resting.watch(devices);
  }
}

/** Whether a file has been read to its end for so long that a look may find it at rest. */
function isDone(file: FollowedFile, now_ms: number): boolean {
  if (file.state !== "live" || file.busy || file.dirty || file.path === undefined) return false;
  return file.is_read_to_end && now_ms - file.grown_at_ms >= settled_after_ms;
}

/** Whether the path or a directory above it is among `paths`. */
function isWithin(path: string, paths: ReadonlyMap<string, unknown>): boolean {
  for (let above = path; above !== "/"; above = dirname(above)) if (paths.has(above)) return true;
  return false;
}
