/**
 * Temporary files, for what would grow in memory with the export. They have no name from the beginning on, so that nobody else can
 * open them, and nothing is left behind however the command ends.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf, TallymanError } from "../../../platform/errors.ts";

/** How much of what is appended waits in memory. */
const appended_bytes_max = 64 * 1024;

/** All temporary files of one command. */
export class Scratch {
  readonly #files = new Set<ScratchFile>();

  /** Throws TallymanError verify_impossible. */
  open(buffer_bytes = appended_bytes_max): ScratchFile {
    const file = new ScratchFile(buffer_bytes);
    this.#files.add(file);
    return file;
  }

  /** Before the end of the command, for what is not needed so long. */
  close(file: ScratchFile): void {
    if (this.#files.delete(file)) file.close();
  }

  closeAll(): void {
    for (const file of this.#files) this.close(file);
  }
}

/** Bytes by their place. Each call may throw TallymanError verify_impossible, as where the disk is full. */
export class ScratchFile {
  readonly #descriptor: number;
  readonly #waiting: Buffer;
  #waiting_bytes = 0;
  /** What is in the file. */
  #written = 0;

  constructor(buffer_bytes: number) {
    this.#waiting = Buffer.allocUnsafeSlow(buffer_bytes);
    this.#descriptor = attempt(() => {
      const directory = mkdtempSync(join(tmpdir(), "tallyman-verify-"));
      try {
        return openSync(join(directory, "scratch"), "wx+", 0o600);
      } finally {
        rmSync(directory, { recursive: true });
      }
    });
  }

  get size(): number {
    return this.#written + this.#waiting_bytes;
  }

  /** Gives where the bytes are now. */
  append(bytes: Uint8Array): number {
    const at = this.size;
    if (this.#waiting_bytes + bytes.length > this.#waiting.length) this.#flush();
    if (bytes.length > this.#waiting.length) {
      this.#write(bytes, at);
      this.#written += bytes.length;
    } else {
      this.#waiting.set(bytes, this.#waiting_bytes);
      this.#waiting_bytes += bytes.length;
    }
    return at;
  }

  /** Writes over what is there. */
  replace(at: number, bytes: Uint8Array): void {
    if (at + bytes.length > this.#written) this.#flush();
    this.#write(bytes, at);
  }

  /** What is there; less than was asked for only at the end. */
  read(at: number, length: number): Buffer {
    if (at + length > this.#written) this.#flush();
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.#written - at)));
    attempt(() => {
      for (let read = 0; read < bytes.length;) {
        const more = readSync(this.#descriptor, bytes, read, bytes.length - read, at + read);
        if (more === 0) throw new Error("it has become shorter");
        read += more;
      }
    });
    return bytes;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #flush(): void {
    this.#write(this.#waiting.subarray(0, this.#waiting_bytes), this.#written);
    this.#written += this.#waiting_bytes;
    this.#waiting_bytes = 0;
  }

  #write(bytes: Uint8Array, at: number): void {
    attempt(() => {
      for (let written = 0; written < bytes.length;) {
        const left = bytes.length - written;
        written += writeSync(this.#descriptor, bytes, written, left, at + written);
      }
    });
  }
}

function attempt<Value>(action: () => Value): Value {
  try {
    return action();
  } catch (cause) {
    const message =
      `cannot keep a temporary file in ${tmpdir()}: ${messageOf(cause)}; ` +
      "the environment variable TMPDIR names another directory";
    throw new TallymanError("verify_impossible", message, { file: tmpdir() }, { cause });
  }
}
