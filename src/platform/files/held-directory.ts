/**
 * A directory that is held open: what is done in it is done there, whatever somebody puts in its place meanwhile.
 *
 * The way to it is gone name by name. A link on it is followed only where nobody but root and tallyman's user can have it
 * lead elsewhere: what is written could be anywhere otherwise, and under root's name.
 */
import { constants } from "node:fs";
import { lstat, mkdir, open, readlink, type FileHandle } from "node:fs/promises";
import { join, resolve } from "node:path";
import { syncDirectory } from "./atomic-file.ts";
import { NotAFile } from "./own-file.ts";
import { distrustOfLinkOwner, distrustOfNames } from "./trust.ts";
import { pathOf } from "./descriptor-path.ts";

/** O_PATH of open(2), which Node does not name: it neither opens what is there nor waits for it. */
export const o_path = 0o10000000;
/** With O_DIRECTORY what is mounted on demand is mounted. */
const flags = o_path | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** As the kernel has it (path_resolution(7)). */
const links_max = 40;

/** One name of the way that is still to go. */
interface Step {
  readonly name: string;
  /** Whether a directory of this name is made where it is missing. */
  readonly is_made: boolean;
}

export class HeldDirectory {
  /** Without the links on the way to it. */
  readonly path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Opens it; with a mode, it is made where it is missing. Rejects with NotAFile where something else is on the way, such
   * as a link that others can lead elsewhere, or with the system's error.
   */
  static async open(path: string, mode?: number): Promise<HeldDirectory> {
    const steps = stepsOf(resolve(path), mode !== undefined);
    let at = await HeldDirectory.#root();
    let links = 0;
    try {
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        const next = await at.#enter(step, mode);
        if (next instanceof HeldDirectory) {
          await at.close();
          at = next;
          continue;
        }
        links += 1;
        if (links > links_max) throw new NotAFile(path, "a circle of symbolic links (ELOOP)");
        steps.push(...stepsOf(next, false));
        if (!next.startsWith("/")) continue;
        await at.close();
        at = await HeldDirectory.#root();
      }
      return at;
    } catch (cause) {
      const explained = at.explained(cause);
      await at.close();
      throw explained;
    }
  }

  static async #root(): Promise<HeldDirectory> {
    return new HeldDirectory("/", await open("/", flags));
  }

  /** The directory itself, by a path that leads nowhere else. */
  get place(): string {
    return pathOf(this.#handle.fd);
  }

  /** The same of what is in it. */
  at(name: string): string {
    return `${this.place}/${name}`;
  }

  /** The error, with the path that people know. */
  explained(cause: unknown): unknown {
    return withPath(cause, this.place, this.path);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** The directory of that name; where a link has the name, what it says. */
  async #enter({ name, is_made }: Step, mode: number | undefined): Promise<HeldDirectory | string> {
    const path = join(this.path, name);
    const inner = this.at(name);
    try {
      const handle = await open(inner, flags).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code !== "ENOENT" || !is_made) throw cause;
        return this.#make(inner, mode);
      });
      return new HeldDirectory(path, handle);
    } catch (cause) {
      const { code = "" } = cause as NodeJS.ErrnoException;
      if (code !== "ENOTDIR" && code !== "ELOOP") throw cause;
      const stats = await lstat(inner);
      if (!stats.isSymbolicLink()) throw new NotAFile(path, `not a directory (${code})`, { cause });
      const doubt =
        distrustOfLinkOwner(stats) ?? distrustOfNames(await this.#handle.stat(), this.path);
      if (doubt === undefined) return readlink(inner);
      const remedy = "remove it, or name the directory that is meant";
      throw new NotAFile(path, `a symbolic link that others can lead elsewhere (${doubt})`, {
        remedy,
      });
    }
  }

  async #make(inner: string, mode: number | undefined): Promise<FileHandle> {
    await mkdir(inner, { mode }).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== "EEXIST") throw cause;
    });
    // What is in a directory outlives a power cut only where the directory's own name does.
    await syncDirectory(this.place);
    return open(inner, flags);
  }
}

/** The error, which names the directory and what is in it by its place, with the path that people know. */
export function withPath(cause: unknown, place: string, path: string): unknown {
  if (cause instanceof Error) {
    cause.message = cause.message
      .replaceAll(`${place}/`, () => join(path, "/"))
      .replaceAll(`${place}'`, () => `${path}'`);
  }
  return cause;
}

/** The last first. */
function stepsOf(path: string, is_made: boolean): Step[] {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  return names.toReversed().map((name) => ({ name, is_made }));
}
