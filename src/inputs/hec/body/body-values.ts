/**
 * Finds the values in a body: JSON objects one after another with anything or nothing between them, arrays of
 * objects, and lines of text where there is neither.
 *
 *     {"a":1}{"a":2}\n{"a":3}     three objects        [{"a":1},{"a":2}]     two objects
 *     {"a":1}\n{"a":\nhello       an object, and two lines of text
 *     {"a":\n{"b":1},\nhello      three lines of text
 *
 * Every byte is scanned at most twice (in an array three times), however a body is made to break.
 *
 * The receiver's raw bodies are framed with it (raw-body.ts). Its event endpoint uses it without a framer in between: the
 * envelope is read by the spans that the scan for its end has found, and the record is only a part of it, or decoded text.
 */
import { faultPosition, skipSpace } from "../../../event/scan/json-text.ts";
import type { Walker } from "../../../event/scan/walker.ts";

const brace = 0x7b;
const bracket = 0x5b;
const comma = 0x2c;
const line_feed = 0x0a;
const carriage_return = 0x0d;

/** Where the values go on, to be taken up later. */
export interface ValuesPlace {
  readonly at: number;
  readonly array_end: number;
  readonly suspect_end: number;
}

export class BodyValues {
  /** Where the last value starts and ends; line ends around it do not belong to it. */
  start = 0;
  end = 0;
  /**
   * What it is. Text is whatever is not JSON, in one line, and an object that is a part of a value that breaks later;
   * other, what is in an array beside objects.
   */
  kind: "object" | "other" | "text" = "text";
  readonly #walker: Walker;
  #bytes: Buffer = Buffer.alloc(0);
  #is_lenient = false;
  #at = 0;
  /** Where the array ends whose items are being read; -1 outside of one. */
  #array_end = -1;
  /** Before this a scan is known to fail if it goes beyond the line that it starts in. */
  #suspect_end = 0;

  /** After `next` has found an object, the walker's spans are those of it. */
  constructor(walker: Walker) {
    this.#walker = walker;
  }

  /**
   * Begins a body, or goes on in it. In one of `text`, an object with other text behind it in its line belongs to that
   * line; else it counts as an object all the same.
   */
  open(bytes: Buffer, from: number | ValuesPlace, content: "text" | "objects"): void {
    const place = typeof from === "number" ? { at: from, array_end: -1, suspect_end: 0 } : from;
    this.#bytes = bytes;
    this.#is_lenient = content === "objects";
    this.#at = place.at;
    this.#array_end = place.array_end;
    this.#suspect_end = place.suspect_end;
  }

  /** Where the next value is looked for. */
  get place(): ValuesPlace {
    return { at: this.#at, array_end: this.#array_end, suspect_end: this.#suspect_end };
  }

  /** Goes to the next value; false at the end. */
  next(): boolean {
    const bytes = this.#bytes;
    for (;;) {
      if (this.#array_end >= 0) {
        if (this.#nextItem()) return true;
        continue;
      }
      const from = this.#at;
      const at = skipSpace(bytes, from, bytes.length);
      if (at >= bytes.length) return false;
      const byte = bytes[at];
      const after = this.#isPromising(at) ? this.#scan(at) : -1;
      if (after < 0) {
        this.#takeLine(from, at, at);
        return true;
      }
      if (!this.#is_lenient && !this.#endsHere(after)) {
        this.#takeLine(from, at, after);
        return true;
      }
      if (byte === brace) {
        // In a value that breaks later it is a part, and is at another level than it seems to.
        this.#take(at < this.#suspect_end ? "text" : "object", at, after);
        // White space behind it may be the beginning of a line of text.
        this.#at = this.end;
        return true;
      }
      this.#at = at + 1;
      this.#array_end = spaceStart(bytes, after) - 1;
    }
  }

  /** Scans one value; returns where what follows it starts, or a negative number. */
  #scan(at: number): number {
    const bytes = this.#bytes;
    const limit = at < this.#suspect_end ? lineEnd(bytes, at) : bytes.length;
    const after = this.#walker.scanFirst(bytes, at, limit);
    if (after < 0) this.#suspect_end = Math.max(this.#suspect_end, faultPosition(after));
    return after;
  }

  /** The next item of an array that is known to be JSON. False, and out of it, at its end. */
  #nextItem(): boolean {
    const bytes = this.#bytes;
    const array_end = this.#array_end;
    let at = skipSpace(bytes, this.#at, array_end);
    if (bytes[at] === comma) at = skipSpace(bytes, at + 1, array_end);
    if (at >= array_end) {
      this.#at = array_end + 1;
      this.#array_end = -1;
      return false;
    }
    const after = this.#walker.scanFirst(bytes, at, array_end);
    this.#take(bytes[at] === brace ? "object" : "other", at, after);
    this.#at = after;
    return true;
  }

  /** Whether an object may start here, or an array of such. */
  #isPromising(at: number): boolean {
    const bytes = this.#bytes;
    if (bytes[at] !== bracket) return bytes[at] === brace;
    return bytes[skipSpace(bytes, at + 1, bytes.length)] === brace;
  }

  /** Whether a value ends its line, or another one follows it. `after` is where what follows it starts. */
  #endsHere(after: number): boolean {
    const bytes = this.#bytes;
    if (after >= bytes.length || this.#isPromising(after)) return true;
    const value_end = spaceStart(bytes, after);
    const newline = bytes.indexOf(line_feed, value_end);
    return newline >= 0 && newline <= after;
  }

  #take(kind: BodyValues["kind"], start: number, after: number): void {
    this.kind = kind;
    this.start = start;
    this.end = spaceStart(this.#bytes, after);
  }

  /** Takes the whole line that `first` is in, from `from` at the earliest, and to the line end after `last`. */
  #takeLine(from: number, first: number, last: number): void {
    const bytes = this.#bytes;
    this.kind = "text";
    this.start = Math.max(from, bytes.lastIndexOf(line_feed, first) + 1);
    const end = lineEnd(bytes, last);
    this.end = bytes[end - 1] === carriage_return ? end - 1 : end;
    this.#at = end;
  }
}

function lineEnd(bytes: Buffer, at: number): number {
  const newline = bytes.indexOf(line_feed, at);
  return newline === -1 ? bytes.length : newline;
}

/** Where the white space starts that ends at `end`. */
function spaceStart(bytes: Buffer, end: number): number {
  let at = end;
  while (bytes[at - 1]! <= 0x20) at -= 1;
  return at;
}
