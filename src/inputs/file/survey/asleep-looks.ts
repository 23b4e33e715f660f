/**
 * Looks at files that sleep: at those of a directory that has changed, or of which nothing is notified, all of them; and at a part of
 * the others in turn. One at which something has happened is woken. A file that was restored is placed by its look: of very many,
 * nearly all are as they were, so that none has to be read.
 */
import { joinPath, type Directory } from "../discovery/directories.ts";
import { isGone, lookAtEntry, type Look } from "../discovery/file-access.ts";
import type { FileInputContext } from "../files/context.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { AsleepIdentity, SleepersIn } from "../files/sleepers.ts";
import type { Resting } from "./resting.ts";

/**
 * Looks in progress at a time. Where each takes long they are few, so that reads get through; many cost less than half as much
 * processor time each, since the threads that take them do not fall asleep in between.
 */
const looks_min = 32;
const looks_max = 512;
/** With looks that take together less than this there may be twice as many, and with more than that half as many. */
const round_ms_short = 10;
const round_ms_long = 40;

/** Goes on with a file where a look has found it. */
export type PlaceFound = (file: FollowedFile, directory: string, look: Look) => Promise<unknown>;

export class AsleepLooks {
  readonly #context: FileInputContext;
  readonly #resting: Resting;
  readonly #place: PlaceFound;
  /** Unplaced ones to which something was notified: they are looked at before all others. */
  readonly #first = new Set<number>();
  #looks = looks_min;

  constructor(context: FileInputContext, resting: Resting, place: PlaceFound) {
    this.#context = context;
    this.#resting = resting;
    this.#place = place;
  }

  /** Has one be looked at before the others, where it is unplaced, and says whether it is. */
  hurry(directory: string, name: string): boolean {
    const { sleepers } = this.#context.roster;
    const slot = sleepers.find(directory, name);
    if (slot === undefined || sleepers.in(directory)?.unplaced.has(slot) !== true) return false;
    this.#first.add(slot);
    return true;
  }

  async run(kind: "full" | "changes"): Promise<void> {
    const { sleepers } = this.#context.roster;
    if (sleepers.count > 0) await this.#placeAwake();
    await this.#lookAtFirst();
    for (const there of sleepers.directories()) {
      if (kind === "changes" && !there.is_due) continue;
      if (this.#context.stop.aborted) return;
      await this.#lookInto(there, kind);
    }
  }

  /** Those that were restored awake were written to last before the stop: they are likely to be the next ones, too. */
  async #placeAwake(): Promise<void> {
    const { roster, directories, open_files, clock, stop } = this.#context;
    for (const file of roster) {
      const { directory, name } = file.identity;
      if (file.state !== "unplaced" || file.descriptor !== undefined) continue;
      if (stop.aborted) return;
      const listed = await directories.list(directory);
      if ("error" in listed || listed.names.get(name)?.kind !== "file") continue;
      const path = joinPath(listed.path, name);
      const look = await lookAtEntry(path, clock.monotonic()).catch(() => undefined);
      if (look === undefined || !open_files.isSame(file, look)) continue;
      if (!this.#isOwn(listed, name, look)) await this.#place(file, listed.real, look);
    }
  }

  async #lookInto(there: SleepersIn, kind: "full" | "changes"): Promise<void> {
    const { directories, roster } = this.#context;
    const listed = await directories.list(there.directory);
    if ("error" in listed) {
      // While it cannot be listed they sleep on; of one that is gone the survey finds out what became of them.
      if (listed.error !== "ENOENT" && listed.error !== "ENOTDIR") return;
      for (const slot of there.slots) roster.wake(slot).passed_over_in = 0;
      return;
    }
    const is_notified = this.#resting.notifiesOf(there.directory);
    const is_known = is_notified && there.looked_in === listed.names;
    const is_whole = there.is_due || (kind === "full" && !is_known);
    there.is_due = false;
    const slots = [...there.slots].filter(
      (slot) => is_whole || there.unplaced.has(slot) || this.#resting.isDueNow(slot),
    );
    for (let from = 0; from < slots.length && !this.#context.stop.aborted;) {
      const some = slots.slice(from, from + this.#looks);
      from += some.length;
      const begun_ms = this.#context.clock.monotonic();
      await Promise.all(some.map((slot) => this.#lookAt(there, listed, slot)));
      this.#pace(this.#context.clock.monotonic() - begun_ms);
      await this.#lookAtFirst();
    }
    // Whatever happens from then on is notified, as it was when the looks began.
    if (is_whole) there.looked_in = is_notified ? listed.names : undefined;
  }

  #pace(round_ms: number): void {
    if (round_ms < round_ms_short) this.#looks = Math.min(looks_max, this.#looks * 2);
    if (round_ms > round_ms_long) this.#looks = Math.max(looks_min, this.#looks / 2);
  }

  async #lookAtFirst(): Promise<void> {
    const { directories, roster } = this.#context;
    for (const slot of this.#first) {
      this.#first.delete(slot);
      if (!roster.sleepers.has(slot)) continue;
      const there = roster.sleepers.in(roster.sleepers.placeAt(slot).directory);
      if (there?.unplaced.has(slot) !== true) continue;
      const listed = await directories.list(there.directory);
      if (!("error" in listed)) await this.#lookAt(there, listed, slot);
    }
  }

  async #lookAt(there: SleepersIn, listed: Directory, slot: number): Promise<void> {
    const { roster, clock } = this.#context;
    if (!there.slots.has(slot)) return;
    const identity = roster.sleepers.identityAt(slot);
    const { name } = identity;
    let look: Look | undefined;
    try {
      look = await lookAtEntry(joinPath(listed.path, name), clock.monotonic());
    } catch (error) {
      // Other errors are no look: the next one is taken with the next survey.
      if (!isGone(error)) return;
    }
    // It may be woken meanwhile. None is put to sleep before these looks are over.
    if (!there.slots.has(slot)) return;
    if (look !== undefined && this.#isAsItWas(identity, listed, look)) {
      if (there.unplaced.delete(slot)) there.version += 1;
      return;
    }
    const was_unplaced = there.unplaced.has(slot);
    const file = roster.wake(slot);
    file.passed_over_in = 0;
    // What was written to it is read before all others are looked at.
    const is_same = look !== undefined && this.#context.open_files.isSame(file, look);
    if (was_unplaced && is_same && !this.#isOwn(listed, name, look!))
      await this.#place(file, listed.real, look!);
  }

  #isAsItWas(identity: AsleepIdentity, listed: Directory, look: Look): boolean {
    const { births } = this.#context;
    const { name, key, birth, size, mtime_ms, settled_ms } = identity;
    if (look.kind !== "file" || look.key !== key || births.differ(birth, look)) return false;
    if (look.size !== size || look.mtime_ms !== mtime_ms) return false;
    return look.changed_ms === settled_ms && !this.#isOwn(listed, name, look);
  }

  /** Whether it is tallyman's own, and so not to be followed. */
  #isOwn(listed: Directory, name: string, look: Look): boolean {
    return this.#context.admission.refusalOfFile(listed, name, look) !== undefined;
  }
}
