/**
 * When a file had which size, so that it is known how old the oldest byte is that was not read yet:
 *
 *     0                  offset                       size
 *     |------ read ------|------ not read yet ---------|
 *                mark        mark            mark    mark
 *
 * The first mark beyond the offset decides: the byte there was written at its time, or before.
 */

/** Marks closer together than this become one, which has the earlier time. */
const spacing_ms_min = 1000;
/** With more than this each two become one, and later ones come at twice the distance: the error is a part of the whole. */
const marks_max = 32;

interface Mark {
  size: number;
  /** Milliseconds since the epoch. */
  readonly at_ms: number;
}

export class SizeMarks {
  #marks: Mark[] = [];
  #spacing_ms = spacing_ms_min;

  /** Says that the file had this size at that time. */
  note(size: number, at_ms: number): void {
    const last = this.#marks.at(-1);
    if (last !== undefined && size < last.size) this.#marks = [];
    else if (last !== undefined && at_ms - last.at_ms < this.#spacing_ms) {
      last.size = size;
      return;
    } else if (last?.size === size) return;
    // A list that is filled by pushing has room for many.
    if (this.#marks.length === 0) this.#marks = [{ size, at_ms }];
    else this.#marks.push({ size, at_ms });
    if (this.#marks.length > marks_max) this.#thin();
  }

  /** When the byte at `offset` was there, milliseconds since the epoch; undefined where there is none. */
  timeOf(offset: number): number | undefined {
    const next = this.#marks.findIndex(({ size }) => size > offset);
    this.#marks.splice(0, next === -1 ? this.#marks.length - 1 : next);
    if (this.#marks.length <= 1) this.#spacing_ms = spacing_ms_min;
    return next === -1 ? undefined : this.#marks[0]!.at_ms;
  }

  #thin(): void {
    this.#spacing_ms *= 2;
    const marks = this.#marks;
    this.#marks = marks
      .filter((_, place) => place % 2 === 0)
      .map(({ size, at_ms }, pair) => ({ size: marks[pair * 2 + 1]?.size ?? size, at_ms }));
  }
}
