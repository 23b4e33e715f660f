/**
 * Standard output as a place for lines. Whoever reads it may be slow, or stop reading, and that must not hold up
 * tallyman itself: a pipe is opened anew without blocking, which leaves the one that others share as it is.
 */
import { constants, fstatSync, openSync, write } from "node:fs";
import { Socket } from "node:net";
import type { LineSink } from "../line-output.ts";

const descriptor = 1;
const own_path = `/proc/self/fd/${descriptor}`;

export class StandardOutput implements LineSink {
  /** Where it is a pipe or a socket. */
  #stream: Socket | undefined;

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
    }
  }

  async close(): Promise<void> {
    this.#stream?.destroy();
  }

  async #write(lines: Buffer): Promise<void> {
    const facts = fstatSync(descriptor);
    if (facts.isFIFO() || facts.isSocket()) await this.#send(lines, facts.isFIFO());
    else await writeFully(lines);
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
    const { O_WRONLY, O_NONBLOCK } = constants;
    const fd = is_pipe ? openSync(own_path, O_WRONLY | O_NONBLOCK) : descriptor;
    const stream = new Socket({ fd, readable: false, writable: true });
    // Whoever writes is told.
    stream.on("error", () => undefined);
    this.#stream = stream;
    return stream;
  }
}

/** A file or a terminal. */
async function writeFully(lines: Buffer): Promise<void> {
  for (let at = 0; at < lines.length;) {
    at += await new Promise<number>((resolve, reject) => {
      write(descriptor, lines, at, (cause, count) => (cause ? reject(cause) : resolve(count)));
    });
  }
}

/** EPIPE, and ENXIO where a pipe without a reader is opened. */
function explained(cause: unknown): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (code !== "EPIPE" && code !== "ENXIO") return cause;
  return new Error("nobody reads standard output any more (EPIPE)", { cause });
}
