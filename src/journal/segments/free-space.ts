/**
 * Keeps some of the disk free of the journals: a segment is removed only when the state file says that all in it is
 * settled, so a journal that took the last byte, which the state file needs, could never give any back.
 */
import type { JournalFiles } from "./files.ts";

const MiB = 1024 * 1024;
const kept_bytes_max = 64 * MiB;
/** Of a small disk, no more than this part of it is kept. */
const kept_part = 1 / 8;
/** Bytes that are written before the disk is asked again. */
const unasked_bytes_max = MiB;

/** What is kept of a disk of that size. */
export function keptBytes(total_bytes: number): number {
  return Math.min(kept_bytes_max, total_bytes * kept_part);
}

export class FreeSpace {
  readonly #files: JournalFiles;
  readonly #directory: string;
  /** Bytes that may be written before the disk is asked again. */
  #granted_bytes = 0;
  /** What was refused last. */
  #refused_bytes = 0;

  constructor(files: JournalFiles, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /** To be called before so many bytes are written. Rejects with ENOSPC where they would leave too little. */
  async claim(bytes: number): Promise<void> {
    if (bytes > this.#granted_bytes) {
      this.#granted_bytes = 0;
      const { free_bytes, total_bytes } = await this.#files.space(this.#directory);
      const spare_bytes = free_bytes - keptBytes(total_bytes);
      if (bytes > spare_bytes) {
        this.#refused_bytes = Math.min(bytes, unasked_bytes_max);
        throw tooLittle(free_bytes);
      }
      this.#granted_bytes = Math.min(spare_bytes, Math.max(bytes, unasked_bytes_max));
    }
    this.#granted_bytes -= bytes;
  }

  /** To be called before a journal goes on. Rejects with ENOSPC where what was refused last would be so again. */
  async regain(): Promise<void> {
    this.#granted_bytes = 0;
    await this.claim(Math.max(this.#refused_bytes, 1));
    this.#refused_bytes = 0;
  }
}

function tooLittle(free_bytes: number): NodeJS.ErrnoException {
  const message = `ENOSPC: the last ${free_bytes} bytes of the disk are kept for the state file`;
  return Object.assign(new Error(message), { code: "ENOSPC" });
}
