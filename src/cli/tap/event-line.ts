/**
 * One event as one line: when it happened, its input, its output, and as much of it as a terminal has room for.
 */
import type { TappedEvent } from "../../admin/tap/tap-messages.ts";
import { printable } from "../../platform/text/printable.ts";
import { styled } from "../terminal/style.ts";
import { cut, widthOf } from "../terminal/drawing/width.ts";
import type { PassedEvent } from "./passed-event.ts";

const time_width = 10;
const name_width_max = 20;

export class EventLines {
  /** Undefined where lines are shown whole, in a pipe. */
  readonly #columns: () => number | undefined;
  readonly #mark: string;
  /** As wide as the widest name so far. */
  #input_width = 0;
  #output_width = 0;

  /** `mark` stands where text is cut. */
  constructor(columns: () => number | undefined, mark: string) {
    this.#columns = columns;
    this.#mark = mark;
  }

  lineOf({ input, output }: TappedEvent, { text, time_s }: PassedEvent, now_ms: number): string {
    this.#input_width = this.#widthFor(input, this.#input_width);
    this.#output_width = this.#widthFor(output, this.#output_width);
    const time = shownTime(time_s, now_ms).padEnd(time_width);
    const [from, to] = [
      this.#cell(input, this.#input_width),
      this.#cell(output, this.#output_width),
    ];
    const used = time_width + this.#input_width + this.#output_width + 6;
    const columns = this.#columns();
    const whole = printable(text);
    const shown =
      columns === undefined ? whole : cut(whole, Math.max(1, columns - used), this.#mark);
    return `${styled("dim", time)}  ${styled("cyan", from)}  ${styled("green", to)}  ${shown}`;
  }

  #widthFor(name: string, width: number): number {
    return Math.min(name_width_max, Math.max(width, widthOf(printable(name))));
  }

  #cell(name: string, width: number): string {
    const shown = cut(printable(name), width, this.#mark);
    return shown + " ".repeat(Math.max(0, width - widthOf(shown)));
  }
}

/** The time of today, in UTC, or else the date. */
function shownTime(time_s: number | undefined, now_ms: number): string {
  const at = new Date(time_s === undefined ? now_ms : time_s * 1000);
  if (Number.isNaN(at.getTime())) return "";
  const text = at.toISOString();
  return text.slice(0, 10) === new Date(now_ms).toISOString().slice(0, 10)
    ? text.slice(11, 19)
    : text.slice(0, 10);
}
