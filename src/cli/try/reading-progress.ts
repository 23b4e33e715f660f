/**
 * How much of a log has been read: a line that is written over, on a terminal only.
 */
import type { Clock } from "../../platform/clock.ts";
import { isTerminal } from "../terminal/style.ts";

const interval_ms = 200;
const clear_line = "\r\u001b[K";
const MiB = 1024 * 1024;

export class ReadingProgress {
  readonly #clock: Clock;
  #bytes = 0;
  #drawn_ms: number;
  #is_drawn = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#drawn_ms = clock.monotonic();
  }

  /** Takes note of bytes that were read. */
  add(bytes: number): void {
    this.#bytes += bytes;
    const now_ms = this.#clock.monotonic();
    if (!isTerminal() || now_ms - this.#drawn_ms < interval_ms) return;
    this.#drawn_ms = now_ms;
    this.#is_drawn = true;
    process.stdout.write(`${clear_line}  reading: ${(this.#bytes / MiB).toFixed(0)} MiB`);
  }

  /** Takes the line away, so that something else can be printed. */
  clear(): void {
    if (this.#is_drawn) process.stdout.write(clear_line);
    this.#is_drawn = false;
  }
}
