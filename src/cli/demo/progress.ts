/**
 * The demo's live line: how much has arrived, as a bar, and how fast. Written over in place on a terminal; nothing in a pipe.
 */
import { isTerminal, styled } from "../terminal/style.ts";

const bar_width = 24;
const interval_ms = 100;
const clear_line = "\r\u001b[K";

export class Progress {
  readonly #now_ms: () => number;
  readonly #started_ms: number;
  #drawn_ms = -Infinity;

  /** `now_ms` is a monotonic clock. */
  constructor(now_ms: () => number) {
    this.#now_ms = now_ms;
    this.#started_ms = now_ms();
  }

  /** Draws the line again, ten times a second at most. */
  draw(arrived: number, expected: number): void {
    const now_ms = this.#now_ms();
    if (!isTerminal() || now_ms - this.#drawn_ms < interval_ms) return;
    this.#drawn_ms = now_ms;
    const filled = Math.round(bar_width * Math.min(1, arrived / Math.max(1, expected)));
    const bar = styled("cyan", "█".repeat(filled)) + "░".repeat(bar_width - filled);
    const seconds = Math.max(0.001, (now_ms - this.#started_ms) / 1000);
    const rate = Math.round(arrived / seconds).toLocaleString("en-US");
    const events = `${arrived.toLocaleString("en-US")} of ${expected.toLocaleString("en-US")}`;
    process.stdout.write(`${clear_line}  ${bar}  ${events} events arrived, ${rate}/s`);
  }

  /** Removes the line. */
  clear(): void {
    if (isTerminal()) process.stdout.write(clear_line);
  }
}
