/**
 * The terminal of a running agent: lines of the log that scroll, and a view below them that is drawn again and again. What
 * the terminal does not take is never waited for: then there is no new view, and in the end lines are left out.
 */
import type { Clock, Timer } from "../../../platform/clock.ts";
import type { LogDisplay } from "../../../platform/process/process-log.ts";
import { rendered, type Line, type Look } from "../../terminal/drawing/spans.ts";
import { InlinePainter } from "../../terminal/screen/inline-painter.ts";
import type { TerminalWriter } from "../../terminal/screen/terminal-writer.ts";
import { logLines, type LogEntry } from "./log-lines.ts";

/** Lines of the log that come within this time are painted together. */
const paint_after_ms = 30;
/** How long the end waits for a terminal that takes nothing, and how often it looks. */
const end_ms_max = 2000;
const end_look_ms = 50;
/** So many lines wait for the terminal. */
const lines_max = 1000;

export interface LiveTerminalDeps {
  readonly writer: TerminalWriter;
  readonly look: Look;
  readonly clock: Clock;
  /** How large the terminal is. */
  readonly size: () => { readonly width: number; readonly height: number };
}

/** Draws the view for a size of the terminal. */
export type DrawView = (width: number, height: number) => Line[];

const no_view: DrawView = () => [];

export class LiveTerminal implements LogDisplay {
  readonly #deps: LiveTerminalDeps;
  readonly #painter = new InlinePainter();
  #lines: Line[] = [];
  #left_out = 0;
  #view = no_view;
  /** The view as it was drawn last, for that size. */
  #drawn: { readonly size: string; readonly lines: readonly string[] } | undefined;
  #timer: Timer | undefined;
  #is_closed = false;

  constructor(deps: LiveTerminalDeps) {
    this.#deps = deps;
  }

  /** A line of the log, as JSON. */
  line(json: string): void {
    if (this.#is_closed) return;
    const { look, size } = this.#deps;
    const lines = logLines(JSON.parse(json) as LogEntry, look, size().width);
    if (this.#lines.length + lines.length > lines_max) this.#left_out += 1;
    else this.#lines.push(...lines);
    this.#timer ??= this.#deps.clock.after(paint_after_ms, this.#paint);
  }

  /** Draws another view, or the same with what is new; none if it is undefined. */
  show(view: DrawView | undefined): void {
    this.#view = view ?? no_view;
    this.#drawn = undefined;
    this.#paint();
  }

  /** Draws the view again where the cursor is: somebody else has had the terminal. */
  redraw(): void {
    this.#painter.forget();
    this.#paint();
  }

  flush(): void {
    this.#paint();
  }

  /** Takes the view away, and waits until the terminal has the rest of the log, unless it takes too long. */
  async end(): Promise<void> {
    const { clock, writer } = this.#deps;
    this.show(undefined);
    for (let waited_ms = 0; waited_ms < end_ms_max && this.#isBehind(); waited_ms += end_look_ms) {
      await clock.sleep(end_look_ms);
      if (writer.is_ready) this.#paint();
    }
    this.close();
  }

  /** Leaves the terminal to others, at once. */
  close(): void {
    if (this.#is_closed) return;
    this.show(undefined);
    this.#is_closed = true;
    this.#timer?.cancel();
    this.#deps.writer.close();
  }

  readonly #paint = (): void => {
    this.#timer?.cancel();
    this.#timer = undefined;
    const { writer, size, look } = this.#deps;
    // What waits is painted with the next view.
    if (this.#is_closed || !writer.is_ready) return;
    const { width, height } = size();
    const left_out: Line[] =
      this.#left_out === 0 ? [] : [[["yellow", `${this.#left_out} lines of the log left out`]]];
    const lines = [...this.#lines, ...left_out].map((line) => rendered(line, width, look));
    writer.write(this.#painter.paint(lines, this.#viewFor(width, height)));
    this.#lines = [];
    this.#left_out = 0;
  };

  #viewFor(width: number, height: number): readonly string[] {
    const size = `${width}x${height}`;
    if (this.#drawn?.size !== size) {
      const { look } = this.#deps;
      const lines = this.#view(width, height).map((line) => rendered(line, width, look));
      this.#drawn = { size, lines };
    }
    return this.#drawn.lines;
  }

  #isBehind(): boolean {
    const { writer } = this.#deps;
    return writer.is_behind || (writer.is_ready && this.#lines.length > 0);
  }
}
