/**
 * A lock on a directory itself, that nobody can remove as they could a file in it: flock(2) on the directory, which the
 * kernel keeps for as long as this process has it open, and lets go of however the process ends.
 *
 * Node has no call for it. The program flock of util-linux or busybox takes it on a descriptor that it inherits, and so
 * for whoever opened that. Where the program is missing, or the file system has no such lock (NFS), an abstract UNIX
 * socket with a name made of the directory's device and inode takes its place, within one network namespace.
 */
import { spawn } from "node:child_process";
import { fstatSync } from "node:fs";
import { createServer, type Server } from "node:net";

const program = "flock";
/** What the program ends with where another has the lock. */
const exit_taken = 1;

export class DirectoryLock {
  readonly #server: Server | undefined;

  private constructor(server?: Server) {
    this.#server = server;
  }

  /** Locks the directory that is open; undefined where another has the lock. Rejects with the system's error. */
  static async take(directory: number): Promise<DirectoryLock | undefined> {
    const status = await flock(directory, "-x");
    if (status === 0) return new DirectoryLock();
    if (status === exit_taken) return undefined;
    const server = await listen(abstractName(directory));
    return server && new DirectoryLock(server);
  }

  /** Whether another has the lock of the directory that is open, which is not locked by it. */
  static async isTaken(directory: number): Promise<boolean> {
    const status = await flock(directory, "-s");
    if (status === 0 || status === exit_taken) return status === exit_taken;
    const server = await listen(abstractName(directory));
    server?.close();
    return server === undefined;
  }

  /** The directory is still to be closed, with which the lock goes. */
  async release(): Promise<void> {
    const server = this.#server;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

/** Takes the lock alone, or shared; what the program ends with, undefined where it cannot be run. Never rejects. */
function flock(directory: number, how: "-x" | "-s"): Promise<number | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, ["-n", how, "3"], {
      stdio: ["ignore", "ignore", "ignore", directory],
    });
    child.once("error", () => resolve(undefined));
    child.once("exit", (status) => resolve(status ?? undefined));
  });
}

function abstractName(directory: number): string {
  const { dev, ino } = fstatSync(directory, { bigint: true });
  return `\0tallyman-state-${dev}-${ino}`;
}

/** Undefined where somebody listens there. */
function listen(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(name, () => resolve(server));
  });
}
