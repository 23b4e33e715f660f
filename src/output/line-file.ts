/**
 * A file of lines: appended and synced, never a torn one in the middle, and put aside when it is full.
 *
 * A line that a crash cut short is ended with a line feed before anything is written after it.
 */
import { constants } from "node:fs";
import { mkdir, open, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { syncDirectory } from "../platform/atomic-file.ts";

const directory_mode = 0o700;
const line_feed = Buffer.from("\n");

export interface LineFileFacts {
  /** The file's path; its directory is made where it is missing. */
  path: string;
  mode: number;
  /** A file that would grow beyond this is full. */
  file_bytes_max: number;
  /** Gives the full file another name, since so many bytes come; it is closed by then. May be called again after it failed. */
  putAside: (bytes: number) => Promise<void>;
}

export class LineFile {
  readonly #facts: LineFileFacts;
  #handle: FileHandle | undefined;
  /** Bytes of the file before the append that goes on. */
  #size = 0;

  constructor(facts: LineFileFacts) {
    this.#facts = facts;
  }

  /**
   * Appends whole lines, and resolves when they are on the disk. Rejects with the system's error (ENOSPC, EIO,
   * EACCES, …); the lines may then be appended again.
   */
  async append(lines: Buffer): Promise<void> {
    const { file_bytes_max, putAside, path } = this.#facts;
    try {
      let handle = await this.#current();
      if (this.#size > 0 && this.#size + lines.length > file_bytes_max) {
        await this.close();
        await putAside(lines.length);
        await syncDirectory(dirname(path));
        handle = await this.#current();
      }
      await handle.appendFile(lines);
      await handle.datasync();
    } catch (cause) {
      await this.#abandon();
      throw cause;
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  /** The open file, which is opened anew where somebody has moved or removed it meanwhile. */
  async #current(): Promise<FileHandle> {
    const handle = this.#handle;
    if (handle !== undefined) {
      const [opened, named] = await Promise.all([
        handle.stat(),
        stat(this.#facts.path).catch(ignoreMissing),
      ]);
      this.#size = opened.size;
      if (opened.ino === named?.ino && opened.dev === named.dev) return handle;
      await this.close();
    }
    this.#handle = await this.#open();
    return this.#handle;
  }

  async #open(): Promise<FileHandle> {
    const { path, mode } = this.#facts;
    await mkdir(dirname(path), { recursive: true, mode: directory_mode });
    const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
    const handle = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, mode);
    try {
      await handle.chmod(mode);
      const { size } = await handle.stat();
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

  /** After a failure: takes back what was written of the lines, if that is still possible. */
  async #abandon(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    // Where this fails too, the next open finds a torn line and ends it.
    await handle?.truncate(this.#size).catch(() => undefined);
    await handle?.close().catch(() => undefined);
  }
}

/** For `catch`: nothing where there is no such file. */
export function ignoreMissing(cause: NodeJS.ErrnoException): undefined {
  if (cause.code !== "ENOENT") throw cause;
}
