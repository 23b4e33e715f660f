/** What is wrong in one lane, as numbers. */
import type { Span } from "../findings/finding.ts";
import { Ranges, type RangeRoom } from "../findings/ranges.ts";

export class LaneFaults {
  readonly #retained_from: number | undefined;
  readonly missing: Ranges;
  /** Missing, and older than what was retained. */
  readonly expired: Ranges;
  readonly altered: Ranges;
  /** Numbers that have a text beside the right one, or several that nobody can tell apart. */
  readonly doubled: Ranges;
  /** Events that are there, and whose neighbours are not, so that nothing proves their content. */
  unproven = 0;
  /** Texts beyond the first of a place. */
  rivals = 0;

  constructor(room: RangeRoom, retained_from?: number) {
    this.#retained_from = retained_from;
    this.missing = new Ranges(room);
    this.expired = new Ranges(room);
    this.altered = new Ranges(room);
    this.doubled = new Ranges(room);
  }

  addMissing(number: number, span: Span): void {
    const is_expired =
      this.#retained_from !== undefined &&
      span.from !== undefined &&
      Date.parse(span.from) < this.#retained_from;
    (is_expired ? this.expired : this.missing).add(number, number + 1, span);
  }
}
