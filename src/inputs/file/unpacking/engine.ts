/**
 * One run of zlib's or Zstandard's decompression, a slice of compressed bytes at a time, in the thread pool.
 *
 * What comes out is bounded however much a slice becomes: the stream goes on only as it is read.
 */
import { createInflateRaw, createZstdDecompress } from "node:zlib";

/** Bytes of content that come out at a time. */
const piece_bytes = 64 * 1024;

/**
 * - hungry: it has nothing more to give before it gets more.
 * - ended: the compressed data has ended.
 * - damaged: what it was given is no such data.
 */
export type Rest = "hungry" | "ended" | "damaged";

export class Engine {
  readonly #stream: ReturnType<typeof createInflateRaw | typeof createZstdDecompress>;
  #state: Rest | "busy" = "hungry";
  #wake: (() => void) | undefined;
  #given_bytes = 0;

  constructor(format: "deflate" | "zstd") {
    const options = { chunkSize: piece_bytes, readableHighWaterMark: piece_bytes };
    this.#stream = format === "deflate" ? createInflateRaw(options) : createZstdDecompress(options);
    this.#stream.on("readable", () => this.#wake?.());
    this.#stream.on("end", () => this.#rest("ended"));
    this.#stream.on("error", () => this.#rest("damaged"));
  }

  /** Bytes given that it had no use for, as it had ended before them. */
  get unused_bytes(): number {
    return this.#given_bytes - this.#stream.bytesWritten;
  }

  /** Gives it the compressed bytes that follow. Only while it is hungry. */
  give(bytes: Buffer): void {
    this.#state = "busy";
    this.#given_bytes += bytes.length;
    this.#stream.write(bytes, () => {
      // What it has no use for follows the end of the data.
      if (this.#state === "busy") this.#rest(this.unused_bytes > 0 ? "ended" : "hungry");
    });
  }

  /** The next piece of content, or why there is none. Never rejects. */
  async next(): Promise<Buffer | Rest> {
    for (;;) {
      const piece = this.#stream.destroyed ? null : (this.#stream.read() as Buffer | null);
      if (piece !== null) return piece;
      if (this.#state !== "busy") return this.#state;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Frees its memory. */
  close(): void {
    this.#stream.destroy();
    this.#rest("damaged");
  }

  #rest(state: Rest): void {
    // Whatever follows an end or an error says nothing.
    if (this.#state !== "ended" && this.#state !== "damaged") this.#state = state;
    this.#wake?.();
  }
}
