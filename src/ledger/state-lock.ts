/**
 * The lock on a state directory, which is refused where others than root and tallyman's user can change it.
 *
 * The directory itself is locked (`DirectoryLock`), and the one tallyman that uses it listens on a UNIX socket in it,
 * to say which process it is. Each of the two locks alone: a socket can be removed by whoever cleans up, and there are
 * file systems where a directory cannot be locked between machines or containers. The kernel closes the socket with its
 * process, however that ends, so a stale one is distinguished from a live one by connecting; it is first moved aside and looked
 * at again, so that of two starters only one takes over.
 */
import { randomUUID } from "node:crypto";
import { constants, openSync, closeSync, fstatSync } from "node:fs";
import { lstat, rename, stat, unlink } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { state_names } from "../platform/files/state-names.ts";
import { systemClock } from "../platform/clock.ts";
import { TallymanError, messageOf } from "../platform/errors.ts";
import { NotAFile } from "../platform/files/own-file.ts";
import { distrustOfTree } from "../platform/files/trust.ts";
import { DirectoryLock } from "./directory-lock.ts";
import { pathOf } from "../platform/files/descriptor-path.ts";

/** How long the holder has to give its process id. One that is stopped still holds the lock. */
const answer_wait_ms_max = 1000;
/** How often a start tries to take over a stale lock before it gives up. */
const attempts_max = 5;
/** Between two tries of a lock that is held by nobody who says so: one that starts or ends, or only looks. */
const retry_wait_ms = 100;

export class StateLock {
  readonly #server: Server;
  readonly #lock: DirectoryLock;
  readonly #directory: number;
  readonly #state_dir: string;

  private constructor(server: Server, lock: DirectoryLock, opened: OpenDirectory) {
    this.#server = server;
    this.#lock = lock;
    this.#directory = opened.directory;
    this.#state_dir = opened.state_dir;
  }

  /**
   * Throws TallymanError state_locked where another tallyman runs, state_untrusted where others can change the directory,
   * and state_unwritable where it cannot tell.
   */
  static async acquire(state_dir: string): Promise<StateLock> {
    const directory = openDirectory(state_dir);
    // A socket's path is limited to 107 bytes; through the open directory it is always short enough.
    const path = lockIn(directory);
    let lock: DirectoryLock | undefined;
    try {
      await refuseUntrusted(state_dir);
      await refuseMisplaced(state_dir);
      lock = await lockDirectory(directory, { path, state_dir });
      const server = await listenAlone(path, state_dir);
      return new StateLock(server, lock, { directory, state_dir });
    } catch (cause) {
      await lock?.release();
      closeSync(directory);
      if (cause instanceof TallymanError) throw cause;
      throw unwritable(state_dir, cause);
    }
  }

  /**
   * The process id of the tallyman that runs on the directory, "" where it does not say; undefined where none does.
   * Takes nothing over. Throws TallymanError state_unwritable where the directory cannot be opened.
   */
  static async holder(state_dir: string): Promise<string | undefined> {
    const directory = openDirectory(state_dir);
    try {
      const holder = await holderOf(lockIn(directory));
      return holder ?? ((await DirectoryLock.isTaken(directory)) ? "" : undefined);
    } finally {
      closeSync(directory);
    }
  }

  /** The directory itself, by a path that leads to no other one that takes its place. */
  get place(): string {
    return pathOf(this.#directory);
  }

  /** Rejects where another directory has taken the place of the one that is locked: another tallyman may run on it. */
  async confirm(): Promise<void> {
    const { dev, ino } = fstatSync(this.#directory);
    const named = await stat(this.#state_dir);
    if (dev === named.dev && ino === named.ino) return;
    throw new Error(
      `${this.#state_dir} is not the directory that this process has locked; put that one back, or restart tallyman`,
    );
  }

  async release(): Promise<void> {
    // Closing the server also removes the socket file.
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#lock.release();
    closeSync(this.#directory);
  }
}

interface OpenDirectory {
  readonly directory: number;
  readonly state_dir: string;
}

function lockIn(directory: number): string {
  return join(pathOf(directory), state_names.lock);
}

function openDirectory(state_dir: string): number {
  try {
    return openSync(state_dir, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (cause) {
    throw unwritable(state_dir, cause);
  }
}

async function refuseUntrusted(state_dir: string): Promise<void> {
  const reason = await distrustOfTree(state_dir);
  if (reason === undefined) return;
  throw new TallymanError("state_untrusted", `others can change the state directory: ${reason}`, {
    file: state_dir,
  });
}

/** What is to be a directory, and is something else, is named here once. */
async function refuseMisplaced(state_dir: string): Promise<void> {
  const { journals, quarantine } = state_names;
  for (const name of [journals, quarantine, join(quarantine, "replay")]) {
    const path = join(state_dir, name);
    if ((await lstat(path).catch(() => undefined)) === undefined) continue;
    const target = await stat(path).catch(() => undefined);
    if (target?.isDirectory() !== true) throw new NotAFile(path, "not a directory");
  }
}

/** Throws TallymanError state_locked where another has the lock. */
async function lockDirectory(
  directory: number,
  { path, state_dir }: { path: string; state_dir: string },
): Promise<DirectoryLock> {
  for (let attempt = 0; attempt < attempts_max; attempt += 1) {
    if (attempt > 0) await systemClock.sleep(retry_wait_ms);
    const lock = await DirectoryLock.take(directory);
    if (lock !== undefined) return lock;
    await refuseIfLive(path, state_dir);
  }
  throw locked(state_dir, undefined);
}

/** Listens on the socket. Throws TallymanError state_locked where another does. */
async function listenAlone(path: string, state_dir: string): Promise<Server> {
  for (let attempt = 0; attempt < attempts_max; attempt += 1) {
    const server = await listen(path);
    if (server !== undefined) return server;
    await refuseIfLive(path, state_dir);
    await takeAside(path, state_dir);
  }
  throw locked(state_dir, undefined);
}

/** Undefined where the path is taken. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end(String(process.pid), () => socket.destroy());
    });
    server.unref();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => resolve(server));
  });
}

/** The answer of whoever listens on the socket; undefined where nobody does. */
function holderOf(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect({ path, timeout: answer_wait_ms_max });
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => (answer += text));
    socket.once("end", () => resolve(answer));
    socket.once("timeout", () => {
      socket.destroy();
      resolve(answer);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "ECONNREFUSED" || error.code === "ENOENT" ? undefined : answer);
    });
  });
}

async function refuseIfLive(path: string, state_dir: string): Promise<void> {
  const holder = await holderOf(path);
  if (holder !== undefined) throw locked(state_dir, holder);
}

async function takeAside(path: string, state_dir: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    if ((await lstat(path)).isDirectory()) {
      throw new NotAFile(join(state_dir, state_names.lock), "a directory");
    }
    await rename(path, aside);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return;
    throw cause;
  }
  const holder = await holderOf(aside);
  if (holder === undefined) return unlink(aside);
  await rename(aside, path);
  throw locked(state_dir, holder);
}

function locked(state_dir: string, holder: string | undefined): TallymanError {
  const who = holder ? ` (process ${holder})` : "";
  return new TallymanError(
    "state_locked",
    `another tallyman${who} is using ${state_dir}; stop it, or give this one its own state_dir`,
    { file: state_dir },
  );
}

function unwritable(state_dir: string, cause: unknown): TallymanError {
  return new TallymanError(
    "state_unwritable",
    `cannot lock the state directory ${state_dir}: ${messageOf(cause)}`,
    { file: state_dir },
    { cause },
  );
}
