/**
 * The quarantine's files: lines appended and synced, never a torn one in the middle, bounded in size.
 *
 * `quarantine.jsonl` is the newest; when it is full it becomes `quarantine.jsonl.1`, and so on, and the oldest is
 * removed. A line that a crash cut short is ended with a line feed before anything is written after it.
 */
import { constants } from "node:fs";
import { mkdir, open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory } from "../platform/atomic-file.ts";
import { full_files_max, linesOf, newest_file, openToRead } from "./quarantine-lines.ts";

const file_mode = 0o600;
const directory_mode = 0o700;
const line_feed = Buffer.from("\n");

export interface RemovedFile {
  file: string;
  events: number;
  bytes: number;
  events_by_input: Record<string, number>;
}

export class QuarantineFile {
  readonly #directory: string;
  readonly #path: string;
  /** A file that would grow beyond this is full. */
  readonly #file_bytes_max: number;
  /** What all files together may have. */
  readonly #bytes_max: number;
  /** Called when the oldest file had to go. */
  readonly #onRemoved: (removed: RemovedFile) => void;
  #handle: FileHandle | undefined;
  /** Bytes of the file before the append that goes on. */
  #size = 0;
  /** What is done with the files, one thing after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(directory: string, bytes_max: number, onRemoved: (removed: RemovedFile) => void) {
    this.#directory = directory;
    this.#path = join(directory, newest_file);
    this.#bytes_max = bytes_max;
    this.#file_bytes_max = Math.floor(bytes_max / (full_files_max + 1));
    this.#onRemoved = onRemoved;
  }

  /**
   * Appends whole lines, and resolves when they are on the disk. Rejects with the system's error (ENOSPC, EIO,
   * EACCES, …); the lines may then be appended again. More than a file may have are to come in several calls.
   */
  append(lines: Buffer): Promise<void> {
    return this.alone(() => this.#append(lines));
  }

  /** Does something with the files while nothing is appended. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  close(): Promise<void> {
    return this.alone(() => this.#close());
  }

  async #append(lines: Buffer): Promise<void> {
    try {
      let handle = await this.#current();
      if (this.#size > 0 && this.#size + lines.length > this.#file_bytes_max) {
        await this.#rotate(lines.length);
        handle = await this.#current();
      }
      await handle.appendFile(lines);
      await handle.datasync();
    } catch (cause) {
      await this.#abandon();
      throw cause;
    }
  }

  async #close(): Promise<void> {
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
        stat(this.#path).catch(ignoreMissing),
      ]);
      this.#size = opened.size;
      if (opened.ino === named?.ino && opened.dev === named.dev) return handle;
      await this.#close();
    }
    this.#handle = await this.#open();
    return this.#handle;
  }

  async #open(): Promise<FileHandle> {
    await mkdir(this.#directory, { recursive: true, mode: directory_mode });
    const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
    const flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW;
    const handle = await open(this.#path, flags, file_mode);
    try {
      await handle.chmod(file_mode);
      const { size } = await handle.stat();
      this.#size = size;
      if (size === 0) {
        await syncDirectory(this.#directory);
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

  /** Makes the newest file a full one, and removes the oldest until there is room for so many bytes. */
  async #rotate(bytes: number): Promise<void> {
    await this.#close();
    await this.#remove(`${this.#path}.${full_files_max}`);
    for (let number = full_files_max; number > 1; number -= 1) {
      await renameIfThere(`${this.#path}.${number - 1}`, `${this.#path}.${number}`);
    }
    await rename(this.#path, `${this.#path}.1`);
    // A file with one long line can have more than its share.
    let held = bytes;
    for (let number = 1; number <= full_files_max; number += 1) {
      const full = `${this.#path}.${number}`;
      held += (await stat(full).catch(ignoreMissing))?.size ?? 0;
      if (held > this.#bytes_max) await this.#remove(full);
    }
    await syncDirectory(this.#directory);
  }

  async #remove(file: string): Promise<void> {
    const removed = await countLines(file);
    if (removed === undefined) return;
    await rm(file);
    this.#onRemoved(removed);
  }
}

/** What the file holds; undefined where there is none. */
async function countLines(file: string): Promise<RemovedFile | undefined> {
  const handle = await openToRead(file);
  if (handle === undefined) return undefined;
  try {
    const removed: RemovedFile = { file, events: 0, bytes: 0, events_by_input: {} };
    removed.bytes = (await handle.stat()).size;
    for await (const lines of linesOf(handle)) {
      for (const { facts } of lines) {
        // A line that a crash has cut short was never counted as an event.
        if (facts === undefined) continue;
        removed.events += 1;
        const { events_by_input } = removed;
        events_by_input[facts.input] = (events_by_input[facts.input] ?? 0) + 1;
      }
    }
    return removed;
  } finally {
    await handle.close();
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch(ignoreMissing);
}

function ignoreMissing(cause: NodeJS.ErrnoException): undefined {
  if (cause.code !== "ENOENT") throw cause;
}
