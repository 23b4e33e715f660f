/**
 * How far a command is that takes longer than a second: one line that is written over, on a terminal only, and is gone before
 * anything else is printed.
 *
 *     reading: 45 %, 45.0 MiB of 100.0 MiB, 32.1 MiB/s, 2 s left
 */
import type { Clock } from "../../platform/clock.ts";
import { approximateDuration, approximateSize } from "../../platform/text/units.ts";
import { isTerminal } from "./style.ts";

/** What ends sooner shows nothing. */
const first_after_ms = 1000;
const interval_ms = 200;
const clear_line = "\r\u001b[K";

/** Whether a line of progress stands on the terminal. A process has one at a time. */
const drawn = { is_drawn: false };

/** Takes the line away. To be called before anything else is printed. */
export function clearProgress(): void {
  if (drawn.is_drawn) process.stdout.write(clear_line);
  drawn.is_drawn = false;
}

/** What is counted. */
export interface Counted {
  /** What is done, as a word: `reading`. */
  readonly what: string;
  readonly unit: "bytes" | "events";
}

export class Progress {
  readonly #clock: Clock;
  readonly #counted: Counted;
  readonly #started_ms: number;
  #drawn_ms = -Infinity;
  #done = 0;
  #expected: number | undefined = 0;

  constructor(clock: Clock, counted: Counted = { what: "reading", unit: "bytes" }) {
    this.#clock = clock;
    this.#counted = counted;
    this.#started_ms = clock.monotonic();
  }

  /** So much more is to come; undefined where nobody knows how much. */
  expect(amount: number | undefined): void {
    const known = this.#expected;
    this.#expected = amount === undefined || known === undefined ? undefined : known + amount;
  }

  /** So much more is done. */
  add(amount: number): void {
    this.set(this.#done + amount, this.#expected);
  }

  /** So much is done of so much. */
  set(done: number, expected: number | undefined): void {
    this.#done = done;
    this.#expected = expected;
    const now_ms = this.#clock.monotonic();
    const taken_ms = now_ms - this.#started_ms;
    if (taken_ms < first_after_ms || now_ms - this.#drawn_ms < interval_ms || !isTerminal()) return;
    this.#drawn_ms = now_ms;
    drawn.is_drawn = true;
    process.stdout.write(`${clear_line}  ${this.#line(taken_ms / 1000)}`);
  }

  #line(seconds: number): string {
    const { what } = this.#counted;
    const [done, expected] = [this.#done, this.#expected];
    const per_second = done / seconds;
    const rate = `${this.#amount(per_second)}/s`;
    if (expected === undefined || expected === 0) return `${what}: ${this.#amount(done)}, ${rate}`;
    // A log may grow while it is read.
    const all = Math.max(expected, done);
    const left_s = per_second === 0 ? Infinity : (all - done) / per_second;
    const left = Number.isFinite(left_s) ? `, ${approximateDuration(left_s)} left` : "";
    const share = `${Math.floor((100 * done) / all)} %`;
    return `${what}: ${share}, ${this.#amount(done)} of ${this.#amount(all)}, ${rate}${left}`;
  }

  #amount(amount: number): string {
    const whole = Math.round(amount);
    return this.#counted.unit === "bytes"
      ? approximateSize(whole)
      : `${whole.toLocaleString("en-US")} events`;
  }
}
