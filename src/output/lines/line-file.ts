/**
 * A file of lines: appended and synced, never a torn one in the middle, and put aside when it is full.
 *
 * A line that a crash cut short is ended with a line feed before anything is written after it.
 */
import { constants } from "node:fs";
import { stat, type FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { syncDirectory } from "../../platform/files/atomic-file.ts";
import { HeldDirectory } from "../../platform/files/held-directory.ts";
import { openSole } from "../../platform/files/own-file.ts";

const directory_mode = 0o700;
const mode_bits = 0o7777;
const line_feed = Buffer.from("\n");

export interface LineFileDeps {
  /** The file's path; its directory is made where it is missing. */
  path: string;
  mode: number;
  /** How it is opened, by flags of open(2); a file that nobody else may have made, unless this says otherwise. */
  open?: typeof openSole;
  /** A file that would grow beyond this is full. */
  file_bytes_max: number;
  /**
   * Gives the full file in this directory another name, since so many bytes come; it is closed by then. May be called again
   * after it failed.
   */
  putAside: (directory: HeldDirectory, bytes: number) => Promise<void>;
}

/** The file while it is open, and its directory. */
class OpenFile {
  readonly handle: FileHandle;
  readonly directory: HeldDirectory;

  constructor(handle: FileHandle, directory: HeldDirectory) {
    this.handle = handle;
    this.directory = directory;
  }

  async close(): Promise<void> {
    try {
      await this.handle.close();
    } finally {
      await this.directory.close();
    }
  }
}

export class LineFile {
  readonly #deps: LineFileDeps;
  /** A file that would grow beyond this is full. */
  file_bytes_max: number;
  #file: OpenFile | undefined;
  /** Bytes of the file when it was looked at last. */
  #size = 0;

  constructor(deps: LineFileDeps) {
    this.#deps = deps;
    this.file_bytes_max = deps.file_bytes_max;
  }

  /**
   * Appends whole lines, and resolves when they are on the disk. Rejects with the system's error (ENOSPC, EIO,
   * EACCES, …); the lines may then be appended again.
   */
  async append(lines: Buffer): Promise<void> {
    let begun_at: number | undefined;
    try {
      let { handle } = await this.#current();
      if (this.#size > 0 && this.#size + lines.length > this.file_bytes_max) {
        await this.#putAside(lines.length);
        ({ handle } = await this.#current());
      }
      begun_at = this.#size;
      await handle.appendFile(lines);
      await handle.datasync();
    } catch (cause) {
      await this.#abandon(begun_at, lines.length);
      throw cause;
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #putAside(bytes: number): Promise<void> {
    const { handle, directory } = this.#file!;
    this.#file = undefined;
    try {
      await handle.close();
      await this.#deps.putAside(directory, bytes);
      await syncDirectory(directory.place);
    } catch (cause) {
      throw directory.explained(cause);
    } finally {
      await directory.close();
    }
  }

  /** The open file, which is opened again where somebody has moved or removed it meanwhile. */
  async #current(): Promise<OpenFile> {
    const file = this.#file;
    if (file !== undefined) {
      const [opened, named] = await Promise.all([
        file.handle.stat(),
        stat(this.#deps.path).catch(ignoreMissing),
      ]);
      this.#size = opened.size;
      if (opened.ino === named?.ino && opened.dev === named.dev) return file;
      await this.close();
    }
    this.#file = await this.#open();
    return this.#file;
  }

  async #open(): Promise<OpenFile> {
    const { path, mode, open = openSole } = this.#deps;
    const directory = await HeldDirectory.open(dirname(path), directory_mode);
    let handle: FileHandle | undefined;
    try {
      const { O_RDWR, O_APPEND, O_CREAT } = constants;
      handle = await open(directory.at(basename(path)), O_RDWR | O_APPEND | O_CREAT, mode);
      await this.#prepare(handle, directory);
      return new OpenFile(handle, directory);
    } catch (cause) {
      const explained = directory.explained(cause);
      await handle?.close();
      await directory.close();
      throw explained;
    }
  }

  async #prepare(handle: FileHandle, directory: HeldDirectory): Promise<void> {
    const { mode } = this.#deps;
    const stats = await handle.stat();
    const { size } = stats;
    // Whose file it is not may not do this, even where the mode is right.
    if ((stats.mode & mode_bits) !== mode) await handle.chmod(mode);
    this.#size = size;
    if (size === 0) return syncDirectory(directory.place);
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    if (buffer.equals(line_feed)) return;
    await handle.appendFile(line_feed);
    this.#size += 1;
  }

  /** After a failure: takes back what was written of the lines since `begun_at`, if that is still possible. */
  async #abandon(begun_at: number | undefined, bytes: number): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    // Where this fails too, the next open finds a torn line and ends it.
    if (begun_at !== undefined)
      await takeBack(file?.handle, begun_at, bytes).catch(() => undefined);
    await file?.close().catch(() => undefined);
  }
}

/** Cuts off what is there from `begun_at` on, unless somebody else has a part in it: it is at most so many bytes. */
async function takeBack(
  handle: FileHandle | undefined,
  begun_at: number,
  bytes: number,
): Promise<void> {
  const written = ((await handle?.stat())?.size ?? 0) - begun_at;
  if (written > 0 && written <= bytes) await handle?.truncate(begun_at);
}

/** For `catch`: nothing where there is no such file. */
export function ignoreMissing(cause: NodeJS.ErrnoException): undefined {
  if (cause.code !== "ENOENT") throw cause;
}
