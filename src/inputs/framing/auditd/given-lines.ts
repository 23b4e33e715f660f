/**
 * Which lines were given out already, though a line before them was not: it belongs to an event that may go on.
 *
 * As a state it is the lengths of runs, counted from the first line that was not given out: so many that were not, so many that
 * were, and so on.
 */
import { z } from "zod";
import type { FramingState } from "../contract/framer.ts";

/** Lines that may be there behind the first one that was not given out. */
export const lines_max = 512;

const givenState = z.strictObject({
  given: z.array(z.number().int().min(0).max(lines_max)).min(2).max(lines_max),
});

/** Whether a value, of any content, is a state. */
export function isGivenState(value: unknown): boolean {
  return givenState.safeParse(value).success;
}

export class GivenLines {
  /** By line number: where each begins. */
  readonly #starts: number[] = [];
  /** By line number; also of lines that have yet to come. */
  readonly #given: boolean[] = [];
  /** The first line that was not given out. */
  #first = 0;

  constructor(state: FramingState) {
    const runs = (state as z.infer<typeof givenState> | undefined)?.given ?? [];
    for (const [number, length] of runs.entries()) {
      for (let line = 0; line < length; line += 1) this.#given.push(number % 2 === 1);
    }
  }

  /** Lines that there are. */
  get count(): number {
    return this.#starts.length;
  }

  /** Adds the next line and gives its number. */
  add(start: number): number {
    return this.#starts.push(start) - 1;
  }

  /** Takes back the line that was added last. */
  takeBack(): void {
    this.#starts.pop();
  }

  isGiven(line: number): boolean {
    return this.#given[line] === true;
  }

  give(line: number): void {
    this.#given[line] = true;
    while (this.#given[this.#first] === true && this.#first < this.count) this.#first += 1;
  }

  /** Where the first line begins that was not given out; `end` where all were. */
  from(end: number): number {
    return this.#starts[this.#first] ?? end;
  }

  /** For the place that `from` gives. */
  get state(): FramingState {
    const runs: number[] = [];
    let is_given = false;
    let length = 0;
    // Lines at the end that were not given out are as those that come.
    const end = this.#given.lastIndexOf(true) + 1;
    for (let line = this.#first; line < end; line += 1) {
      if (this.isGiven(line) !== is_given) {
        runs.push(length);
        is_given = !is_given;
        length = 0;
      }
      length += 1;
    }
    if (length > 0) runs.push(length);
    return runs.length === 0 ? undefined : { given: runs };
  }
}
