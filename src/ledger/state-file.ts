/**
 * The state file: read once at start, then replaced as a whole whenever there is something new.
 *
 * `state.json` in the state directory, mode 0600, written through a synced neighbour and a rename, so that
 * a crash leaves one whole state or the other. A file that cannot be understood is never guessed at.
 */
import { chmod, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { state_names } from "../platform/files/state-names.ts";
import { replaceFile } from "../platform/files/atomic-file.ts";
import { TallymanError, messageOf } from "../platform/errors.ts";
import { readOwn } from "../platform/files/own-file.ts";
import type { StateLock } from "./state-lock.ts";
import { state_version, stateFile, type LedgerState } from "./state.ts";

const directory_mode = 0o700;
const group_or_others_write = 0o022;

export class StateFile {
  readonly path: string;
  readonly #lock: StateLock | undefined;

  /** Who writes it must have the lock. */
  constructor(state_dir: string, lock?: StateLock) {
    this.path = join(state_dir, state_names.state);
    this.#lock = lock;
  }

  /** The state of the last run; undefined where there was none. Throws TallymanError state_unreadable. */
  async read(): Promise<LedgerState | undefined> {
    let text: string;
    try {
      text = await readOwn(this.path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw this.#unreadable(messageOf(cause), cause);
    }
    try {
      return stateFile.parse(JSON.parse(text));
    } catch (cause) {
      throw this.#unreadable("it is not a state file of this version", cause);
    }
  }

  /** Rejects with the system's error; the state written before then stays. */
  async write(state: LedgerState): Promise<void> {
    await this.#lock?.confirm();
    await replaceFile(this.path, JSON.stringify({ version: state_version, ...state }));
  }

  #unreadable(why: string, cause: unknown): TallymanError {
    return new TallymanError(
      "state_unreadable",
      `cannot use the state file ${this.path}: ${why}`,
      { file: this.path },
      { cause },
    );
  }
}

/**
 * Makes the state directory, for tallyman's user alone. One of its own that is there and empty becomes so: a container's
 * new volume can often be written by anybody. Throws TallymanError state_unwritable.
 */
export async function makeStateDirectory(state_dir: string): Promise<void> {
  try {
    await mkdir(state_dir, { recursive: true, mode: directory_mode });
    const { uid, mode } = await stat(state_dir);
    const is_open = uid === process.geteuid!() && (mode & group_or_others_write) !== 0;
    // Where others have put something there already, it is for the administrator to look at.
    if (is_open && (await readdir(state_dir)).length === 0) await chmod(state_dir, directory_mode);
  } catch (cause) {
    throw new TallymanError(
      "state_unwritable",
      `cannot create the state directory ${state_dir}: ${messageOf(cause)}`,
      { file: state_dir },
      { cause },
    );
  }
}
