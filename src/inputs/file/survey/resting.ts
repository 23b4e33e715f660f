/**
 * Files at rest: read to their end, and unchanged for so long that nobody is writing to them. Where there are very many, and the
 * system notifies of changes, a survey looks at a part of them in turn and passes over the others, so that it costs as much as
 * changes. What a notification names, and what is in a directory that has changed, is looked at in any case. So a notification that was lost costs
 * time, not data.
 */
import { statfs } from "node:fs/promises";
import type { Directory } from "../discovery/directories.ts";
import type { FollowedFile } from "../files/followed-file.ts";
import type { Roster } from "../files/roster.ts";

/** Files at rest that one survey looks at. */
const looks_max_default = 4096;

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
  }

  /** Whether files at rest are passed over at all. */
  get passes_over(): boolean {
    return this.#period > 1;
  }

  /** Whether there is no need to look at a name in this survey: a file at rest is there, which that path leads to. */
  passesOver(directory: Directory, name: string, path: string): boolean {
    if (this.#period === 1) return false;
    const file = this.#roster.at(directory.real, name);
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
