/**
 * Follows one unit of a JSON stream to its end, with one look at each byte.
 *
 * A unit is what is kept or passed over as a whole: a document or an element, what surrounds the array of elements in a
 * document, items of that array that are no objects, and what is no JSON at all. Commas do not matter to where it ends, so
 * that one too many or a missing one costs that unit and no other.
 */
import {
  byte_order_mark,
  close_brace,
  close_bracket,
  colon,
  comma,
  isSpace,
  type Level,
  line_feed,
  open_brace,
  open_bracket,
  quote,
} from "./bytes.ts";
import type { Shape } from "./shape.ts";
import { ValueScan } from "./value-scan.ts";

/** Why a unit is no record: brackets that do not match, no array in a document, no object in an array, no JSON. */
export type Flaw = "broken" | "no_array" | "no_object" | "no_document";

type Mode =
  | "nested"
  | "scalar"
  /** In an object around the array: before a key, in it, behind it, before and behind its value. */
  | "member"
  | "key"
  | "key_escape"
  | "colon"
  | "value"
  | "after_value"
  /** In the array, where no object is: before an item and behind it; and the array's end. */
  | "item"
  | "after_item"
  | "array_end"
  | "mark";

export class Unit {
  /** Whether its end was found. */
  is_ended = false;
  /** Whether it surrounds or separates records, and is none itself. */
  is_passed_over = false;
  flaw: Flaw | undefined = undefined;
  /** Where the bytes behind it stand. */
  next: Level = "documents";
  /** Members of objects that are passed over with it. */
  members = 0;
  readonly #shape: Shape;
  readonly #keys: readonly Buffer[];
  readonly #scan = new ValueScan();
  #mode: Mode = "nested";
  /** What a value within the unit is followed by; undefined where the value is the unit. */
  #mode_after: Mode | undefined = undefined;
  /** Objects around the array that are open. */
  #level = 0;
  /** Whether the value is the array, or leads to it. */
  #is_on_path = false;
  /** Bytes of a key that are as they should be; -1 where one was not. */
  #matched = 0;

  constructor(shape: Shape) {
    this.#shape = shape;
    this.#keys = shape.keys ?? [];
  }

  /** Begins with the unit whose first byte this is, which is still to be pushed. */
  begin(level: Level, byte: number): void {
    this.is_ended = false;
    this.is_passed_over = false;
    this.flaw = undefined;
    this.next = "documents";
    this.members = 0;
    this.#mode = "nested";
    this.#mode_after = undefined;
    this.#level = 0;
    this.#scan.beginValue();
    if (level === "documents") this.#beginDocument(byte);
    else if (level === "array") this.#beginItem(byte);
    else if (level === "lost") this.#beginGarbage("broken", 0);
    else {
      this.is_passed_over = true;
      this.#level = this.#keys.length;
      this.#mode = "after_value";
    }
  }

  /** Takes bytes from `from` on, and returns where the unit ends, or `to`. */
  push(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && !this.is_ended) {
      if (this.#mode === "nested") at = this.#nested(bytes, at, to);
      else at += this.#step(bytes[at]!);
    }
    return at;
  }

  #beginDocument(byte: number): void {
    const { keys } = this.#shape;
    if (byte === byte_order_mark[0]) {
      this.#mode = "mark";
      this.#matched = 0;
      this.is_passed_over = true;
    } else if (byte !== open_brace && byte !== open_bracket) {
      this.#beginGarbage("no_document", 0);
    } else if (keys !== undefined) {
      this.flaw = "no_array";
      if ((byte === open_bracket) !== (keys.length === 0)) return;
      this.#mode = "value";
      this.#is_on_path = true;
    }
  }

  #beginItem(byte: number): void {
    this.next = "array";
    if (byte === open_brace) return;
    this.#mode = byte === close_bracket ? "array_end" : "item";
    this.flaw = byte === close_bracket ? undefined : "no_object";
  }

  #beginGarbage(flaw: "broken" | "no_document", before: number): void {
    this.flaw = flaw;
    this.is_passed_over = false;
    this.next = "documents";
    this.#mode = "nested";
    this.#mode_after = undefined;
    this.#scan.beginGarbage(flaw === "broken" ? "broken" : "garbage", before);
  }

  /** Takes the byte at which it shows that the brackets or quotes do not match. */
  #break(byte: number): 1 {
    this.#beginGarbage("broken", byte);
    return 1;
  }

  #end(next: Level): void {
    this.is_ended = true;
    this.next = next;
  }

  #nested(bytes: Buffer, from: number, to: number): number {
    const scan = this.#scan;
    const at = scan.push(bytes, from, to);
    if (scan.outcome === "broke") this.#break(bytes[at - 1]!);
    else if (scan.outcome === "ended") {
      if (this.#mode_after === undefined) this.#end(this.next);
      else this.#mode = this.#mode_after;
    }
    return at;
  }

  /** Takes one byte where no brackets or quotes are to be followed. Returns 0 where it belongs to what comes next. */
  #step(byte: number): 0 | 1 {
    if (this.#mode === "key") return this.#key(byte);
    if (this.#mode === "key_escape") {
      this.#mode = "key";
      return 1;
    }
    if (this.#mode === "mark") return this.#mark(byte);
    if (this.#mode === "scalar") return this.#scalar(byte);
    if (isSpace(byte)) return 1;
    if (this.#mode === "member") return this.#member(byte);
    if (this.#mode === "value") return this.#value(byte);
    if (this.#mode === "after_value") return this.#afterValue(byte);
    if (this.#mode === "item") return this.#item(byte);
    if (this.#mode === "after_item") return this.#afterItem(byte);
    if (this.#mode === "array_end") {
      this.is_passed_over = true;
      this.#end(this.#keys.length === 0 ? "documents" : "after");
      return 1;
    }
    if (byte !== colon) return this.#break(byte);
    this.#mode = "value";
    return 1;
  }

  #mark(byte: number): 0 | 1 {
    if (byte !== byte_order_mark[this.#matched]) {
      this.#beginGarbage("no_document", 0);
      return 0;
    }
    this.#matched += 1;
    if (this.#matched === byte_order_mark.length) this.#end("documents");
    return 1;
  }

  #member(byte: number): 0 | 1 {
    if (byte === comma) return 1;
    if (byte === close_brace) return this.#closeObject();
    if (byte !== quote) return this.#break(byte);
    this.#mode = "key";
    this.#matched = 0;
    return 1;
  }

  #key(byte: number): 0 | 1 {
    const key = this.#keys[this.#level - 1]!;
    if (byte === line_feed) return this.#break(byte);
    if (byte === quote) {
      this.#is_on_path = this.#matched === key.length;
      this.#mode = "colon";
    } else if (this.#matched >= 0 && key[this.#matched] === byte) this.#matched += 1;
    else {
      this.#matched = -1;
      // Keys that are spelt with escapes are not the one that is looked for.
      if (byte === 0x5c) this.#mode = "key_escape";
    }
    return 1;
  }

  #value(byte: number): 0 | 1 {
    const is_innermost = this.#level === this.#keys.length;
    if (this.#is_on_path && byte === open_bracket && is_innermost) {
      this.flaw = undefined;
      this.is_passed_over = true;
      this.#end("array");
      return 1;
    }
    if (this.#is_on_path && byte === open_brace && !is_innermost) {
      this.#level += 1;
      this.#mode = "member";
      return 1;
    }
    if (byte === comma || byte === colon || byte === close_brace || byte === close_bracket) {
      return this.#break(byte);
    }
    this.members += 1;
    return this.#beginInner(byte, "after_value");
  }

  #afterValue(byte: number): 0 | 1 {
    if (byte === close_brace) return this.#closeObject();
    this.#mode = "member";
    return 0;
  }

  #closeObject(): 1 {
    this.#level -= 1;
    this.#mode = "after_value";
    if (this.#level === 0) this.#end("documents");
    return 1;
  }

  #item(byte: number): 0 | 1 {
    if (byte === comma) return 1;
    if (byte === open_brace || byte === close_bracket) {
      this.#end("array");
      return 0;
    }
    // Then it is a member of an object, or behind its end: there is a bracket too many before it.
    if (byte === colon || byte === close_brace) return this.#break(byte);
    return this.#beginInner(byte, "after_item");
  }

  #afterItem(byte: number): 0 | 1 {
    this.#mode = "item";
    if (byte === comma || byte === open_brace || byte === close_bracket) return 0;
    return this.#break(byte);
  }

  #beginInner(byte: number, mode_after: Mode): 0 {
    this.#mode_after = mode_after;
    this.#mode =
      byte === quote || byte === open_brace || byte === open_bracket ? "nested" : "scalar";
    if (this.#mode === "nested") this.#scan.beginValue();
    return 0;
  }

  #scalar(byte: number): 0 | 1 {
    const is_delimiter =
      isSpace(byte) ||
      byte === comma ||
      byte === colon ||
      byte === quote ||
      byte === open_brace ||
      byte === close_brace ||
      byte === open_bracket ||
      byte === close_bracket;
    if (!is_delimiter) return 1;
    this.#mode = this.#mode_after!;
    return 0;
  }
}
