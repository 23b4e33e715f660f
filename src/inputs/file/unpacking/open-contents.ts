/**
 * The compressed files that are being decompressed, bounded in number: each keeps memory, and would begin again if it had to
 * make room for another. So a file goes on until it is read to its end, and only then the next one begins.
 */
import type { Compression } from "./kinds.ts";
import { Unpacked, type UnpackedOptions } from "./unpacked.ts";

const open_max = 4;

export class OpenContents<File extends object> {
  readonly #options: UnpackedOptions;
  readonly #isGoingOn: (file: File) => boolean;
  readonly #open = new Map<File, Unpacked>();

  /** `isGoingOn` says of a file whether its next turn is waiting already. */
  constructor(options: UnpackedOptions, isGoingOn: (file: File) => boolean) {
    this.#options = options;
    this.#isGoingOn = isGoingOn;
  }

  /** Whether a file may be decompressed now; if not, others that go on already come first. */
  hasRoomFor(file: File): boolean {
    if (this.#open.has(file) || this.#open.size < open_max) return true;
    return [...this.#open.keys()].some((other) => !this.#isGoingOn(other));
  }

  /** The content of a file, through this handle on it. */
  of(file: File, descriptor: number, compression: Compression): Unpacked {
    let content = this.#open.get(file);
    if (content === undefined) {
      this.#makeRoom();
      content = new Unpacked(descriptor, compression, this.#options);
      this.#open.set(file, content);
    }
    content.descriptor = descriptor;
    return content;
  }

  /** What is open of a file. */
  get(file: File): Unpacked | undefined {
    return this.#open.get(file);
  }

  close(file: File): void {
    this.#open.get(file)?.close();
    this.#open.delete(file);
  }

  closeAll(): void {
    for (const file of this.#open.keys()) this.close(file);
  }

  #makeRoom(): void {
    for (const file of this.#open.keys()) {
      if (this.#open.size < open_max) return;
      if (!this.#isGoingOn(file)) this.close(file);
    }
  }
}
