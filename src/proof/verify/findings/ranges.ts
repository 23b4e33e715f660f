/** Numbers of events as ranges, with the span of time of each, in bounded memory. */
import type { Span } from "./finding.ts";

export interface NumberRange extends Span {
  readonly first: number;
  /** Behind the last. */
  readonly end: number;
}

interface OpenRange {
  first: number;
  end: number;
  from: string | undefined;
  to: string | undefined;
}

/** Beyond so many ranges the nearest are not told apart any more: the last takes all. */
const ranges_max = 100_000;

export class Ranges {
  #ranges: OpenRange[] = [];

  get is_empty(): boolean {
    return this.#ranges.length === 0;
  }

  /** The numbers from `first` on, before `end`. */
  add(first: number, end: number, { from, to }: Span = {}): void {
    const last = this.#ranges.at(-1);
    const is_near = last !== undefined && first <= last.end && end >= last.first;
    if (last !== undefined && (is_near || this.#ranges.length >= ranges_max)) {
      last.first = Math.min(last.first, first);
      last.end = Math.max(last.end, end);
      last.from = earlier(last.from, from);
      last.to = later(last.to, to);
      return;
    }
    this.#ranges.push({ first, end, from, to });
  }

  /** In their order, each number once. */
  get all(): NumberRange[] {
    const sorted = this.#ranges.toSorted((one, other) => one.first - other.first);
    this.#ranges = [];
    for (const { first, end, from, to } of sorted) this.add(first, end, { from, to });
    return this.#ranges.map((each) => ({ ...each }));
  }
}

function earlier(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}

function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}
