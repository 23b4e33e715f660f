/**
 * Standard output as a place for lines. Whoever reads it may be slow, or stop reading, and that must not hold up
 * tallyman itself: a pipe is opened again without blocking, which leaves the one that others share as it is.
 */
import { constants, fstatSync, openSync, statSync, write, type Stats } from "node:fs";
import { Socket } from "node:net";
import type { Logger } from "../../platform/log.ts";
import type { LineSink } from "../lines/line-output.ts";
import { pathOf } from "../../platform/files/descriptor-path.ts";

const descriptor = 1;
const line_feed = Buffer.from("\n");
const own_path = pathOf(descriptor);

export class StandardOutput implements LineSink {
  readonly #log: Logger;
  /** Where it is a pipe or a socket. */
  #stream: Socket | undefined;
  /** Whether the stream is nobody else's, so that it can be given up. */
  #is_own = false;
  /** Of lines that a file, or the disk under it, has not taken as a whole: they go on from there. */
  #written_bytes = 0;
  /** The memory of those lines: others may come from another output, when theirs is retired. */
  #begun: ArrayBufferLike | undefined;
  #is_looked_at = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  async write(lines: Buffer, stop: AbortSignal): Promise<void> {
    const written = this.#write(lines);
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(new Error("stopped"));
    stop.addEventListener("abort", abort, { once: true });
    try {
      await Promise.race([written, aborted.promise]);
    } finally {
      stop.removeEventListener("abort", abort);
      // What is given up is nobody's any more; nor is the other promise.
      written.catch(() => undefined);
      // What the reader has not taken by then, it is not to get later.
      if (stop.aborted && this.#is_own) await this.close();
    }
  }

  async close(): Promise<void> {
    this.#stream?.destroy();
    this.#stream = undefined;
  }

  async #write(lines: Buffer): Promise<void> {
    const stats = fstatSync(descriptor);
    if (!this.#is_looked_at && isNullDevice(stats)) {
      const message = "Standard output is /dev/null. Its events count as delivered, and are gone.";
      this.#log.warn("stdout_discarded", {}, message);
    }
    this.#is_looked_at = true;
    if (stats.isFIFO() || stats.isSocket()) await this.#send(lines, stats.isFIFO());
    else await this.#writeFully(lines);
  }

  /** To a file or a terminal. What was taken before a failure is not written again when the same lines come again. */
  async #writeFully(lines: Buffer): Promise<void> {
    if (this.#written_bytes > 0 && this.#begun !== lines.buffer) {
      await writeSome(line_feed, 0);
      this.#written_bytes = 0;
    }
    this.#begun = lines.buffer;
    while (this.#written_bytes < lines.length) {
      this.#written_bytes += await writeSome(lines, this.#written_bytes);
    }
    this.#written_bytes = 0;
  }

  /** Resolves when the system has taken them. */
  async #send(lines: Buffer, is_pipe: boolean): Promise<void> {
    try {
      const stream = this.#opened(is_pipe);
      await new Promise<void>((resolve, reject) => {
        stream.write(lines, (cause) => (cause ? reject(cause) : resolve()));
      });
    } catch (cause) {
      this.#stream?.destroy();
      this.#stream = undefined;
      throw explained(cause);
    }
  }

  #opened(is_pipe: boolean): Socket {
    if (this.#stream?.writable === true) return this.#stream;
    const fd = is_pipe ? openedAnew() : descriptor;
    this.#is_own = fd !== descriptor;
    const stream = new Socket({ fd, readable: false, writable: true });
    // The writer gets the error.
    stream.on("error", () => undefined);
    this.#stream = stream;
    return stream;
  }
}

/** The pipe by itself; or else as it is, where it is another user's, as with `sudo -u tallyman … | …`. */
function openedAnew(): number {
  try {
    return openSync(own_path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EACCES") throw cause;
    return descriptor;
  }
}

/** Says how many bytes were taken of those from `at` on. */
function writeSome(bytes: Buffer, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, at, (cause, count) => (cause ? reject(cause) : resolve(count)));
  });
}

/** What a process gets that is started with its standard output closed, too. */
function isNullDevice(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === statSync("/dev/null").rdev;
}

/** EPIPE, and ENXIO where a pipe without a reader is opened. */
function explained(cause: unknown): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== "EPIPE" && code !== "ENXIO") return cause;
  return new Error("standard output has no reader any more (EPIPE)", { cause });
}
