/**
 * Files at rest: read to their end, and unchanged for so long that nobody is writing to them. Where there are very many, and the
 * system notifies of changes, a survey looks at a part of them in turn and passes over the others, so that it costs as much as
 * changes. What a notification names, and what is in a directory that has changed, is looked at in any case. So a notification that was lost costs
 * time, not data.
 */
import { statfs } from "node:fs/promises";
import { joinPath, type Directory } from "../discovery/directories.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { Roster } from "../files/roster.ts";

/** Files at rest that one survey looks at. */
export const looks_max_default = 4096;

/** What was found of the names of one listing: it holds until other files sleep there. */
interface Passed {
  readonly version: number;
  /** Names that are not those of files that sleep. */
  readonly others: readonly string[];
}

/** File systems that are written to by this machine alone, so that it is notified of every write (linux/magic.h). */
const notifying = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // xfs
  0x9123683e, // btrfs
  0xca451a4e, // bcachefs
  0x2fc12fc1, // zfs
  0xf2f52010, // f2fs
  0x3153464a, // jfs
  0x01021994, // tmpfs
  0x794c7630, // overlayfs
]);

export class Resting {
  readonly #roster: Roster;
  readonly #looks_max: number;
  readonly #by_device = new Map<string, boolean>();
  /** Directories, without symlinks, that are watched, and of which everything is notified. */
  #notified: ReadonlySet<string> = new Set();
  /** Whether the survey in progress trusts what was seen before, and which one it is. */
  #kind: "full" | "changes" = "full";
  #number = 0;
  #full_number = 0;
  /** A file at rest is looked at in one full survey of so many. */
  #period = 1;
  readonly #passed = new WeakMap<readonly string[], Passed>();
  /** Of the survey in progress, by directory: the listings of which files that sleep were passed over. */
  readonly #walked = new Map<string, (readonly string[])[]>();

  constructor(roster: Roster, looks_max = looks_max_default) {
    this.#roster = roster;
    this.#looks_max = looks_max;
  }

  /** Begins a survey. */
  begin(kind: "full" | "changes"): void {
    this.#kind = kind;
    this.#number += 1;
    if (kind === "full") this.#full_number += 1;
    this.#period = Math.max(1, Math.ceil(this.#roster.size / this.#looks_max));
    this.#walked.clear();
    this.#roster.survey_number = this.#number;
  }

  /** Whether a full survey looks at a file that sleeps. */
  isDueNow(slot: number): boolean {
    return slot % this.#period === this.#full_number % this.#period;
  }

  /** Whether everything that happens in a directory, without symlinks, is notified. */
  notifiesOf(real: string): boolean {
    return this.#notified.has(real);
  }

  /** Whether there are so many files that those at rest are passed over, or will be in the next survey. */
  get are_many(): boolean {
    return this.#period > 1 || this.#roster.size > this.#looks_max;
  }

  /** Of the names of a listing, those that have to be looked at. What sleeps was looked at before, where it had to be. */
  left(directory: Directory, names: readonly string[]): readonly string[] {
    if (this.#period === 1) return names;
    const others = this.#besideSleepers(directory, names);
    return others.filter((name) => {
      const is_file = directory.names.get(name)!.kind === "file";
      return !is_file || !this.passesOver(directory, name, joinPath(directory.path, name));
    });
  }

  #besideSleepers(directory: Directory, names: readonly string[]): readonly string[] {
    const { sleepers } = this.#roster;
    const there = sleepers.in(directory.real);
    if (there === undefined) return names;
    this.#walked.set(directory.real, [...(this.#walked.get(directory.real) ?? []), names]);
    const known = this.#passed.get(names);
    if (known?.version === there.version) return known.others;
    const others = names.filter((name) => {
      if (directory.names.get(name)!.kind !== "file") return true;
      return !sleepers.isLed(directory.real, name, joinPath(directory.path, name));
    });
    this.#passed.set(names, { version: there.version, others });
    return others;
  }

  /** Wakes the files that sleep and to which no path leads any more, but for those of which nothing is known now. */
  wakeUnled(isUnknown: (path: string) => boolean): void {
    const { sleepers } = this.#roster;
    for (const there of sleepers.directories()) {
      const walked = this.#walked.get(there.directory) ?? [];
      const [first] = walked;
      const passed = first && first.length - (this.#passed.get(first)?.others.length ?? 0);
      const placed = there.slots.size - there.unplaced.size;
      if (walked.length === 1 && passed === placed) continue;
      const led = new Set<string>();
      for (const names of walked) {
        const others = new Set(this.#passed.get(names)?.others);
        for (const name of names) if (!others.has(name)) led.add(name);
      }
      for (const slot of there.slots) {
        const { path, name } = sleepers.placeAt(slot);
        if (led.has(name) || there.unplaced.has(slot) || isUnknown(path)) continue;
        this.#roster.wake(slot).passed_over_in = 0;
      }
    }
  }

  /** Whether there is no need to look at a name in this survey: a file at rest is there, which that path leads to. */
  passesOver(directory: Directory, name: string, path: string): boolean {
    if (this.#period === 1) return false;
    const file = this.#roster.awakeAt(directory.real, name);
    if (file?.rests !== true || file.identity.path !== path || !mayRest(file)) return false;
    if (this.#isDue(directory, file)) return false;
    file.passed_over_in = this.#number;
    return true;
  }

  /** Whether the file was passed over in this survey: it is where it was. */
  has(file: FollowedFile): boolean {
    return file.passed_over_in === this.#number;
  }

  /** Says which directories are watched, and on which device each is. */
  async watch(directories: ReadonlyMap<string, string>): Promise<void> {
    const notified = new Set<string>();
    for (const [path, device] of directories) {
      if (await this.#notifies(device, path)) notified.add(path);
    }
    this.#notified = notified;
  }

  #isDue({ real, is_new }: Directory, { stream }: FollowedFile): boolean {
    if (this.#kind === "changes") return false;
    if (is_new || !this.#notified.has(real)) return true;
    // The ids of streams are random, so that each part is about as large as the others.
    return (
      Number.parseInt(stream.id.slice(0, 6), 16) % this.#period === this.#full_number % this.#period
    );
  }

  async #notifies(device: string, path: string): Promise<boolean> {
    const known = this.#by_device.get(device);
    if (known !== undefined) return known;
    try {
      const { type } = await statfs(path);
      const notifies = notifying.has(type >>> 0);
      this.#by_device.set(device, notifies);
      return notifies;
    } catch {
      return false;
    }
  }
}

/** Whether nothing is to be done for a file, or found out about it, as long as nobody writes to it. */
export function mayRest(file: FollowedFile): boolean {
  const { state, identity } = file;
  if (state !== "live" || file.busy || file.dirty || identity.settled_ms === undefined)
    return false;
  if (file.trouble !== undefined || file.missed > 0 || file.path === undefined) return false;
  return file.is_read_to_end && file.proven_size >= identity.size;
}
