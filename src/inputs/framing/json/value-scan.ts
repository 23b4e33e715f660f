/**
 * Follows a JSON value to its end by brackets and quotes alone, and what is no JSON to where a document may begin.
 *
 * Where brackets or quotes do not match, nothing says any more at which level the bytes stand, and a part of a record must
 * not be taken for a whole one. So all that follows belongs to what is broken, up to a bracket that opens a document: one at
 * the beginning of a line, behind the end of a value. JSON with indents, or with a document a line, has no other there.
 */
import {
  backslash,
  close_brace,
  close_bracket,
  colon,
  comma,
  isSpace,
  line_feed,
  open_brace,
  open_bracket,
  quote,
} from "./bytes.ts";

/** As many levels of brackets are compared; the scanner refuses deeper records anyway. */
const compared_depth_max = 512;

export type ValueMode = "nested" | "string" | "escape" | "broken" | "garbage";

/** What became of the bytes: taken to their end, the value has ended, or it shows that its brackets or quotes do not match. */
export type Outcome = "open" | "ended" | "broke";

export class ValueScan {
  outcome: Outcome = "open";
  #mode: ValueMode = "nested";
  readonly #closers = new Uint8Array(compared_depth_max);
  #depth = 0;
  /** In what is no JSON: whether a line begins, and the last byte that was no white space. */
  #is_line_start = false;
  #before = 0;

  /** Begins with an object, an array or a string, whose first byte is still to be pushed. */
  beginValue(): void {
    this.#mode = "nested";
    this.#depth = 0;
  }

  /** Begins with what is no JSON: `broken` where it may be the rest of a document, behind the byte `before`. */
  beginGarbage(kind: "broken" | "garbage", before: number): void {
    this.#mode = kind;
    this.#is_line_start = before === line_feed;
    this.#before = before;
  }

  /** Takes bytes from `from` on, and returns where the value ends, or where it breaks, or `to`. */
  push(bytes: Buffer, from: number, to: number): number {
    this.outcome = "open";
    let at = from;
    while (at < to && this.outcome === "open") {
      if (this.#mode === "nested") at = this.#nested(bytes, at, to);
      else if (this.#mode === "string") at = this.#string(bytes, at, to);
      else if (this.#mode === "escape") {
        this.#mode = "string";
        at += 1;
      } else at = this.#garbage(bytes, at, to);
    }
    return at;
  }

  #nested(bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at]!;
      if (byte === quote) {
        this.#mode = "string";
        return at + 1;
      }
      if (byte === open_brace || byte === open_bracket) {
        // The closing bracket's byte is the opening one's plus two.
        if (this.#depth < compared_depth_max) this.#closers[this.#depth] = byte + 2;
        this.#depth += 1;
      } else if (byte === close_brace || byte === close_bracket) {
        const depth = (this.#depth -= 1);
        const matches = depth >= compared_depth_max || this.#closers[depth] === byte;
        if (matches && depth > 0) continue;
        this.outcome = matches ? "ended" : "broke";
        return at + 1;
      }
    }
    return to;
  }

  #string(bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at]!;
      if (byte === quote) {
        this.#mode = "nested";
        if (this.#depth === 0) this.outcome = "ended";
        return at + 1;
      }
      if (byte === backslash) {
        this.#mode = "escape";
        return at + 1;
      }
      // JSON has no line end in a string: the writer was cut off here.
      if (byte === line_feed) {
        this.outcome = "broke";
        return at + 1;
      }
    }
    return to;
  }

  #garbage(bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at]!;
      const opens = byte === open_brace || byte === open_bracket;
      if (opens && this.#is_line_start && this.#mayBegin()) {
        this.outcome = "ended";
        return at;
      }
      this.#is_line_start = byte === line_feed;
      if (!isSpace(byte)) this.#before = byte;
    }
    return to;
  }

  /** Whether what opens at the beginning of a line is no part of what is before it. */
  #mayBegin(): boolean {
    const before = this.#before;
    if (this.#mode === "broken") return before === close_brace || before === close_bracket;
    return before !== comma && before !== colon && before !== open_bracket;
  }
}
