/**
 * The archive of the `file` output: the file that is written, and full ones behind it, numbered in their order.
 *
 *     archive.jsonl.000001   archive.jsonl.000002   …   archive.jsonl
 *     the oldest             the next                   the one that is written
 *
 * Nothing is removed but where `keep` says so, and then the log says so.
 */
import { lstat, readdir, rename, rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import { messageOf } from "../../platform/errors.ts";
import type { HeldDirectory } from "../../platform/files/held-directory.ts";
import type { Logger } from "../../platform/log.ts";
import {
  isOpenToOthers,
  isOwnShared,
  NotAFile,
  openShared,
} from "../../platform/files/own-file.ts";
import { LineFile } from "../lines/line-file.ts";
import type { LineSink } from "../lines/line-output.ts";
import type { FileOutputOptions } from "./options.ts";

/** So that names sort by number for long. */
const number_digits = 6;
const number_digits_max = 15;
const number_max = 10 ** number_digits_max - 1;

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
      putAside: (directory) => this.#putAside(directory),
    });
  }

  write(lines: Buffer): Promise<void> {
    return this.#lines.append(lines);
  }

  close(): Promise<void> {
    return this.#lines.close();
  }

  async #putAside(directory: HeldDirectory): Promise<void> {
    const name = basename(this.#options.path);
    const names = (await readdir(directory.place)).filter((each) => isFullFile(each, name));
    const last = names.reduce((most, each) => Math.max(most, numberOf(each)), 0);
    if (last === number_max) {
      // Whatever comes behind it would be written over the one before.
      const remedy = "see who made it, and move it away";
      throw new NotAFile(directory.at(nameOf(name, last)), "the last that can be numbered", {
        remedy,
      });
    }
    await rename(directory.at(name), directory.at(nameOf(name, last + 1)));
    const { keep } = this.#options;
    if (keep === undefined) return;
    const full = await ownFiles(directory, [...names, nameOf(name, last + 1)]);
    full.sort((one, other) => numberOf(one) - numberOf(other));
    await this.#removeOldest(directory, full.slice(0, Math.max(0, full.length - keep)));
  }

  /** A file that cannot be removed holds up nothing: it is tried again with the next. */
  async #removeOldest(directory: HeldDirectory, names: readonly string[]): Promise<void> {
    const { path, keep } = this.#options;
    for (const name of names) {
      const file = nameOf(path, numberOf(name));
      try {
        await rm(directory.at(name));
        this.#log.warn(
          "archive_file_removed",
          { file, keep },
          "The oldest archive file was removed.",
        );
      } catch (cause) {
        const error = messageOf(directory.explained(cause));
        this.#log.warn(
          "archive_file_unremovable",
          { file, error },
          "The oldest archive file cannot be removed.",
        );
      }
    }
  }
}

/** Those that nobody else can have put there, so that the archive's own would be removed for them. */
async function ownFiles(directory: HeldDirectory, names: readonly string[]): Promise<string[]> {
  const is_open = isOpenToOthers(await stat(directory.place));
  const own: string[] = [];
  for (const name of names) {
    const stats = await lstat(directory.at(name)).catch(() => undefined);
    if (stats !== undefined && isOwnShared(stats, is_open)) own.push(name);
  }
  return own;
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
