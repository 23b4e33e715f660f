/**
 * The state file: read once at start, then what has changed is appended to it, see state-log.ts.
 *
 * `state.json` in the state directory, mode 0600. A file that cannot be understood is never guessed at. One of an earlier
 * version, which is one JSON object, is read, and replaced by the first write.
 */
import { constants } from "node:fs";
import { chmod, mkdir, readdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { state_names } from "../platform/files/state-names.ts";
import { syncDirectory } from "../platform/files/atomic-file.ts";
import { TallymanError, messageOf } from "../platform/errors.ts";
import { withPath } from "../platform/files/held-directory.ts";
import { createOwn, openOwn, openSole, removeOwn } from "../platform/files/own-file.ts";
import { positioned, type PositionedFile } from "../platform/files/positioned-file.ts";
import type { Ledger } from "./ledger.ts";
import { beginsWithLine } from "./state-lines.ts";
import type { StateLock } from "./state-lock.ts";
import { StateLog, type StateLogFiles } from "./state-log.ts";
import { stateFile, type LedgerState } from "./state.ts";

const directory_mode = 0o700;
const group_or_others_write = 0o022;

const file_mode = 0o600;
/** Enough to tell a log from a state of an earlier version. */
const first_bytes = 16;

const log_files: StateLogFiles = {
  openToRead: async (path) => positioned(await openOwn(path, constants.O_RDONLY)),
  create: async (path) => positioned(await createOwn(path, file_mode)),
  open: async (path) => positioned(await openSole(path, constants.O_RDWR)),
  async truncate(path, length) {
    const handle = await openSole(path, constants.O_RDWR);
    try {
      await handle.truncate(length);
    } finally {
      await handle.close();
    }
  },
  rename,
  remove: removeOwn,
  changedMs: async (path) => (await stat(path)).ctimeMs,
  syncDirectory,
};

/** What tests put in the place of the system. */
export interface StateFileOptions {
  readonly files?: StateLogFiles;
  readonly whole_from_bytes?: number;
}

export class StateFile {
  readonly path: string;
  /** The same in the directory that is locked, whatever takes its place. */
  readonly #place: string;
  readonly #lock: StateLock | undefined;
  readonly #log: StateLog;
  readonly #files: StateLogFiles;

  /** Who writes it must have the lock. `whole_from_bytes` as in StateLog. */
  constructor(
    state_dir: string,
    lock?: StateLock,
    { files = log_files, whole_from_bytes }: StateFileOptions = {},
  ) {
    this.path = join(state_dir, state_names.state);
    this.#place = join(lock?.place ?? state_dir, state_names.state);
    this.#lock = lock;
    this.#files = files;
    this.#log = new StateLog(this.#place, files, whole_from_bytes);
  }

  /**
   * As read, for whoever goes on from there: it does not change any more, whatever becomes of the power. Streams of which
   * there may be very many are asleep. Where it was put back, more events may have got numbers since than it knows of.
   */
  async restore(): Promise<LedgerState | undefined> {
    const state = await this.#read("asleep");
    if (state !== undefined) await this.#log.secure();
    const epoch = state?.epoch;
    if (epoch === undefined || !this.is_put_back) return state;
    return { ...state!, epoch: { ...epoch, is_clean: false, has_older: true } };
  }

  /** Whether somebody else has put the file there that was read, such as from a backup. */
  get is_put_back(): boolean {
    return this.#log.is_put_back;
  }

  /** The state of the last run; undefined where there was none. Throws TallymanError state_unreadable. */
  read(): Promise<LedgerState | undefined> {
    return this.#read("awake");
  }

  async #read(kind: "asleep" | "awake"): Promise<LedgerState | undefined> {
    let file: PositionedFile;
    try {
      file = await this.#files.openToRead(this.#place);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw this.#unreadable(messageOf(this.#explained(cause)), cause);
    }
    try {
      const first = Buffer.alloc(first_bytes);
      await file.read(first, 0);
      if (beginsWithLine(first)) return (await this.#log.read(file, kind)).state;
      return await readWhole(file);
    } catch (cause) {
      const is_system = (cause as NodeJS.ErrnoException).code !== undefined;
      const why = is_system
        ? messageOf(this.#explained(cause))
        : "it is not a state file of this version, or damaged";
      throw this.#unreadable(why, cause);
    } finally {
      await file.close();
    }
  }

  /**
   * Writes what has changed in the ledger since the last time, and says so to the ledger. Rejects with the system's error;
   * the state written before then stays.
   */
  async save(ledger: Ledger): Promise<void> {
    await this.#lock?.confirm();
    try {
      await this.#log.prepare(ledger.whole());
      await this.#write(ledger);
    } catch (cause) {
      throw this.#explained(cause);
    }
  }

  async #write(ledger: Ledger): Promise<void> {
    const changes = ledger.changes();
    try {
      await this.#log.write(changes.state);
    } catch (cause) {
      ledger.saved(changes, false);
      throw cause;
    }
    ledger.saved(changes, true);
  }

  #explained(cause: unknown): unknown {
    return withPath(cause, dirname(this.#place), dirname(this.path));
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

/** The state in a file of an earlier version. */
async function readWhole(file: PositionedFile): Promise<LedgerState> {
  const bytes = Buffer.alloc(await file.size());
  await file.read(bytes, 0);
  return stateFile.parse(JSON.parse(bytes.toString("utf8")));
}
