/**
 * The quarantine's files, bounded in size: `quarantine.jsonl` is the newest; when it is full it becomes
 * `quarantine.jsonl.1`, and so on, and the oldest is removed.
 */
import { createReadStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ignoreMissing, LineFile } from "./line-file.ts";

/** Full files that are kept beside the one that is written. */
const full_files_max = 3;
const file_mode = 0o600;

export interface RemovedFile {
  file: string;
  events: number;
  bytes: number;
}

export class QuarantineFile {
  readonly #path: string;
  readonly #lines: LineFile;
  /** Called when the oldest file had to go. */
  readonly #onRemoved: (removed: RemovedFile) => void;

  constructor(directory: string, bytes_max: number, onRemoved: (removed: RemovedFile) => void) {
    this.#path = join(directory, "quarantine.jsonl");
    this.#onRemoved = onRemoved;
    this.#lines = new LineFile({
      path: this.#path,
      mode: file_mode,
      file_bytes_max: Math.floor(bytes_max / (full_files_max + 1)),
      putAside: () => this.#rotate(),
    });
  }

  /** As LineFile does it. */
  append(lines: Buffer): Promise<void> {
    return this.#lines.append(lines);
  }

  close(): Promise<void> {
    return this.#lines.close();
  }

  async #rotate(): Promise<void> {
    const oldest = `${this.#path}.${full_files_max}`;
    const removed = await countLines(oldest);
    if (removed !== undefined) {
      await rm(oldest);
      this.#onRemoved(removed);
    }
    for (let number = full_files_max; number > 1; number -= 1) {
      await renameIfThere(`${this.#path}.${number - 1}`, `${this.#path}.${number}`);
    }
    await rename(this.#path, `${this.#path}.1`);
  }
}

/** What the file holds; undefined where there is none. */
async function countLines(file: string): Promise<RemovedFile | undefined> {
  const facts = await stat(file).catch(ignoreMissing);
  if (facts === undefined) return undefined;
  let events = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) events += 1;
  }
  return { file, events, bytes: facts.size };
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch(ignoreMissing);
}
