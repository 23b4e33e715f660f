/** Numbers as ranges: each range costs the same, however many numbers it has. All are added before anybody asks. */

interface NumberRange {
  readonly from: number;
  /** Behind the last. */
  to: number;
}

export class NumberSet {
  readonly #ranges: NumberRange[] = [];
  #is_sorted = true;

  /** The numbers from `from` on, before `to`. */
  add(from: number, to: number): void {
    if (from >= to) return;
    const last = this.#ranges.at(-1);
    if (last !== undefined && from >= last.from && from <= last.to) {
      last.to = Math.max(last.to, to);
      return;
    }
    if (last !== undefined && from < last.from) this.#is_sorted = false;
    this.#ranges.push({ from, to });
  }

  has(number: number): boolean {
    const range = this.#ranges[this.#firstBehind(number)];
    return range !== undefined && range.from <= number;
  }

  /** What of it is from `from` on, before `to`, in its order. */
  *within(from: number, to: number): Iterable<readonly [from: number, to: number]> {
    for (let at = this.#firstBehind(from); at < this.#ranges.length; at += 1) {
      const range = this.#ranges[at]!;
      if (range.from >= to) return;
      yield [Math.max(from, range.from), Math.min(to, range.to)];
    }
  }

  /** The place of the first range that ends behind the number. */
  #firstBehind(number: number): number {
    if (!this.#is_sorted) this.#sort();
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ranges[middle]!.to <= number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sort(): void {
    const all = this.#ranges.toSorted((one, other) => one.from - other.from);
    this.#ranges.length = 0;
    this.#is_sorted = true;
    for (const { from, to } of all) this.add(from, to);
  }
}
