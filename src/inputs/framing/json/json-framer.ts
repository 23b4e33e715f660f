/**
 * JSON documents, however they are written: one after another with white space or nothing between them, with line ends and
 * indents or without. A record is a document, or an element of the array that each document has at a path. It keeps the
 * bytes that it was written with.
 *
 * What is no record, and does not surround one, ends in quarantine with its line and column; see unit.ts for where it ends.
 */
import type { Verdict } from "../../../event/event.ts";
import { Walker } from "../../../event/scan/walker.ts";
import { isBlank } from "../lines/long-line.ts";
import { withoutNuls } from "../contract/nuls.ts";
import { Found } from "../contract/found.ts";
import type { Framed, Framer, RecordPositions, Window } from "../contract/framer.ts";
import {
  close_brace,
  close_bracket,
  isBetween,
  isSpace,
  type Level,
  line_feed,
  open_brace,
  open_bracket,
} from "./bytes.ts";
import { flawed, notJson, unfinished } from "./faults.ts";
import { JsonScan } from "./json-scan.ts";
import { LongJson } from "./long-json.ts";
import { Place, standingOf, stateOf } from "./place.ts";
import type { Shape } from "./shape.ts";
import { Unit } from "./unit.ts";

/** How far an unfinished unit was followed. */
interface Followed {
  readonly unit: Unit;
  readonly bytes: number;
}

const walker = new Walker([]);

/** The framing of documents, or of elements in them, as `shape` says. */
export function jsonFramer(shape: Shape): Framer {
  return {
    id: shape.keys === undefined ? "json" : `json ${shape.records}`,
    // What is none is one of a place that nobody knows.
    isState: () => true,
    lost: stateOf({ level: "lost", place: new Place() }),
    frame: (window, positions) => new Framing(shape, window, positions).run(),
    contentStart: (bytes, from, state) => startOfUnit(bytes, from, standingOf(state).level),
    lastEnd: shape.keys === undefined ? lastDocumentEnd : closedEnd,
    scan: (state) => new JsonScan(shape, state),
    long: (state) => new LongJson(shape, state),
  };
}

/** One call of `frame`. */
class Framing {
  readonly #shape: Shape;
  readonly #window: Window;
  readonly #positions: RecordPositions;
  readonly #found: Found;
  #level: Level;
  /** Of `#placed_to`. */
  readonly #place: Place;
  #placed_to: number;

  constructor(shape: Shape, window: Window, positions: RecordPositions) {
    this.#shape = shape;
    this.#window = window;
    this.#positions = positions;
    this.#found = new Found(window, positions);
    const { level, place } = standingOf(window.state);
    this.#level = level;
    this.#place = place;
    this.#placed_to = window.from;
  }

  run(): Framed {
    const found = this.#found;
    const { bytes, is_last } = this.#window;
    while (!found.is_full) {
      const start = startOfUnit(bytes, found.end, this.#level);
      // NUL bytes at the end are left alone, since a writer that allocates ahead will fill them.
      this.#passTo(start < bytes.length || is_last ? start : withoutNuls(bytes, found.end));
      if (start === bytes.length || !this.#takeUnit(start)) break;
    }
    found.state = stateOf({ level: this.#level, place: this.#placeAt(found.end) });
    return found;
  }

  /** Goes over what is between units: white space, commas and NUL bytes. */
  #passTo(to: number): void {
    const { bytes } = this.#window;
    const found = this.#found;
    for (let at = found.end; at < to; at += 1) if (bytes[at] === 0) found.nul_bytes += 1;
    found.end = to;
  }

  /** Takes the unit that begins here; false where its end is not there. */
  #takeUnit(start: number): boolean {
    const { from, followed, is_whole } = this.#window;
    const before = start === from ? (followed as Followed | undefined) : undefined;
    if (before !== undefined) {
      const more = this.#follow(start, before);
      if (!more.unit.is_ended) return this.#leave(start, more);
    }
    // What was followed before may have been overwritten since, so that only what is there now counts.
    if (this.#takeValid(start)) return true;
    const whole = this.#follow(start, undefined);
    if (!whole.unit.is_ended && is_whole !== true) return this.#leave(start, whole);
    this.#takeEnded(start, start + whole.bytes, whole.unit);
    return true;
  }

  /** Follows the unit to its end, or to the end of what is certainly written. */
  #follow(start: number, before: Followed | undefined): Followed {
    const { bytes } = this.#window;
    const unit = before?.unit ?? new Unit(this.#shape);
    if (before === undefined) unit.begin(this.#level, bytes[start]!);
    const from = start + (before?.bytes ?? 0);
    const to = Math.max(from, withoutNuls(bytes, start));
    return { unit, bytes: unit.push(bytes, from, to) - start };
  }

  /** Takes an object or array that is a record and strict JSON: the usual case. */
  #takeValid(start: number): boolean {
    const { bytes } = this.#window;
    if (!isRecordStart(bytes[start]!, this.#level, this.#shape)) return false;
    let end = walker.scanFirst(bytes, start, bytes.length);
    if (end < 0) return false;
    while (isSpace(bytes[end - 1]!)) end -= 1;
    this.#found.add(start, end);
    this.#found.end = end;
    return true;
  }

  #takeEnded(start: number, end: number, unit: Unit): void {
    const found = this.#found;
    found.members += unit.members;
    // A record that is cut is no JSON any more, whatever is behind the cut.
    const is_cut =
      !unit.is_passed_over &&
      unit.flaw === undefined &&
      end - start > this.#positions.event_bytes_max;
    if (is_cut) found.add(start, end);
    else if (!unit.is_passed_over) found.refuse(start, end, this.#verdict(start, end, unit));
    found.end = end;
    this.#level = unit.next;
  }

  #verdict(start: number, end: number, { flaw }: Unit): Verdict {
    const place = this.#placeAt(start);
    if (flaw !== undefined && flaw !== "broken") return flawed(flaw, place, this.#shape);
    const { bytes } = this.#window;
    const invalid = walker.scan(bytes, start, end);
    return notJson(invalid ? place.behind(bytes, start, start + invalid.byte) : place, invalid);
  }

  /** Leaves a unit alone whose end is not there, unless nothing comes behind it. */
  #leave(start: number, followed: Followed): false {
    const { bytes, is_last } = this.#window;
    const found = this.#found;
    if (!is_last) {
      found.followed = followed;
      return false;
    }
    const { unit } = followed;
    const end = withoutNuls(bytes, start);
    const is_garbage = unit.flaw === "broken" || unit.flaw === "no_document";
    const place = this.#placeAt(start);
    found.refuse(start, end, is_garbage ? this.#verdict(start, end, unit) : unfinished(place));
    found.is_unfinished = true;
    found.nul_bytes += bytes.length - end;
    found.end = bytes.length;
    // Should something come after all, it is the rest of this unit, and no part of that is a record.
    this.#level = unit.flaw === "no_document" ? "documents" : "lost";
    return false;
  }

  #placeAt(to: number): Place {
    this.#place.advance(this.#window.bytes, this.#placed_to, to);
    this.#placed_to = to;
    return this.#place;
  }
}

function isRecordStart(byte: number, level: Level, { keys }: Shape): boolean {
  if (level === "array") return byte === open_brace;
  if (level !== "documents" || keys !== undefined) return false;
  return byte === open_brace || byte === open_bracket;
}

/** Where the next unit begins, from `from` on; the bytes' length where none does. */
function startOfUnit(bytes: Buffer, from: number, level: Level): number {
  let at = from;
  while (at < bytes.length && (bytes[at] === 0 || isBetween(bytes[at]!, level))) at += 1;
  return at;
}

/** After the last line that is a whole document, or the last one of a document with indents. */
function lastDocumentEnd(bytes: Buffer): number {
  for (let end = bytes.lastIndexOf(line_feed); end >= 0;) {
    const start = end === 0 ? 0 : bytes.lastIndexOf(line_feed, end - 1) + 1;
    const first = bytes[start]!;
    const is_last_line = first === close_brace || first === close_bracket;
    // The line that the bytes begin with may have begun before them.
    const is_document = start > 0 && (first === open_brace || first === open_bracket);
    if (is_last_line && isBlank(bytes, start + 1, end)) return end + 1;
    if (is_document && walker.scan(bytes, start, end) === undefined) return end + 1;
    if (start === 0) return 0;
    end = start - 1;
  }
  return 0;
}

/** The end, where a document may be closed there: files with an array of records are mostly written at once. */
function closedEnd(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && isSpace(bytes[end - 1]!)) end -= 1;
  const last = bytes[end - 1];
  return last === close_brace || last === close_bracket ? bytes.length : 0;
}
