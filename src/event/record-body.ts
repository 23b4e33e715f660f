/**
 * The bytes of one record and its pending edits; what LogEvent's reading and editing calls work on.
 *
 * The scan finds spans in the bytes as they came. A read that no edit touches uses them; one that an
 * edit may touch first writes all edits into a new buffer, which is scanned like any record.
 */
import { copySmall, type Edit, type Edits } from "./edits/edits.ts";
import type { Invalid, JsonValue } from "./event.ts";
import { insertionInto, isPlace } from "./edits/insertion.ts";
import { PendingEdits } from "./edits/pending-edits.ts";
import { isString, skipSpace } from "./scan/json-text.ts";
import { readJson, stringifyJson } from "./scan/json-value.ts";
import type { Path } from "./scan/path.ts";
import { type Encoded, encodedText, holdsJson, type Scanner } from "./scanner.ts";
import type { Found, Spans } from "./scan/spans.ts";
import { RecordBytes } from "./record-bytes.ts";
import { changes, type FindEdits, removals, replacements, type ValueEdit } from "./span-edits.ts";

const no_splices: readonly Edit[] = [];

export class RecordBody {
  readonly #scanner: Scanner;
  readonly #record: RecordBytes;
  /** The spans that the last #locate looked into. */
  #spans: Spans;
  /** The number there of the path it looked for; -1 for one that is not among the chain's. */
  #number = -1;
  #pending: PendingEdits | undefined = undefined;

  constructor(scanner: Scanner, bytes: Buffer, start: number, end: number) {
    this.#scanner = scanner;
    this.#record = new RecordBytes(scanner, bytes, start, end);
    this.#spans = scanner.walker.spans;
  }

  get invalid(): Invalid | undefined {
    return this.#record.invalid;
  }

  /** Throws an UnreadableError where the record is not JSON. */
  assertReadable(): void {
    this.#record.assertReadable();
  }

  get isText(): boolean {
    const { invalid, bytes, start, end } = this.#record;
    return invalid !== undefined || isString(bytes, start, end);
  }

  /** Bytes that `copyTo` writes. */
  get byteLength(): number {
    let length = this.#record.end - this.#record.start;
    for (const { start, end, bytes } of this.#splices()) length += bytes.length - (end - start);
    return length;
  }

  copyTo(target: Buffer, at: number): number {
    const bytes = this.#record.bytes;
    let from = this.#record.start;
    let to = at;
    for (const splice of this.#splices()) {
      to += bytes.copy(target, to, from, splice.start);
      to = copySmall(splice.bytes, target, to);
      from = splice.end;
    }
    return to + bytes.copy(target, to, from, this.#record.end);
  }

  /** The record, or its first bytes, edits applied, in UTF-8; what is invalid in it becomes U+FFFD. */
  text(bytes_max = Infinity): string {
    if (this.#pending !== undefined) this.#rewrite();
    const { bytes, start, end } = this.#record;
    return bytes.toString("utf8", start, Math.min(end, start + bytes_max));
  }

  /** Makes this the record. */
  load(bytes: Buffer): void {
    this.#record.take(bytes);
    this.#pending = undefined;
  }

  /** The last value at the path. */
  find(path: Path | string): Found | undefined {
    const row = this.#locateLast(path);
    return row < 0 ? undefined : this.#foundAt(row, path);
  }

  /** The value of a row of the path. */
  #foundAt(row: number, path: Path | string): Found | undefined {
    return this.#found(row) ?? this.#rewrite().find(path);
  }

  /** The last row of the path in `#spans`, after a scan where one is due. */
  #locateLast(path: Path | string): number {
    let row = this.#locate(path);
    for (let next = row; next >= 0; next = this.#spans.next(next)) row = next;
    return row;
  }

  get(path: Path | string): JsonValue | undefined {
    const row = this.#locateLast(path);
    if (row < 0) return undefined;
    const spans = this.#spans;
    // Most values that conditions ask for.
    if (this.#pending === undefined && this.#number >= 0 && spans.plain(row)) {
      return this.#scanner.readText(
        this.#number,
        this.#record.bytes,
        spans.start(row) + 1,
        spans.end(row) - 1,
      );
    }
    const found = this.#foundAt(row, path);
    if (found === undefined) return undefined;
    const { bytes, start, end, plain } = found;
    if (!plain || this.#number < 0) return readJson(bytes, start, end, plain);
    return this.#scanner.readText(this.#number, bytes, start + 1, end - 1);
  }

  getAll<Value>(path: Path | string, read: (found: Found) => Value): Value[] {
    const values: Value[] = [];
    for (let row = this.#locate(path); row >= 0; row = this.#spans.next(row)) {
      const found = this.#found(row);
      if (found === undefined) return this.#rewrite().getAll(path, read);
      values.push(read(found));
    }
    return values;
  }

  /** Replaces every value at the path and says how many there were. */
  replace(path: Path | string, value: JsonValue): number {
    const first = this.#locateForReplacing(path);
    return first < 0 ? 0 : this.#replaceFrom(first, this.#scanner.encode(this.#number, value));
  }

  /** The first value that is to be replaced, or -1. */
  #locateForReplacing(path: Path | string): number {
    const first = this.#locate(path);
    if (first < 0 || this.edits?.coversAny(this.#spans, first, false) !== true) return first;
    this.#rewrite();
    return this.#locate(path);
  }

  #replaceFrom(first: number, { bytes, holds_json }: Encoded): number {
    const { edits, count } = replacements(this.#spans, first, bytes);
    const pending = this.#add(edits);
    pending.notePut(bytes, holds_json);
    return count;
  }

  /** The spans of the chain's paths; undefined where they are not those of the record as it is. */
  get spans(): Spans | undefined {
    const { spans } = this.#scanner.walker;
    return this.#pending?.is_moved === true || !this.#record.is_scanned ? undefined : spans;
  }

  get edits(): Edits | undefined {
    return this.#pending?.edits;
  }

  /** Does the edit with each value at the path; gives the number of those that it changed. */
  change(path: Path, edit: ValueEdit): number {
    if (this.edits?.hasInsertions === true) this.#rewrite();
    const first = this.#locateForReplacing(path);
    if (first < 0) return 0;
    this.#scanner.noteFound(this.#number);
    const foundAt = (row: number): Found | undefined => this.#found(row);
    const top = skipSpace(this.#record.bytes, this.#record.start, this.#record.end);
    const changed = changes(this.#spans, first, { path, foundAt, edit, top });
    if (changed === undefined) return this.#rewrite().change(path, edit);
    if (changed.edits.length > 0) {
      const pending = this.#add(changed.edits, changed.moves_items);
      for (const { bytes } of changed.edits) pending.notePut(bytes, holdsJson(bytes));
    }
    return changed.edits.length;
  }

  /** Removes all that is neither at one of the paths nor around it; says how many members and items. */
  select(paths: readonly Path[]): number {
    if (this.#pending !== undefined) this.#rewrite();
    this.assertReadable();
    const { bytes, start, end } = this.#record;
    const removed = this.#scanner.selection(paths).removals(bytes, start, end);
    if (removed.length > 0) this.#add(removed, true);
    return removed.length;
  }

  /** Whether a string of it may hold JSON, as far as that is known without a look at its bytes. */
  get may_hold_json(): boolean {
    const is_known = this.#record.is_scanned && this.invalid === undefined;
    return !is_known || this.#showsMore() || this.#scanner.walker.holding.length > 0;
  }

  /** Makes the edits that `find` gives, and says how many changes they are. */
  edit<Wanted>(find: FindEdits<Wanted>, wanted: Wanted): number {
    if (this.#showsMore()) this.#rewrite();
    const scanner = this.#scanner;
    if (!this.#record.is_scanned) this.#record.scan();
    this.assertReadable();
    const { bytes, start, end } = this.#record;
    const found = find({ bytes, start, end, scanner, edits: this.edits }, wanted);
    if (found === undefined) return this.#rewrite().edit(find, wanted);
    if (found.edits.length > 0) this.#add(found.edits, found.moves);
    return found.count;
  }

  /** Removes every member or item at the path, but never the record itself; says how many there were. */
  remove(path: Path | string): number {
    if (this.edits?.hasInsertions === true) this.#rewrite();
    const first = this.#locate(path);
    if (first < 0) return 0;
    const is_covered = this.edits?.coversAny(this.#spans, first, true) === true;
    if (is_covered) return this.#rewrite().remove(path);
    const top = skipSpace(this.#record.bytes, this.#record.start, this.#record.end);
    const { edits, count, moves_items } = removals(this.#spans, first, top);
    if (count > 0) this.#add(edits, moves_items);
    return count;
  }

  /** Replaces, or else adds the member that a path without wildcards names. */
  set(path: Path | string, value: JsonValue): void {
    if (this.replace(path, value) > 0) return;
    const place = this.#scanner.pathOf(path);
    if (isPlace(place)) this.#insert(place, stringifyJson(value));
  }

  /** The same with JSON text, which is put in as it is, at a path without wildcards. */
  setText(place: Path, text: string): void {
    const first = this.#locateForReplacing(place);
    if (first < 0) this.#insert(place, text);
    else this.#replaceFrom(first, encodedText(text));
  }

  #insert(path: Path, value: string): void {
    if (this.#pending?.is_stale === true || this.edits?.hasRemovals === true) this.#rewrite();
    const { bytes, start, end } = this.#record;
    const record = { bytes, start, end, edits: this.edits };
    const inserted = insertionInto(record, path, value, this.#scanner.parents(path));
    if (inserted === undefined) return this.#rewrite().#insert(path, value);
    const { edit, depth } = inserted;
    // In any case, the parent that was found may be spelt otherwise than the path.
    const pending = this.#add([edit], edit.kind === "replace" || path.ignore_case);
    pending.noteInserted(path.segments.slice(0, depth + 1));
  }

  /** The first row of the path in `#spans`, after a scan where one is due. */
  #locate(path: Path | string): number {
    const scanner = this.#scanner;
    const number = typeof path === "string" ? -1 : scanner.numberOf(path);
    this.#number = number;
    const other = number < 0 ? scanner.other(path) : undefined;
    if (this.#pending !== undefined) {
      const wanted = other === undefined ? scanner.walker.paths[number]! : other.paths[0]!;
      if (this.#pending.hides(wanted)) this.#rewrite();
    }
    const walker = other ?? this.#record.scannedFor(number);
    this.assertReadable();
    other?.scan(this.#record.bytes, this.#record.start, this.#record.end);
    this.#spans = walker.spans;
    return walker.spans.first(other === undefined ? number : 0);
  }

  /** The value of a row as the edits left it; undefined where only a rewrite can show it. */
  #found(row: number): Found | undefined {
    const found = this.#spans.found(row, this.#record.bytes);
    return this.#pending === undefined ? found : this.#pending.edits.valueAt(found);
  }

  /** Whether edits have made or moved values, or put in strings that may hold JSON. */
  #showsMore(): boolean {
    return this.#pending?.is_moved === true || this.#pending?.puts_strings === true;
  }

  #add(edits: readonly Edit[], is_stale = false): PendingEdits {
    const pending = (this.#pending ??= new PendingEdits());
    pending.add(edits);
    pending.is_stale ||= is_stale;
    return pending;
  }

  #splices(): readonly Edit[] {
    const { bytes, start, end } = this.#record;
    return this.#pending?.splices(bytes, start, end) ?? no_splices;
  }

  /** Writes the edits into a buffer of its own. */
  #rewrite(): this {
    const bytes = Buffer.allocUnsafe(this.byteLength);
    this.copyTo(bytes, 0);
    this.load(bytes);
    return this;
  }
}
