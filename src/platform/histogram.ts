/**
 * A histogram: how many of what was measured lie at or below each of a few bounds. Many events are counted in one go,
 * since they are settled by the block.
 */

/** A histogram at one moment. */
export interface HistogramCounts {
  /** Ascending; what lies above the last is in `count` alone. */
  readonly bounds: readonly number[];
  /** By bound: how many lie at or below it. */
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
}

export class Histogram {
  readonly #bounds: readonly number[];
  /** By bound: those above the bound before it. */
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  add(value: number, count: number): void {
    this.#sum += value * count;
    this.#count += count;
    const place = this.#bounds.findIndex((bound) => value <= bound);
    if (place !== -1) this.#counts[place]! += count;
  }

  counts(): HistogramCounts {
    let below = 0;
    const counts = this.#counts.map((count) => (below += count));
    return { bounds: this.#bounds, counts, sum: this.#sum, count: this.#count };
  }
}
