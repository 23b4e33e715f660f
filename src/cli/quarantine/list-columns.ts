/**
 * The columns of the list. In a pipe they always have the same width, so that scripts can rely on it; on a terminal the names of
 * inputs and reasons have what there is room for, and of a narrow one the time is left out.
 */
import { printable } from "../../platform/text/printable.ts";
import { cut, padded } from "../terminal/drawing/width.ts";

/** The id of an event, its time, its input, the reason, the code and the size. */
export type Cells = readonly [string, string, string, string, string, string];

const [id_width, time_width, code_width, size_width] = [12, 19, 4, 8];
const in_pipe = { input: 12, reason: 26 };
const widest = { input: 24, reason: 48 };
/** Less room for input and reason says nothing: then they have that of the time. */
const names_width_min = 24;
const input_part = 0.36;

export class ListColumns {
  readonly #columns: number | undefined;
  readonly #has_time: boolean;
  readonly #widths: { readonly input: number; readonly reason: number };

  /** `columns` are those of the terminal; undefined where it is none. */
  constructor(columns: number | undefined) {
    this.#columns = columns;
    const room = (columns ?? 0) - id_width - time_width - code_width - size_width - 5;
    this.#has_time = columns === undefined || room >= names_width_min;
    this.#widths =
      columns === undefined ? in_pipe : shared(room + (this.#has_time ? 0 : time_width + 1));
  }

  lineOf([id, time, input, reason, code, size]: Cells): string {
    const is_cut = this.#columns !== undefined;
    const name = (text: string, width: number): string =>
      is_cut ? padded(printable(text), width) : printable(text).padEnd(width);
    const line = [
      id.padEnd(id_width),
      ...(this.#has_time ? [time.padEnd(time_width)] : []),
      name(input, this.#widths.input),
      name(reason, this.#widths.reason),
      code.padStart(code_width),
      size.padStart(size_width),
    ].join(" ");
    return this.#columns === undefined ? line : cut(line, this.#columns);
  }
}

function shared(room: number): { readonly input: number; readonly reason: number } {
  const input = Math.min(widest.input, Math.max(1, Math.floor(room * input_part)));
  return { input, reason: Math.min(widest.reason, Math.max(1, room - input)) };
}
