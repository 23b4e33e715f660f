/**
 * The archive of the `file` output: the file that is written, and full ones behind it, numbered in their order.
 *
 *     archive.jsonl.000001   archive.jsonl.000002   …   archive.jsonl
 *     the oldest             the next                   the one that is written
 *
 * Nothing is removed but where `keep` says so, and then the log tells it.
 */
import { readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { openShared } from "../../platform/files/own-file.ts";
import { LineFile } from "../lines/line-file.ts";
import type { LineSink } from "../lines/line-output.ts";
import type { FileOutputOptions } from "./options.ts";

/** So that names sort by number for long. */
const number_digits = 6;

export class ArchiveFile implements LineSink {
  readonly #options: FileOutputOptions;
  readonly #log: Logger;
  readonly #lines: LineFile;

  constructor(options: FileOutputOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
    this.#lines = new LineFile({
      path: options.path,
      mode: Number.parseInt(options.mode, 8),
      open: openShared,
      file_bytes_max: options.max_bytes,
      putAside: () => this.#putAside(),
    });
  }

  write(lines: Buffer): Promise<void> {
    return this.#lines.append(lines);
  }

  close(): Promise<void> {
    return this.#lines.close();
  }

  async #putAside(): Promise<void> {
    const { path } = this.#options;
    const numbers = await this.#numbers();
    const number = (numbers.at(-1) ?? 0) + 1;
    await rename(path, nameOf(path, number));
    await this.#removeOldest([...numbers, number]);
  }

  /** Those of the full files, the oldest first. */
  async #numbers(): Promise<number[]> {
    const { path } = this.#options;
    const numbers: number[] = [];
    for (const name of await readdir(dirname(path))) {
      if (isFullFile(join(dirname(path), name), path)) numbers.push(numberOf(name));
    }
    return numbers.sort((one, other) => one - other);
  }

  /** A file that cannot be removed holds up nothing: it is tried again with the next. */
  async #removeOldest(numbers: readonly number[]): Promise<void> {
    const { path, keep = numbers.length } = this.#options;
    for (const number of numbers.slice(0, Math.max(0, numbers.length - keep))) {
      const file = nameOf(path, number);
      try {
        await rm(file);
        this.#log.warn(
          "archive_file_removed",
          { file, keep },
          "The oldest archive file was removed.",
        );
      } catch (cause) {
        const error = messageOf(cause);
        this.#log.warn(
          "archive_file_unremovable",
          { file, error },
          "The oldest archive file cannot be removed.",
        );
      }
    }
  }
}

/** Whether `file` is a full one of the archive at `path`, by its name. */
export function isFullFile(file: string, path: string): boolean {
  return /\.\d{6,15}$/.test(file) && file === nameOf(path, numberOf(file));
}

function numberOf(file: string): number {
  return Number(file.slice(file.lastIndexOf(".") + 1));
}

function nameOf(path: string, number: number): string {
  return `${path}.${String(number).padStart(number_digits, "0")}`;
}
