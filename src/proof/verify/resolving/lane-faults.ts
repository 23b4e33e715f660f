/** What is wrong in one lane, as numbers. */
import type { Span } from "../findings/finding.ts";
import { Ranges } from "../findings/ranges.ts";

export class LaneFaults {
  readonly #retained_from: number | undefined;
  readonly missing = new Ranges();
  /** Missing, and older than what was retained. */
  readonly expired = new Ranges();
  readonly altered = new Ranges();
  /** Numbers that have a text beside the right one, or several that nobody can tell apart. */
  readonly doubled = new Ranges();
  /** Events that are there, and whose neighbours are not, so that nothing proves their content. */
  unproven = 0;
  /** Texts beyond the first of a place. */
  rivals = 0;

  constructor(retained_from?: number) {
    this.#retained_from = retained_from;
  }

  addMissing(number: number, span: Span): void {
    const is_expired =
      this.#retained_from !== undefined &&
      span.from !== undefined &&
      Date.parse(span.from) < this.#retained_from;
    (is_expired ? this.expired : this.missing).add(number, number + 1, span);
  }
}
