/**
 * One line of Splunk's export in the form that nearly all of them have, read by hand: `{"preview":false,"offset":7,"result":{…}}`,
 * without blanks, its values strings, or lists of strings where nobody looks at them. What is in any other form is not read here: it
 * goes to JSON.parse. So whatever this reads, that reads in the same way.
 */
import { JsonString } from "./json-string.ts";
import { isSame } from "./known-texts.ts";
import { field_names, isDigit, numberIn, raw_key, RowFields, signature_key } from "./row-fields.ts";
import { ownRoom, type RoomFor } from "./text-room.ts";

const quote = 0x22;
const zero = 0x30;
const comma = 0x2c;
const colon = 0x3a;
const open_list = 0x5b;
const close_list = 0x5d;
const open_object = 0x7b;
const close_object = 0x7d;

const row_keys = ["preview", "offset", "lastrow", "result"].map((key) => Buffer.from(key));
const preview_key = 0;
const lastrow_key = 2;
const result_key = 3;

const field_keys = field_names.map((key) => Buffer.from(key));
/** A key that nobody looks at, and what is no key. */
const [other, malformed] = [-1, -2];

const [a_true, a_false] = [Buffer.from("true"), Buffer.from("false")];
/** Reads rows. What it says of one holds until it reads the next. */
export class SplunkRow extends RowFields {
  offset: number | undefined;
  is_last = false;
  readonly #raw: JsonString;
  readonly #signature = new JsonString();
  #line: Buffer = Buffer.alloc(0);
  #line_end = 0;
  #at = 0;

  /** `room`: for the texts of the events. */
  constructor(room: RoomFor = ownRoom()) {
    super();
    this.#raw = new JsonString(room);
  }

  /** Whether the line is such a row with an event in it. It begins at `start`, and a line feed follows it at `end`. */
  read(line: Buffer, start: number, end: number): boolean {
    this.clear();
    this.#line = line;
    this.#line_end = end;
    this.#at = start;
    this.offset = undefined;
    this.is_last = false;
    const stop = line[end - 1] === 0x0d ? end - 1 : end;
    return this.#readRow() && this.#at === stop;
  }

  #readRow(): boolean {
    let seen = 0;
    if (!this.#take(open_object)) return false;
    do {
      const key = this.#readKey(row_keys);
      // A key that comes twice means its last value, which is for the other way to say.
      if (key === -1 || (seen & (1 << key)) !== 0 || !this.#readRowValue(key)) return false;
      seen |= 1 << key;
    } while (this.#take(comma));
    return this.#take(close_object) && (seen & (1 << result_key)) !== 0;
  }

  #readRowValue(key: number): boolean {
    if (key === preview_key) return this.#takeWord(a_false);
    if (key === result_key) return this.#readFields();
    if (key === lastrow_key) {
      this.is_last = this.#takeWord(a_true);
      return this.is_last || this.#takeWord(a_false);
    }
    const from = this.#at;
    while (isDigit(this.#line[this.#at]!)) this.#at += 1;
    const value = numberIn(this.#line, from, this.#at);
    this.offset = value;
    return value === 0 ? this.#at === from + 1 : value > 0 && this.#line[from] !== zero;
  }

  #readFields(): boolean {
    let seen = 0;
    if (!this.#take(open_object)) return false;
    do {
      const key = this.#readKey(field_keys);
      if (key === malformed || (key !== other && (seen & (1 << key)) !== 0)) return false;
      if (!(key === other ? this.#skipValue() : this.#readField(key))) return false;
      if (key !== other) seen |= 1 << key;
    } while (this.#take(comma));
    if (!this.#take(close_object) || (seen & (1 << raw_key)) === 0) return false;
    return this.findPlace(seen);
  }

  #readField(key: number): boolean {
    const line = this.#line;
    if (line[this.#at] !== quote) return false;
    const from = this.#at + 1;
    if (key === raw_key || key === signature_key) {
      const string = key === raw_key ? this.#raw : this.#signature;
      const end = string.read(line, from, this.#line_end);
      if (end === -1) return false;
      this.#at = end + 1;
      const { bytes, start, end: text_end } = string;
      if (key === signature_key) {
        this.signature = bytes.toString("utf8", start, text_end) || undefined;
        return true;
      }
      this.bytes = bytes;
      this.start = start;
      this.end = text_end;
      return true;
    }
    const end = JsonString.endOfPlain(line, from);
    if (end === -1) return false;
    this.#at = end + 1;
    return this.takeField(key, line, [from, end]);
  }

  /** A string, or a list of strings. */
  #skipValue(): boolean {
    if (this.#line[this.#at] === quote) return this.#skipString();
    if (!this.#take(open_list)) return false;
    if (this.#take(close_list)) return true;
    do if (!this.#skipString()) return false;
    while (this.#take(comma));
    return this.#take(close_list);
  }

  #skipString(): boolean {
    if (!this.#take(quote)) return false;
    const end = JsonString.endOf(this.#line, this.#at);
    if (end === -1) return false;
    this.#at = end + 1;
    return true;
  }

  /** A key and its colon: which of `keys` it is, or another one. */
  #readKey(keys: readonly Buffer[]): number {
    const line = this.#line;
    if (!this.#take(quote)) return malformed;
    const from = this.#at;
    const end = JsonString.endOfPlain(line, from);
    if (end === -1) return malformed;
    this.#at = end + 1;
    if (!this.#take(colon)) return malformed;
    for (let key = 0; key < keys.length; key += 1) {
      if (isSame(keys[key]!, line, from, end)) return key;
    }
    return other;
  }

  #take(byte: number): boolean {
    if (this.#line[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }

  #takeWord(word: Buffer): boolean {
    const end = this.#at + word.length;
    if (!isSame(word, this.#line, this.#at, end)) return false;
    this.#at = end;
    return true;
  }
}
