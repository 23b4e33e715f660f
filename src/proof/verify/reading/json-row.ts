/** What both forms of rows that are read by hand have in common: their JSON is read out of the bytes of a line, from its beginning to its end. */
import { isAt } from "../../../platform/text/bytes.ts";
import { JsonString } from "./json-string.ts";
import { isSame } from "./known-texts.ts";
import { raw_key, RowFields, signature_key } from "./row-fields.ts";
import { ownRoom, type RoomFor } from "./text-room.ts";

export const quote = 0x22;
export const comma = 0x2c;
export const close_object = 0x7d;
export const open_object = 0x7b;
const carriage_return = 0x0d;
const colon = 0x3a;
const open_list = 0x5b;
const close_list = 0x5d;

/** A key that nobody looks at, and what is no key. */
export const [other, malformed] = [-1, -2];

/** One row. What it says holds until the next. */
export class JsonRow extends RowFields {
  protected line: Buffer = Buffer.alloc(0);
  /** Where the line ends, without what ends it. */
  protected stop = 0;
  protected at = 0;
  readonly #raw: JsonString;
  readonly #signature = new JsonString();

  /** `room`: for the texts of the events. */
  constructor(room: RoomFor = ownRoom()) {
    super();
    this.#raw = new JsonString(room);
  }

  /** Begins with what of `line` is from `start` to `end`, where a line feed stands. */
  protected begin(line: Buffer, start: number, end: number): void {
    this.clear();
    this.line = line;
    this.at = start;
    this.stop = line[end - 1] === carriage_return ? end - 1 : end;
  }

  /** A string that is the value of a field, as `field_names` has them. */
  protected readField(key: number): boolean {
    if (key === raw_key) return this.readRaw();
    const { line } = this;
    if (line[this.at] !== quote) return false;
    const from = this.at + 1;
    if (key === signature_key) {
      if (!this.#readString(this.#signature)) return false;
      const { bytes, start, end } = this.#signature;
      this.signature = bytes.toString("utf8", start, end) || undefined;
      return true;
    }
    const end = JsonString.endOfPlain(line, from);
    if (end === -1) return false;
    this.at = end + 1;
    return this.takeField(key, line, [from, end]);
  }

  /** A string that is the event's text. */
  protected readRaw(): boolean {
    if (!this.#readString(this.#raw)) return false;
    const { bytes, start, end } = this.#raw;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    return true;
  }

  #readString(string: JsonString): boolean {
    if (this.line[this.at] !== quote) return false;
    const end = string.read(this.line, this.at + 1, this.stop);
    if (end === -1) return false;
    this.at = end + 1;
    return true;
  }

  /** A string, or a list of strings. */
  protected skipValue(): boolean {
    if (this.line[this.at] === quote) return this.skipString();
    if (!this.take(open_list)) return false;
    if (this.take(close_list)) return true;
    do if (!this.skipString()) return false;
    while (this.take(comma));
    return this.take(close_list);
  }

  protected skipString(): boolean {
    if (!this.take(quote)) return false;
    const end = JsonString.endOf(this.line, this.at);
    if (end === -1) return false;
    this.at = end + 1;
    return true;
  }

  /** A key and its colon: which of `keys` it is, or another one. */
  protected readKey(keys: readonly Buffer[]): number {
    const { line } = this;
    if (!this.take(quote)) return malformed;
    const from = this.at;
    const end = JsonString.endOfPlain(line, from);
    if (end === -1) return malformed;
    this.at = end + 1;
    if (!this.take(colon)) return malformed;
    for (let key = 0; key < keys.length; key += 1) {
      if (isSame(keys[key]!, line, from, end)) return key;
    }
    return other;
  }

  protected take(byte: number): boolean {
    if (this.line[this.at] !== byte) return false;
    this.at += 1;
    return true;
  }

  protected takeWord(word: Buffer): boolean {
    if (!isAt(word, this.line, this.at)) return false;
    this.at += word.length;
    return true;
  }
}
