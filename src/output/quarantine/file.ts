/**
 * The quarantine's files, bounded in size: `quarantine.jsonl` is the newest; when it is full it becomes
 * `quarantine.jsonl.1`, and so on, and the oldest is removed.
 */
import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { countIn } from "../../ledger/books.ts";
import { ignoreMissing, LineFile } from "../lines/line-file.ts";
import { full_files_max, linesOf, newest_file, openToRead } from "./lines.ts";

const file_mode = 0o600;

export interface RemovedFile {
  file: string;
  events: number;
  bytes: number;
  events_by_input: Record<string, number>;
}

export class QuarantineFile {
  readonly #path: string;
  readonly #lines: LineFile;
  /** What all files together may have. */
  #bytes_max: number;
  /** Called when the oldest file had to go. */
  readonly #onRemoved: (removed: RemovedFile) => void;
  /** What is done with the files, one thing after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(directory: string, bytes_max: number, onRemoved: (removed: RemovedFile) => void) {
    this.#path = join(directory, newest_file);
    this.#bytes_max = bytes_max;
    this.#onRemoved = onRemoved;
    this.#lines = new LineFile({
      path: this.#path,
      mode: file_mode,
      file_bytes_max: fileBytesMax(bytes_max),
      putAside: (_, bytes) => this.#rotate(bytes),
    });
  }

  /** Uses another bound from the next event on. */
  change(bytes_max: number): void {
    this.#bytes_max = bytes_max;
    this.#lines.file_bytes_max = fileBytesMax(bytes_max);
  }

  /** As LineFile does it. More than a file may have are to come in several calls. */
  append(lines: Buffer): Promise<void> {
    return this.alone(() => this.#lines.append(lines));
  }

  /** Does something with the files while nothing is appended. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  close(): Promise<void> {
    return this.alone(() => this.#lines.close());
  }

  /** Makes the newest file a full one, and removes the oldest until there is room for so many bytes. */
  async #rotate(bytes: number): Promise<void> {
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
      for (const { details } of lines) {
        // A line that a crash has cut short was never counted as an event.
        if (details === undefined) continue;
        removed.events += 1;
        const { events_by_input } = removed;
        events_by_input[details.input] = countIn(events_by_input, details.input) + 1;
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

function fileBytesMax(bytes_max: number): number {
  return Math.floor(bytes_max / (full_files_max + 1));
}
