/**
 * Writes the lines of the log without ever waiting for whoever reads them: a pipe that nobody reads, or a terminal after Ctrl-S,
 * must not hold up the agent. What its reader does not take is kept up to a bound; beyond it the oldest lines are left out, since
 * the newest say how it ended, and one line in their place says how many there were.
 */
import { closeSync, constants, fstatSync, openSync, write, writeSync } from "node:fs";
import type { Clock, Timer } from "../clock.ts";
import { pathOf } from "../files/descriptor-path.ts";

/** Unwritten bytes beyond which lines are left out. */
const backlog_bytes_max = 1024 * 1024;
/** How often it is tried again. */
const retry_ms = 50;
/** So many bytes of lines are written at once, but for one longer line. */
const chunk_bytes_max = 16 * 1024;

/** Where lines go. */
export interface LogPlace {
  /** Writes some of it, and says how much. Throws EAGAIN where nothing can be written at the moment. */
  readonly writeSome: (bytes: Buffer) => number;
  /** As writeSome, by a thread that may wait: where the system can only write as a whole, as to a file. */
  readonly writeLater?: (bytes: Buffer, done: (cause: Error | null, count: number) => void) => void;
  readonly release: () => void;
}

/** The place behind a descriptor. Opened once more where that can be, so that all others who have it still wait. */
export function placeOf(descriptor: number, is_terminal: boolean): LogPlace {
  const stats = fstatSync(descriptor);
  if (is_terminal || stats.isFIFO()) {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    try {
      const fd = openSync(pathOf(descriptor), O_WRONLY | O_NONBLOCK | O_NOCTTY);
      return { writeSome: (bytes) => writeSync(fd, bytes), release: () => closeSync(fd) };
    } catch {
      // It is another user's, as behind `su`.
    }
  }
  const place = {
    writeSome: (bytes: Buffer) => writeSync(descriptor, bytes),
    release: () => undefined,
  };
  // Node has made the sockets and pipes among the standard streams such that nobody waits for them.
  if (!is_terminal && (stats.isSocket() || stats.isFIFO())) return place;
  return { ...place, writeLater: (bytes, done) => write(descriptor, bytes, done) };
}

export interface LogWriterDeps {
  readonly place: LogPlace;
  readonly clock: Clock;
  /** The line that says how many were left out. */
  readonly leftOut: (lines: number) => string;
}

export class LogWriter {
  readonly #deps: LogWriterDeps;
  /** Whole lines, those of a moment together. */
  #lines: string[] = [];
  #bytes = 0;
  #left_out = 0;
  /** What of the lines before is begun. */
  #begun: Buffer = Buffer.alloc(0);
  #is_writing = false;
  #timer: Timer | undefined;
  #state: "open" | "ending" | "gone" = "open";
  readonly #finished = Promise.withResolvers<void>();

  constructor(deps: LogWriterDeps) {
    this.#deps = deps;
  }

  /** Takes a line, and never throws. */
  write(line: string): void {
    if (this.#state !== "open") return;
    this.#lines.push(line);
    this.#bytes += Buffer.byteLength(line);
    while (this.#bytes > backlog_bytes_max && this.#lines.length > 1) {
      this.#bytes -= Buffer.byteLength(this.#lines.shift()!);
      this.#left_out += 1;
    }
    if (this.#timer !== undefined) return;
    // A thread gets the lines of one turn together, and a flush in it has not to wait for the thread.
    const { clock, place } = this.#deps;
    if (place.writeLater === undefined) this.#advance();
    else this.#timer = clock.after(0, () => this.#advance());
  }

  /** Writes out what there is, and waits at most so long for its reader. What a thread is writing may come after it. */
  flush(wait_ms_max: number): void {
    const { clock, place } = this.#deps;
    const until_ms = clock.monotonic() + wait_ms_max;
    // What a thread has begun is its own.
    if (this.#is_writing) this.#begun = Buffer.alloc(0);
    for (;;) {
      this.#advance(place.writeSome);
      if (this.#is_done || clock.monotonic() >= until_ms) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }

  /** Takes no more. Resolves when all is written, or never will be. */
  end(): Promise<void> {
    if (this.#state === "open") this.#state = "ending";
    if (!this.#is_writing) this.#advance();
    return this.#finished.promise;
  }

  /** Gives up what is not written. */
  close(): void {
    if (this.#state === "gone") return;
    this.#timer?.cancel();
    this.#state = "gone";
    this.#lines = [];
    this.#begun = Buffer.alloc(0);
    this.#deps.place.release();
    this.#finished.resolve();
  }

  get #is_done(): boolean {
    return this.#begun.length === 0 && this.#lines.length === 0;
  }

  #advance(writeSome?: LogPlace["writeSome"]): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { place, clock } = this.#deps;
    if (writeSome === undefined && place.writeLater !== undefined) return this.#writeLater();
    while (this.#fill()) {
      try {
        this.#begun = this.#begun.subarray(place.writeSome(this.#begun));
      } catch (cause) {
        if (!this.#fail(cause as NodeJS.ErrnoException)) continue;
        this.#timer = clock.after(retry_ms, () => this.#advance());
        return;
      }
    }
    this.#settle();
  }

  #writeLater(): void {
    if (this.#is_writing || !this.#fill()) return this.#settle();
    this.#is_writing = true;
    const bytes = this.#begun;
    this.#deps.place.writeLater!(bytes, (cause, count) => {
      this.#is_writing = false;
      // A flush meanwhile has gone on with others.
      if (this.#begun === bytes) {
        if (cause === null) this.#begun = bytes.subarray(count);
        else if (this.#fail(cause)) {
          this.#timer = this.#deps.clock.after(retry_ms, () => this.#advance());
          return;
        }
      }
      this.#advance();
    });
  }

  /** Whether there is something to write: what is begun, or the next lines. */
  #fill(): boolean {
    if (this.#begun.length > 0) return true;
    if (this.#lines.length === 0 || this.#state === "gone") return false;
    const left_out = this.#left_out;
    this.#left_out = 0;
    let text = left_out === 0 ? "" : this.#deps.leftOut(left_out);
    let count = 0;
    while (count < this.#lines.length && text.length < chunk_bytes_max) {
      text += this.#lines[count++];
    }
    this.#lines.splice(0, count);
    this.#begun = Buffer.from(text);
    this.#bytes = this.#lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    return true;
  }

  /** Whether it is to be tried again. */
  #fail({ code }: NodeJS.ErrnoException): boolean {
    if (code === "EINTR") return false;
    if (code === "EAGAIN") return true;
    if (code === "EPIPE" || code === "EIO" || code === "EBADF") {
      // There is nobody left to report to.
      this.close();
      return false;
    }
    // Such as ENOSPC: the disk may have room again.
    const lines = this.#begun.toString().split("\n").length - 1;
    this.#left_out += lines;
    this.#begun = Buffer.alloc(0);
    return true;
  }

  #settle(): void {
    if (this.#state === "ending" && this.#is_done && !this.#is_writing) this.close();
  }
}
