/**
 * What a tap has shown, and what passed beside that: a line that is written over on a terminal, and the sum at the end.
 */
import type { TapCounts } from "../../admin/tap/tap-messages.ts";

const clear_line = "\r\u001b[K";

export class Tally {
  readonly #is_terminal: boolean;
  /** Whether a condition chooses of what is given. */
  readonly #chooses: boolean;
  #shown = 0;
  #shown_since = 0;
  #passed = 0;
  #given = 0;
  #missed = 0;
  #line = "";

  constructor(is_terminal: boolean, chooses: boolean) {
    this.#is_terminal = is_terminal;
    this.#chooses = chooses;
  }

  get shown(): number {
    return this.#shown;
  }

  note(): void {
    this.#shown += 1;
    this.#shown_since += 1;
  }

  /** What is drawn. */
  get line(): string {
    return this.#line;
  }

  /** Takes what the agent has counted since it last did. */
  count({ ms, passed, given, missed }: TapCounts): void {
    this.#passed += passed;
    this.#given += given;
    this.#missed += missed;
    const rate = (events: number): string =>
      Math.round((events * 1000) / Math.max(ms, 1)).toLocaleString("en-US");
    const of = this.#chooses ? `, looked at ${rate(given)}/s` : "";
    const lost = missed === 0 ? "" : `; ${rate(missed)}/s missed: too long, or read too slowly`;
    this.#line = `showing ${rate(this.#shown_since)} of ${rate(passed)}/s${of}${lost}`;
    this.#shown_since = 0;
  }

  /** Takes the line away, so that something else can be printed. */
  clear(): void {
    if (this.#is_terminal && this.#line !== "") process.stderr.write(clear_line);
  }

  draw(columns: number): void {
    if (this.#is_terminal) process.stderr.write(`${clear_line}${this.#line.slice(0, columns - 1)}`);
  }

  /** For the end. */
  sum(): string {
    const shown = this.#shown.toLocaleString("en-US");
    // The agent says what passed once a second, and this ended before it did.
    if (this.#passed < this.#shown) return `Shown ${shown} events.`;
    const passed = this.#passed.toLocaleString("en-US");
    const looked = this.#chooses ? ` (looked at ${this.#given.toLocaleString("en-US")})` : "";
    const missed =
      this.#missed === 0
        ? ""
        : `; ${this.#missed.toLocaleString("en-US")} were missed: too long, or read too slowly`;
    return `Shown ${shown} of ${passed} events${looked} that passed${missed}.`;
  }
}
