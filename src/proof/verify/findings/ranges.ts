/** Numbers of events as ranges, with the span of time of each, in bounded memory. */
import type { Span } from "./finding.ts";

export interface NumberRange extends Span {
  readonly first: number;
  /** Behind the last. */
  readonly end: number;
  /** How many of its numbers were added: not all, where ranges had to be put together. */
  readonly count: number;
}

interface OpenRange {
  first: number;
  end: number;
  count: number;
  from: string | undefined;
  to: string | undefined;
}

/** About 100 bytes each. */
const room_max = 200_000;

/** How many ranges all lists of one run may have together. */
export class RangeRoom {
  left: number;

  constructor(left = room_max) {
    this.left = left;
  }
}

export class Ranges {
  readonly #room: RangeRoom;
  #ranges: OpenRange[] = [];

  /** Where there is no room any more, the nearest are not told apart: the last takes all. */
  constructor(room: RangeRoom) {
    this.#room = room;
  }

  get is_empty(): boolean {
    return this.#ranges.length === 0;
  }

  /** The numbers from `first` on, before `end`. */
  add(first: number, end: number, { from, to }: Span = {}): void {
    this.#add({ first, end, count: end - first, from, to });
  }

  #add(added: OpenRange): void {
    const last = this.#ranges.at(-1);
    const is_near = last !== undefined && added.first <= last.end && added.end >= last.first;
    if (last === undefined || (!is_near && this.#room.left > 0)) {
      this.#room.left -= 1;
      this.#ranges.push(added);
      return;
    }
    const common = Math.min(last.end, added.end) - Math.max(last.first, added.first);
    last.first = Math.min(last.first, added.first);
    last.end = Math.max(last.end, added.end);
    // What is in both counts once, as far as that is known.
    last.count = Math.min(last.count + added.count - Math.max(0, common), last.end - last.first);
    last.count = Math.max(last.count, added.count, 1);
    last.from = earlier(last.from, added.from);
    last.to = later(last.to, added.to);
  }

  /** In their order, each number once. */
  get all(): NumberRange[] {
    const sorted = this.#ranges.toSorted((one, other) => one.first - other.first);
    this.#room.left += this.#ranges.length;
    this.#ranges = [];
    for (const each of sorted) this.#add(each);
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
