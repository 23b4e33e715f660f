/**
 * The file of a UNIX socket that is listened on: made, taken over from a process that died, and removed.
 *
 * The socket is bound in a private directory beside its path, gets its owner and mode there, and only then its path,
 * by a hard link. The directory is used by what was opened, so that nobody puts another in its place meanwhile. So nobody
 * connects before the mode holds, nothing that is at the path is ever overwritten, and the library, which at the end
 * removes the name that it bound, removes nobody else's socket.
 */
import { constants } from "node:fs";
import {
  chmod,
  chown,
  link,
  lstat,
  mkdtemp,
  open,
  rename,
  rmdir,
  unlink,
  type FileHandle,
} from "node:fs/promises";
import { connect, type Server } from "node:net";
import { basename, dirname } from "node:path";
import { messageOf, TallymanError } from "../errors.ts";
import { HeldDirectory, o_path } from "../files/held-directory.ts";
import { pathOf } from "../files/descriptor-path.ts";

export interface SocketFileOptions {
  /** Absolute. Clients find one that is longer than `socket_path_bytes_max` only through its directory (`ShortPath`). */
  readonly path: string;
  readonly mode: number;
  /** Of a user and a group; undefined leaves what the process has. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

const private_prefix = ".tallyman-";
/** What mkdtemp adds. */
const random_length = 6;
/** An address holds 107 bytes (unix(7)). The private directory's name, a slash and a mark take some of them. */
export const socket_path_bytes_max = 107 - private_prefix.length - random_length - 2;

/** How many connections the kernel keeps waiting. It has a limit of its own, net.core.somaxconn. */
export const backlog_max = 4096;

/** How often a taken path is looked at before the start gives up. */
const attempts_max = 5;

export class SocketFile {
  readonly #name: string;
  readonly #inode: string;
  readonly #directory: HeldDirectory;

  private constructor(name: string, inode: string, directory: HeldDirectory) {
    this.#name = name;
    this.#inode = inode;
    this.#directory = directory;
  }

  /**
   * Has the server listen at the path. Throws TallymanError socket_in_use where somebody else does, and
   * socket_unavailable where the path cannot be had; the server is closed then.
   */
  static async listen(server: Server, options: SocketFileOptions): Promise<SocketFile> {
    let directory: HeldDirectory | undefined;
    try {
      directory = await HeldDirectory.open(dirname(options.path));
      return await SocketFile.#listenIn(directory, server, options);
    } catch (cause) {
      const explained = directory === undefined ? cause : directory.explained(cause);
      server.close();
      await directory?.close();
      if (explained instanceof TallymanError) throw explained;
      throw unavailable(options.path, whyNot(options.path, explained), explained);
    }
  }

  static async #listenIn(
    directory: HeldDirectory,
    server: Server,
    { path, mode, uid, gid }: SocketFileOptions,
  ): Promise<SocketFile> {
    const name = basename(path);
    const inner = await PrivateDirectory.in(directory);
    try {
      const { bound, aside } = inner;
      await listenAt(server, bound);
      // A service manager may forbid the call altogether.
      if (uid !== undefined || gid !== undefined) await chown(bound, uid ?? -1, gid ?? -1);
      await chmod(bound, mode);
      await publish({ bound, place: directory.at(name), aside, path });
      const { dev, ino } = await lstat(bound, { bigint: true });
      return new SocketFile(name, `${dev}:${ino}`, directory);
    } finally {
      await inner.remove();
    }
  }

  /** Removes the file, if it is still the one that was made. May be called again. */
  async remove(): Promise<void> {
    const place = this.#directory.at(this.#name);
    try {
      const { dev, ino } = await lstat(place, { bigint: true });
      if (`${dev}:${ino}` === this.#inode) await unlink(place);
    } catch {
      // It is gone, or its directory may not be written any more; the next start takes it over.
    }
    await this.#directory.close();
  }
}

/** A directory of this process alone, by its open descriptor. */
class PrivateDirectory {
  readonly #name: string;
  readonly #handle: FileHandle;

  private constructor(name: string, handle: FileHandle) {
    this.#name = name;
    this.#handle = handle;
  }

  /** Makes one. Rejects with the system's error. */
  static async in(directory: HeldDirectory): Promise<PrivateDirectory> {
    const name = await mkdtemp(directory.at(private_prefix));
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
    const made = new PrivateDirectory(name, await open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    const { uid, mode } = await made.#handle.stat();
    if (uid === process.geteuid!() && (mode & 0o077) === 0) return made;
    await made.#handle.close();
    throw new Error(`${name} has been replaced by another directory`);
  }

  /** Where the socket is bound: the library will remove that name at the end, when the descriptor is another's. */
  get bound(): string {
    return `${pathOf(this.#handle.fd)}/${basename(this.#name)}`;
  }

  /** Where what has the name of the socket is moved. */
  get aside(): string {
    return `${this.bound}~`;
  }

  /** Never rejects: what was put in its place meanwhile stays. */
  async remove(): Promise<void> {
    for (const path of [this.bound, this.aside]) await unlink(path).catch(() => undefined);
    await this.#handle.close().catch(() => undefined);
    await rmdir(this.#name).catch(() => undefined);
  }
}

/** Gives the socket at `path` another mode, and nothing else that may be there. Rejects with the system's error. */
export async function changeSocketMode(path: string, mode: number): Promise<void> {
  const directory = await HeldDirectory.open(dirname(path));
  try {
    const handle = await open(directory.at(basename(path)), o_path | constants.O_NOFOLLOW);
    try {
      if (!(await handle.stat()).isSocket()) throw new Error(`${path} is not a socket`);
      await chmod(pathOf(handle.fd), mode);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw directory.explained(cause);
  } finally {
    await directory.close();
  }
}

function listenAt(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path, backlog: backlog_max }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** Where a socket is published: `path` is what people call the place. */
interface Publication {
  bound: string;
  place: string;
  aside: string;
  path: string;
}

/** Gives the bound socket its name, from which a socket that nobody listens on is removed. */
async function publish(publication: Publication): Promise<void> {
  const { bound, place, path } = publication;
  for (let attempt = 0; attempt < attempts_max; attempt += 1) {
    try {
      return await link(bound, place);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
      await clear(publication);
    }
  }
  throw inUse(path);
}

async function clear({ place, aside, path }: Publication): Promise<void> {
  try {
    if (!(await lstat(place)).isSocket())
      throw unavailable(
        path,
        "something other than a socket is there; see who made it, and remove it",
      );
    if (await isLive(place)) throw inUse(path);
    // Between the look and the move another may have come: what was moved is looked at again.
    await rename(place, aside);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return;
    throw cause;
  }
  if (!(await lstat(aside)).isSocket() || (await isLive(aside))) {
    await link(aside, place);
    throw inUse(path);
  }
}

/** Whether somebody listens. What cannot be found out, as for lack of permission, counts as somebody. */
function isLive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", ({ code }: NodeJS.ErrnoException) => {
      resolve(code !== "ECONNREFUSED" && code !== "ENOENT");
    });
  });
}

function inUse(path: string): TallymanError {
  return new TallymanError(
    "socket_in_use",
    `another process listens on ${path}; stop it, or choose another path`,
    { file: path },
  );
}

/** An error of the code socket_unavailable. */
export function unavailable(path: string, why: string, cause?: unknown): TallymanError {
  const message = `cannot listen on ${path}: ${why}`;
  return new TallymanError("socket_unavailable", message, { file: path }, { cause });
}

function whyNot(path: string, cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "ENOENT") return `the directory ${dirname(path)} does not exist`;
  return messageOf(cause);
}
