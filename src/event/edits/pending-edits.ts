/** What steps have done to one record so far, and what that means for the spans that a scan of it has found. */
import type { Path, Segment } from "../scan/path.ts";
import { type Edit, Edits } from "./edits.ts";
import { isApart } from "./insertion.ts";

export class PendingEdits {
  readonly edits = new Edits();
  /** What the edits come to in bytes; undefined until it is needed. */
  #splices: readonly Edit[] | undefined;
  /** Where values were put that the spans do not know. */
  #places: (readonly Segment[])[] | undefined;
  /** Whether an edit may have made or moved values that the spans do not know. */
  is_stale = false;
  /** Whether an edit has put in a string that may hold JSON. */
  puts_strings = false;

  /** Whether there are values that the spans do not know. */
  get is_moved(): boolean {
    return this.is_stale || this.#places !== undefined;
  }

  add(edits: readonly Edit[]): void {
    this.edits.add(edits);
    this.#splices = undefined;
  }

  /** Notes what was put in. */
  notePut(bytes: Buffer, holds_json: boolean): void {
    this.is_stale ||= bytes[0] === 0x7b || bytes[0] === 0x5b;
    this.puts_strings ||= holds_json;
  }

  /** Notes that a value was put where there was none. */
  noteInserted(place: readonly Segment[]): void {
    (this.#places ??= []).push(place);
  }

  /** Whether the path may find what the spans do not know. */
  hides(path: Path): boolean {
    return this.is_stale || this.#places?.some((place) => !isApart(path, place)) === true;
  }

  /** The byte ranges to replace in the record, which is `bytes[start, end)`. */
  splices(bytes: Buffer, start: number, end: number): readonly Edit[] {
    return (this.#splices ??= this.edits.splices(bytes, start, end));
  }
}
