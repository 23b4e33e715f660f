/**
 * The lock on a state directory: a UNIX socket in it, on which the one tallyman that uses it listens.
 *
 * The kernel closes the socket with its process, however that ends, so a stale lock is told from a live one
 * by connecting. It holds between containers that share the directory, too, where process ids mean nothing.
 * A stale socket is first moved aside and looked at again, so that of two starters only one takes over.
 */
import { randomUUID } from "node:crypto";
import { constants, openSync, closeSync } from "node:fs";
import { rename, unlink } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { TallymanError, messageOf } from "../platform/errors.ts";

const lock_name = "lock";
/** How long the holder has to give its process id. One that is stopped still holds the lock. */
const answer_wait_ms_max = 1000;
/** How often a start tries to take over a stale lock before it gives up. */
const attempts_max = 5;

export class StateLock {
  readonly #server: Server;
  readonly #directory: number;

  private constructor(server: Server, directory: number) {
    this.#server = server;
    this.#directory = directory;
  }

  /** Throws TallymanError state_locked where another tallyman runs, state_unwritable where it cannot tell. */
  static async acquire(state_dir: string): Promise<StateLock> {
    const directory = openDirectory(state_dir);
    // A socket's path is limited to 107 bytes; through the open directory it is always short enough.
    const path = `/proc/self/fd/${directory}/${lock_name}`;
    try {
      for (let attempt = 0; attempt < attempts_max; attempt += 1) {
        const server = await listen(path);
        if (server !== undefined) return new StateLock(server, directory);
        await refuseIfLive(path, state_dir);
        await takeAside(path, state_dir);
      }
    } catch (cause) {
      closeSync(directory);
      if (cause instanceof TallymanError) throw cause;
      throw unwritable(state_dir, cause);
    }
    closeSync(directory);
    throw locked(state_dir, undefined);
  }

  /**
   * The process id of the tallyman that runs on the directory, "" where it does not say; undefined where none does.
   * Takes nothing over. Throws TallymanError state_unwritable where the directory cannot be opened.
   */
  static async holder(state_dir: string): Promise<string | undefined> {
    const directory = openDirectory(state_dir);
    try {
      return await holderOf(`/proc/self/fd/${directory}/${lock_name}`);
    } finally {
      closeSync(directory);
    }
  }

  async release(): Promise<void> {
    // Closing the server also removes the socket file.
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    closeSync(this.#directory);
  }
}

function openDirectory(state_dir: string): number {
  try {
    return openSync(state_dir, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (cause) {
    throw unwritable(state_dir, cause);
  }
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
    `another tallyman${who} is running on ${state_dir}; stop it, or give this one its own state_dir`,
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
