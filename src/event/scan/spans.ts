/**
 * Where the wanted values of one record are: a table of integers that every scan fills again, so that
 * a scan allocates nothing.
 *
 *     row:  member   start of the member (its key), or of the item itself in an array
 *           start    of the value
 *           end      of the value
 *           plain    1 for a string of ASCII characters without escapes, which can be copied as it is
 *           next     row of the path's next value, or -1
 */
import type { PathState } from "./path-state.ts";

const columns = 5;
const column_member = 0;
const column_start = 1;
const column_end = 2;
const column_plain = 3;
const column_next = 4;

/** A record that matches more often makes the table grow; it is cut back to this before the next. */
const rows_kept = 4096;

/** One value's bytes. */
export interface Found {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Whether it is a string of plain ASCII. */
  readonly plain: boolean;
}

/** A string that may hold JSON in which a path finds something. */
export interface HoldingString {
  readonly start: number;
  readonly end: number;
  /** Where the paths are at it, and so at the top of the JSON in it. */
  readonly state: PathState;
}

export class Spans {
  #cells = new Int32Array(columns * 64);
  #used = 0;
  readonly #first: Int32Array;
  readonly #last: Int32Array;
  /** The paths that have values, in no order, and how many. */
  readonly #found: Int32Array;
  #found_count = 0;

  constructor(path_count: number) {
    this.#first = new Int32Array(path_count).fill(-1);
    this.#last = new Int32Array(path_count).fill(-1);
    this.#found = new Int32Array(path_count);
  }

  /** Forgets all spans. */
  clear(): void {
    if (this.#used === 0) return;
    this.#used = 0;
    for (let at = 0; at < this.#found_count; at += 1) this.#first[this.#found[at]!] = -1;
    this.#found_count = 0;
    if (this.#cells.length > columns * rows_kept) this.#cells = new Int32Array(columns * 64);
  }

  /** The row of the path's first value, or -1. Rows of one path are in the order of their starts. */
  first(path: number): number {
    return this.#first[path]!;
  }

  /** The row of the path's last value, or -1. */
  last(path: number): number {
    return this.#first[path] === -1 ? -1 : this.#last[path]!;
  }

  /**
   * Of the paths that have values, the one whose place is the next from `from` on, by the places that each path has in some
   * order, or -1 for none. Returns that place, or -1 where there is none.
   */
  nextPlace(places: Int32Array, from: number): number {
    let next = -1;
    for (let at = 0; at < this.#found_count; at += 1) {
      const place = places[this.#found[at]!]!;
      if (place >= from && (next < 0 || place < next)) next = place;
    }
    return next;
  }

  next(row: number): number {
    return this.#cells[row + column_next]!;
  }

  member(row: number): number {
    return this.#cells[row + column_member]!;
  }

  start(row: number): number {
    return this.#cells[row + column_start]!;
  }

  end(row: number): number {
    return this.#cells[row + column_end]!;
  }

  plain(row: number): boolean {
    return this.#cells[row + column_plain] === 1;
  }

  /** The value of a row in the bytes that were scanned. */
  found(row: number, bytes: Buffer): Found {
    return { bytes, start: this.start(row), end: this.end(row), plain: this.plain(row) };
  }

  /** Notes that a value of these paths starts; returns the first of their rows, for `close`. */
  open(paths: readonly number[], member: number, start: number): number {
    const row = this.#used;
    this.#used += paths.length * columns;
    if (this.#used > this.#cells.length) this.#grow();
    const cells = this.#cells;
    for (let at = 0; at < paths.length; at += 1) {
      const path = paths[at]!;
      const here = row + at * columns;
      cells[here + column_member] = member;
      cells[here + column_start] = start;
      cells[here + column_next] = -1;
      if (this.#first[path] === -1) {
        this.#first[path] = here;
        this.#found[this.#found_count] = path;
        this.#found_count += 1;
      } else cells[this.#last[path]! + column_next] = here;
      this.#last[path] = here;
    }
    return row;
  }

  /** Notes where the value ends whose rows are `count` rows from `row`. */
  close(row: number, count: number, end: number, plain: number): void {
    for (let at = 0; at < count; at += 1) {
      this.#cells[row + at * columns + column_end] = end;
      this.#cells[row + at * columns + column_plain] = plain;
    }
  }

  #grow(): void {
    const grown = new Int32Array(Math.max(this.#used, this.#cells.length * 2));
    grown.set(this.#cells);
    this.#cells = grown;
  }
}
