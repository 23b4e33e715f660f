/**
 * The open handles, bounded in number: the file that was idle for the longest is closed for the next one.
 *
 * A deleted file cannot be opened again, so it keeps its handle until it is read to its end, whatever the bound.
 */
import type { Logger } from "../../../platform/log.ts";
import type { BirthTimes } from "../discovery/birth-times.ts";
import {
  closeFile,
  lookAtOpen,
  openAgain,
  openPlace,
  placeOfOpen,
  type Look,
} from "../discovery/file-access.ts";
import type { FollowedFile } from "./followed-file.ts";

export class OpenFiles {
  readonly #open_max: number;
  readonly #births: BirthTimes;
  readonly #log: Logger;
  /** Open files, the one used last at the end. */
  readonly #used = new Set<FollowedFile>();
  /** Handles that are in use outside the reading loop, and when they no longer are. */
  readonly #held = new Map<number, Promise<void>>();
  #state: "bounded" | "exceeded" | "closed" = "bounded";

  constructor(open_max: number, births: BirthTimes, log: Logger) {
    this.#open_max = open_max;
    this.#births = births;
    this.#log = log;
  }

  get count(): number {
    return this.#used.size;
  }

  /** The handle of a file that is open. */
  opened(file: FollowedFile): number | undefined {
    const { descriptor } = file;
    if (descriptor === undefined) return undefined;
    this.#used.delete(file);
    this.#used.add(file);
    return descriptor;
  }

  /**
   * The handle of a file. Undefined where its path leads to another file by now. Rejects with the system's
   * error.
   */
  async open(file: FollowedFile): Promise<number | undefined> {
    const held = this.opened(file);
    if (held !== undefined) return held;
    const { path } = file;
    if (path === undefined) return undefined;
    // It was at its path when it was opened first: now it is enough that it is this file.
    const opened = await openHeld(path, async (_, look) => this.isSame(file, look));
    if (opened === undefined) return undefined;
    this.adopt(file, opened.descriptor);
    return opened.descriptor;
  }

  /** Takes a handle that was opened elsewhere. */
  adopt(file: FollowedFile, descriptor: number): void {
    if (this.#state === "closed") {
      void closeFile(descriptor);
      return;
    }
    file.descriptor = descriptor;
    this.#used.add(file);
    this.#evict(file);
  }

  /** Gives a handle from one file to another. */
  transfer(from: FollowedFile, to: FollowedFile): void {
    const descriptor = this.release(from);
    if (descriptor !== undefined) this.adopt(to, descriptor);
  }

  /** Gives the handle of a file away, open as it is. */
  release(file: FollowedFile): number | undefined {
    const { descriptor } = file;
    file.descriptor = undefined;
    this.#used.delete(file);
    file.slim();
    return descriptor;
  }

  /**
   * Does something with the handle of a file outside its turn. It stays open until that is over, as the number of one that is
   * closed is given to another file. Undefined where the file has no handle.
   */
  holding<Result>(
    { descriptor }: FollowedFile,
    work: (descriptor: number) => Promise<Result>,
  ): Promise<Result> | undefined {
    if (descriptor === undefined) return undefined;
    const result = work(descriptor);
    const end = (): void => {
      this.#held.delete(descriptor);
    };
    this.#held.set(descriptor, result.then(end, end));
    return result;
  }

  isSame(file: FollowedFile, look: Look): boolean {
    if (look.kind !== "file" || look.key !== file.identity.key) return false;
    return !this.#births.differ(file.identity.birth, look);
  }

  async close(file: FollowedFile): Promise<void> {
    const descriptor = this.release(file);
    if (descriptor === undefined) return;
    // A system call may hang, and a stop does not wait for it.
    if (this.#state !== "closed") await this.#held.get(descriptor);
    await closeFile(descriptor);
  }

  /** Closes all, and whatever a system call that hung brings later. */
  async closeAll(): Promise<void> {
    this.#state = "closed";
    await Promise.all([...this.#used].map((file) => this.close(file)));
  }

  #evict(keep: FollowedFile): void {
    while (this.#used.size > this.#open_max) {
      const file = this.#dispensable(keep);
      if (file === undefined) {
        if (this.#state === "bounded" && this.#held.size === 0) {
          this.#state = "exceeded";
          const facts = { open_files: this.#used.size, max_open_files: this.#open_max };
          this.#log.warn(
            "open_files_exceeded",
            facts,
            "More deleted files with unread bytes are open than max_open_files.",
          );
        }
        return;
      }
      void this.close(file);
    }
    this.#state = "bounded";
  }

  /** The file to close: preferably one that is read to its end and whose path still leads to it. */
  #dispensable(keep: FollowedFile): FollowedFile | undefined {
    let best: FollowedFile | undefined;
    let best_rank = Infinity;
    for (const file of this.#used) {
      if (file === keep || file.busy || file.path === undefined) continue;
      if (this.#held.has(file.descriptor!)) continue;
      const rank = (file.unread_bytes > 0 ? 2 : 0) + (file.state === "live" ? 0 : 1);
      if (rank === 0) return file;
      if (rank < best_rank) {
        best = file;
        best_rank = rank;
      }
    }
    return best;
  }
}

/**
 * Opens a file if it is really at this path, with no symlink on the way, and wanted. What is there is held before it is
 * judged, and what was judged is what is opened, so that nobody can put another in its place meanwhile.
 */
export function openChecked(
  path: string,
  isWanted: (look: Look) => boolean,
): Promise<Opened | undefined> {
  return openHeld(path, async (held, look) => {
    if (!isWanted(look)) return false;
    const place = await placeOfOpen(held);
    // readlink(2) says so of what was deleted meanwhile.
    return place === path || place === `${path} (deleted)`;
  });
}

interface Opened {
  readonly descriptor: number;
  readonly look: Look;
}

/** Opens the file at a path if it is wanted, and nothing else: neither a pipe nor a device, whose openings do something. */
async function openHeld(
  path: string,
  isWanted: (held: number, look: Look) => Promise<boolean>,
): Promise<Opened | undefined> {
  const held = await openPlace(path);
  try {
    const look = await lookAtOpen(held);
    if (look.kind !== "file" || !(await isWanted(held, look))) return undefined;
    return { descriptor: await openAgain(held), look };
  } finally {
    void closeFile(held);
  }
}
