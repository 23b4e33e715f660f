/**
 * A file of lines: appended and synced, never a torn one in the middle, and put aside when it is full.
 *
 * A line that a crash cut short is ended with a line feed before anything is written after it.
 */
import { constants } from "node:fs";
import { mkdir, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { syncDirectory } from "../../platform/files/atomic-file.ts";
import { openOwn } from "../../platform/files/own-file.ts";

const directory_mode = 0o700;
const mode_bits = 0o7777;
const line_feed = Buffer.from("\n");

export interface LineFileDeps {
  /** The file's path; its directory is made where it is missing. */
  path: string;
  mode: number;
  /** How it is opened, by flags of open(2); a file that nobody else may have made, unless this says otherwise. */
  open?: typeof openOwn;
  /** A file that would grow beyond this is full. */
  file_bytes_max: number;
  /** Gives the full file another name, since so many bytes come; it is closed by then. May be called again after it failed. */
  putAside: (bytes: number) => Promise<void>;
}

export class LineFile {
  readonly #deps: LineFileDeps;
  /** A file that would grow beyond this is full. */
  file_bytes_max: number;
  #handle: FileHandle | undefined;
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
    const { putAside, path } = this.#deps;
    let begun_at: number | undefined;
    try {
      let handle = await this.#current();
      if (this.#size > 0 && this.#size + lines.length > this.file_bytes_max) {
        await this.close();
        await putAside(lines.length);
        await syncDirectory(dirname(path));
        handle = await this.#current();
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
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** The open file, which is opened again where somebody has moved or removed it meanwhile. */
  async #current(): Promise<FileHandle> {
    const handle = this.#handle;
    if (handle !== undefined) {
      const [opened, named] = await Promise.all([
        handle.stat(),
        stat(this.#deps.path).catch(ignoreMissing),
      ]);
      this.#size = opened.size;
      if (opened.ino === named?.ino && opened.dev === named.dev) return handle;
      await this.close();
    }
    this.#handle = await this.#open();
    return this.#handle;
  }

  async #open(): Promise<FileHandle> {
    const { path, mode, open = openOwn } = this.#deps;
    await mkdir(dirname(path), { recursive: true, mode: directory_mode });
    const { O_RDWR, O_APPEND, O_CREAT } = constants;
    const handle = await open(path, O_RDWR | O_APPEND | O_CREAT, mode);
    try {
      const deps = await handle.stat();
      const { size } = deps;
      // Whose file it is not may not do this, even where the mode is right.
      if ((deps.mode & mode_bits) !== mode) await handle.chmod(mode);
      this.#size = size;
      if (size === 0) {
        await syncDirectory(dirname(path));
      } else {
        const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
        if (!buffer.equals(line_feed)) {
          await handle.appendFile(line_feed);
          this.#size += 1;
        }
      }
      return handle;
    } catch (cause) {
      await handle.close();
      throw cause;
    }
  }

  /** After a failure: takes back what was written of the lines since `begun_at`, if that is still possible. */
  async #abandon(begun_at: number | undefined, bytes: number): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    // Where this fails too, the next open finds a torn line and ends it.
    if (begun_at !== undefined) await takeBack(handle, begun_at, bytes).catch(() => undefined);
    await handle?.close().catch(() => undefined);
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
