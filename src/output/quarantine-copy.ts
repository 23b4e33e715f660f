/**
 * A file that parts of another are copied to: made with the first of them, synced, or thrown away.
 */
import { constants } from "node:fs";
import { open, rm, type FileHandle } from "node:fs/promises";

const chunk_bytes = 1024 * 1024;
const file_mode = 0o600;

export class CopyTarget {
  readonly path: string;
  bytes = 0;
  #file: FileHandle | undefined;
  #state: "open" | "synced" = "open";

  constructor(path: string) {
    this.path = path;
  }

  /** Appends what stands in `source` between the two offsets. Rejects with the system's error. */
  async append(source: FileHandle, start: number, end: number): Promise<void> {
    if (start >= end) return;
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
    this.#file ??= await open(this.path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, file_mode);
    const buffer = Buffer.allocUnsafe(Math.min(chunk_bytes, end - start));
    for (let at = start; at < end;) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, end - at), at);
      if (bytesRead === 0) throw new Error(`${this.path}: what is copied has become shorter`);
      await this.#file.appendFile(buffer.subarray(0, bytesRead));
      at += bytesRead;
      this.bytes += bytesRead;
    }
  }

  /** Resolves when all of it is on the disk; nothing can be appended after it. */
  async sync(): Promise<void> {
    await this.#file?.datasync();
    await this.#close();
    this.#state = "synced";
  }

  /** Removes it, unless it was synced. Never rejects: what is left is removed at the next start. */
  async discard(): Promise<void> {
    if (this.#state === "synced") return;
    const file = this.#file;
    await this.#close().catch(() => undefined);
    if (file !== undefined) await rm(this.path, { force: true }).catch(() => undefined);
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}
