/**
 * Parts of one file copied to others. Lines are short and go here and there, so both sides work in larger pieces.
 */
import { rm, type FileHandle } from "node:fs/promises";
import { createOwn } from "../../platform/files/own-file.ts";

const window_bytes = 1024 * 1024;
/** There may be a target for each input. */
const waiting_bytes_max = 64 * 1024;
const file_mode = 0o600;

/** A file that is copied from, mostly from its beginning to its end. */
export class CopySource {
  readonly #file: FileHandle;
  readonly #buffer = Buffer.allocUnsafe(window_bytes);
  /** Where in the file the window begins and ends that was read last. */
  #start = 0;
  #end = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** All of what is from `start` to `end`. */
  async readAll(start: number, end: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(end - start);
    for (let at = start; at < end;) at += (await this.read(at, end)).copy(bytes, at - start);
    return bytes;
  }

  /** Some of what is from `start` to `end`, at least a byte. It is good until the next call. */
  async read(start: number, end: number): Promise<Buffer> {
    if (start < this.#start || start >= this.#end) {
      const { bytesRead } = await this.#file.read(this.#buffer, 0, window_bytes, start);
      if (bytesRead === 0) throw new Error("what is copied has become shorter");
      this.#start = start;
      this.#end = start + bytesRead;
    }
    return this.#buffer.subarray(start - this.#start, Math.min(end, this.#end) - this.#start);
  }
}

/** A file that is copied to: made with the first bytes, synced, or thrown away. */
export class CopyTarget {
  readonly path: string;
  bytes = 0;
  #file: FileHandle | undefined;
  #state: "open" | "synced" = "open";
  readonly #waiting = Buffer.allocUnsafe(waiting_bytes_max);
  #waiting_bytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** Appends what is in `source` between the two offsets. Rejects with the system's error. */
  async append(source: CopySource, start: number, end: number): Promise<void> {
    for (let at = start; at < end;) {
      const bytes = await source.read(at, end);
      await this.#put(bytes);
      at += bytes.length;
      this.bytes += bytes.length;
    }
  }

  /** Resolves when all of it is on the disk; nothing can be appended after it. */
  async sync(): Promise<void> {
    await this.#write(Buffer.alloc(0));
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

  async #put(bytes: Buffer): Promise<void> {
    if (this.#waiting_bytes + bytes.length > this.#waiting.length) await this.#write(bytes);
    else this.#waiting_bytes += bytes.copy(this.#waiting, this.#waiting_bytes);
  }

  /** Writes what waits, and these bytes. */
  async #write(bytes: Buffer): Promise<void> {
    this.#file ??= await createOwn(this.path, file_mode);
    await this.#file.appendFile(this.#waiting.subarray(0, this.#waiting_bytes));
    await this.#file.appendFile(bytes);
    this.#waiting_bytes = 0;
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}
