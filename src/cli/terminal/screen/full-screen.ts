/**
 * The whole screen of a terminal for a program that draws on it, and the terminal as it was when that ends, however it ends:
 * by a key, a signal, an error, or since the terminal is gone.
 */
import type { Clock } from "../../../platform/clock.ts";
import { atEnd } from "../../../platform/process/process-guard.ts";
import { rendered, type Line, type Look } from "../drawing/spans.ts";
import { Keyboard, type Key } from "./keyboard.ts";
import { Painter } from "./painter.ts";

/** The other screen, which has no lines that scroll, and no cursor on it. */
const enter = "\u001b[?1049h\u001b[?25l\u001b[2J";
const leave = "\u001b[?25h\u001b[?1049l";
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Of a terminal that does not say how large it is. */
const columns_unknown = 80;
const rows_unknown = 24;

export interface FullScreenDeps {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  readonly look: Look;
  readonly clock: Clock;
  readonly onKey: (key: Key) => void;
  /** The size is another one, or the screen has to be drawn for another reason. */
  readonly onChange: () => void;
  /** A signal has come, or the terminal is gone. */
  readonly onEnd: () => void;
}

export class FullScreen {
  readonly #deps: FullScreenDeps;
  readonly #painter = new Painter();
  readonly #keyboard: Keyboard;
  #is_open = false;
  #is_gone = false;

  constructor(deps: FullScreenDeps) {
    this.#deps = deps;
    this.#keyboard = new Keyboard(deps.clock, deps.onKey);
    atEnd(this.#close);
  }

  get size(): { readonly width: number; readonly height: number } {
    const { columns, rows } = this.#deps.output;
    // Some report nothing, which is 0.
    return { width: columns || columns_unknown, height: rows || rows_unknown };
  }

  open(): void {
    const { input, output, onEnd, onChange } = this.#deps;
    this.#is_open = true;
    for (const signal of signals) process.on(signal, onEnd);
    process.on("SIGCONT", this.#continue);
    // Before whoever reports it, so that the report is on the screen that stays.
    process.prependListener("uncaughtException", this.#close);
    output.on("error", this.#lose);
    output.on("resize", onChange);
    if (input.isTTY) {
      input.setEncoding("utf8");
      input.on("data", this.#take);
      for (const event of ["error", "end", "close"]) input.on(event, this.#lose);
      input.setRawMode(true);
      input.resume();
    }
    this.#write(enter);
  }

  /** Shows the lines, and nothing else. */
  draw(lines: readonly Line[]): void {
    if (!this.#is_open) return;
    const { width, height } = this.size;
    const drawn = lines.slice(0, height).map((line) => rendered(line, width, this.#deps.look));
    this.#write(this.#painter.paint(drawn, width, height));
  }

  /** Leaves the terminal as it was. */
  close(): void {
    this.#close();
  }

  readonly #close = (): void => {
    if (!this.#is_open) return;
    this.#is_open = false;
    const { input, output, onEnd, onChange } = this.#deps;
    for (const signal of signals) process.off(signal, onEnd);
    process.off("SIGCONT", this.#continue);
    process.off("uncaughtException", this.#close);
    output.off("resize", onChange);
    this.#write(leave);
    if (!input.isTTY) return;
    input.off("data", this.#take);
    input.pause();
    try {
      input.setRawMode(false);
    } catch {
      // The terminal is gone.
    }
  };

  /** After a stop by a signal, whoever had the terminal meanwhile may have left it otherwise. */
  readonly #continue = (): void => {
    const { input, onChange } = this.#deps;
    if (input.isTTY) {
      input.setRawMode(false);
      input.setRawMode(true);
    }
    this.#write(enter);
    this.#painter.forget();
    onChange();
  };

  readonly #take = (text: string): void => this.#keyboard.take(text);

  readonly #lose = (): void => {
    if (this.#is_gone) return;
    this.#is_gone = true;
    this.#deps.onEnd();
  };

  #write(text: string): void {
    const { output } = this.#deps;
    if (text !== "" && !this.#is_gone && !output.destroyed) output.write(text);
  }
}
