/**
 * The pending edits of one record: replacements of byte ranges, sorted by start and never overlapping.
 * What no edit covers is copied as it came.
 *
 * A removal covers its member alone; which comma goes with it is decided when the edits are applied,
 * when all neighbours that go as well are known.
 */
import { skipSpace } from "../scan/json-text.ts";
import type { Found, Spans } from "../scan/spans.ts";

export interface Edit {
  readonly kind: "replace" | "remove" | "insert";
  readonly start: number;
  /** Equal to `start` for an insertion. */
  readonly end: number;
  readonly bytes: Buffer;
}

/** How a range of the record relates to the edits. */
export type Relation = "untouched" | "replaced" | "contains" | "covered";

const nothing = Buffer.alloc(0);

/** Up to here a loop is faster than a call of Buffer.copy. */
const small_bytes = 24;

export function removal(start: number, end: number): Edit {
  return { kind: "remove", start, end, bytes: nothing };
}

export class Edits {
  #list: readonly Edit[] = [];
  #removals = false;
  #insertions = false;

  get hasRemovals(): boolean {
    return this.#removals;
  }

  get hasInsertions(): boolean {
    return this.#insertions;
  }

  /** Adds edits that are sorted and do not overlap; they swallow the ones that they contain. */
  add(edits: readonly Edit[]): void {
    for (const edit of edits) {
      if (edit.kind === "remove") this.#removals = true;
      else if (edit.kind === "insert") this.#insertions = true;
    }
    this.#list = this.#list.length === 0 ? edits : merge(this.#list, edits);
  }

  /** "replaced": exactly the range of one replacement; "covered": inside a larger or equal edit. */
  relation(start: number, end: number): Relation {
    const edit = this.#list[this.#firstEndingAfter(start)];
    if (edit === undefined || edit.start >= end) return "untouched";
    if (edit.start === start && edit.end === end && edit.kind === "replace") return "replaced";
    return edit.start <= start && edit.end >= end ? "covered" : "contains";
  }

  /** Whether one of the rows from `first` on, with its key or without, is in what was replaced or removed. */
  coversAny(spans: Spans, first: number, with_key: boolean): boolean {
    for (let row = first; row >= 0; row = spans.next(row)) {
      const start = with_key ? spans.member(row) : spans.start(row);
      if (this.relation(start, spans.end(row)) === "covered") return true;
    }
    return false;
  }

  /** Whether each of the rows from `first` on was replaced by bytes that are meant. */
  areAll(spans: Spans, first: number, isMeant: (bytes: Buffer) => boolean): boolean {
    for (let row = first; row >= 0; row = spans.next(row)) {
      const start = spans.start(row);
      const edit = this.#list[this.#firstEndingAfter(start)];
      if (edit === undefined || edit.start !== start || edit.kind !== "replace") return false;
      if (edit.end !== spans.end(row) || !isMeant(edit.bytes)) return false;
    }
    return true;
  }

  /** The value as these edits leave it; undefined where only the record with all of them shows it. */
  valueAt(found: Found): Found | undefined {
    const relation = this.relation(found.start, found.end);
    if (relation === "untouched") return found;
    if (relation !== "replaced") return undefined;
    const { bytes } = this.#list[this.#firstEndingAfter(found.start)]!;
    return { bytes, start: 0, end: bytes.length, plain: false };
  }

  hasInsertionAt(at: number): boolean {
    return (
      this.#insertions && this.#list.some((edit) => edit.kind === "insert" && edit.start === at)
    );
  }

  /** The byte ranges to replace in `bytes[start, end)`, commas of removed members included. */
  splices(bytes: Buffer, start: number, end: number): readonly Edit[] {
    if (!this.#removals) return this.#list;
    const splices: Edit[] = [];
    for (let at = 0; at < this.#list.length; at += 1) {
      const edit = this.#list[at]!;
      if (edit.kind !== "remove") {
        splices.push(edit);
        continue;
      }
      let last = edit;
      for (;;) {
        const next = this.#list[at + 1];
        if (next?.kind !== "remove" || !areNeighbours(bytes, last.end, next.start)) break;
        last = next;
        at += 1;
      }
      splices.push(withComma(bytes, edit.start, last.end, { start, end }));
    }
    return splices;
  }

  /** Index of the first edit that ends after `at`. */
  #firstEndingAfter(at: number): number {
    let low = 0;
    let high = this.#list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#list[middle]!.end > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** The edits sorted by start; of an old edit inside a new one only the new one stays. */
function merge(old: readonly Edit[], added: readonly Edit[]): Edit[] {
  const merged: Edit[] = [];
  let at = 0;
  for (const edit of added) {
    while (at < old.length && isBefore(old[at]!, edit)) merged.push(old[at++]!);
    while (at < old.length && old[at]!.end <= edit.end && old[at]!.start < edit.end) at += 1;
    merged.push(edit);
  }
  while (at < old.length) merged.push(old[at++]!);
  return merged;
}

/** Whether `old` keeps its place before `edit`. Of insertions at one place the older comes first. */
function isBefore(old: Edit, edit: Edit): boolean {
  return old.start < edit.start || (old.start === edit.start && edit.kind === "insert");
}

/** Whether only a comma and white space stand between two members. */
function areNeighbours(bytes: Buffer, from: number, to: number): boolean {
  const comma = skipSpace(bytes, from, to);
  return bytes[comma] === 0x2c && comma < to && skipSpace(bytes, comma + 1, to) === to;
}

/** A removal together with the comma after it, or else the one before it. */
function withComma(
  bytes: Buffer,
  from: number,
  to: number,
  record: { start: number; end: number },
): Edit {
  const after = skipSpace(bytes, to, record.end);
  if (bytes[after] === 0x2c) return removal(from, skipSpace(bytes, after + 1, record.end));
  const before = skipSpaceBack(bytes, from, record.start);
  return bytes[before - 1] === 0x2c ? removal(before - 1, to) : removal(from, to);
}

/** The position after the last byte before `from` that is not white space. */
export function skipSpaceBack(bytes: Buffer, from: number, start: number): number {
  let at = from;
  while (at > start) {
    const byte = bytes[at - 1]!;
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
    at -= 1;
  }
  return at;
}

/** Copies what a step has put in, mostly a few bytes. */
export function copySmall(bytes: Buffer, target: Buffer, at: number): number {
  if (bytes.length > small_bytes) return at + bytes.copy(target, at);
  for (let from = 0; from < bytes.length; from += 1) target[at + from] = bytes[from]!;
  return at + bytes.length;
}
