/**
 * One line of Splunk's export in the form that nearly all of them have, read by hand: `{"preview":false,"offset":7,"result":{…}}`,
 * without blanks, its values strings, or lists of strings where nobody looks at them. What is in any other form is not read here: it
 * goes to JSON.parse. So whatever this reads, that reads in the same way.
 */
import { block_events, isLane, place_fields, signature_field } from "../../format/place.ts";
import { JsonString } from "./json-string.ts";
import { isSame, KnownTexts } from "./known-texts.ts";
import { no_places, type ExportRecord, type Place } from "./record.ts";

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

const field_keys = [
  "_raw",
  "_time",
  "index",
  "sourcetype",
  place_fields.lane,
  place_fields.block,
  place_fields.place_in_block,
  signature_field,
].map((key) => Buffer.from(key));
const raw_key = 0;
const time_key = 1;
const index_key = 2;
const sourcetype_key = 3;
const lane_key = 4;
const block_key = 5;
const at_key = 6;
const signature_key = 7;

const place_keys = (1 << lane_key) | (1 << block_key) | (1 << at_key);
/** A key that nobody looks at, and what is no key. */
const [other, malformed] = [-1, -2];

const [a_true, a_false] = [Buffer.from("true"), Buffer.from("false")];
/** More digits than these are left to the other way, which knows what is too large. */
const digits_max = 12;

/** Reads rows. What it says of one holds until it reads the next. */
export class SplunkRow implements ExportRecord {
  raw: Buffer = Buffer.alloc(0);
  place: Place | undefined;
  /** What says an impossible place is not read here. */
  readonly is_impossible = false;
  index: string | undefined;
  sourcetype: string | undefined;
  signature: string | undefined;
  offset: number | undefined;
  is_last = false;
  readonly #raw = new JsonString();
  readonly #signature = new JsonString();
  readonly #texts = new KnownTexts((text) => (text === "" ? undefined : text));
  readonly #lanes = new KnownTexts((text) => (isLane(text) ? text : undefined));
  #line: Buffer = Buffer.alloc(0);
  #at = 0;
  #seen = 0;
  #lane: string | undefined;
  #block = 0;
  #place_in_block = 0;
  #time_start = 0;
  #time_end = 0;

  get time(): string | undefined {
    return this.#time_start === 0
      ? undefined
      : this.#line.toString("utf8", this.#time_start, this.#time_end);
  }

  /** Whether the line is such a row with an event in it. It begins at `start`, and a line feed follows it at `end`. */
  read(line: Buffer, start: number, end: number): boolean {
    this.#line = line;
    this.#at = start;
    this.offset = undefined;
    this.is_last = false;
    this.#time_start = 0;
    this.index = this.sourcetype = this.signature = undefined;
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
    this.#seen = 0;
    if (!this.#take(open_object)) return false;
    do {
      const key = this.#readKey(field_keys);
      if (key === malformed || (key !== other && (this.#seen & (1 << key)) !== 0)) return false;
      if (!(key === other ? this.#skipValue() : this.#readField(key))) return false;
      if (key !== other) this.#seen |= 1 << key;
    } while (this.#take(comma));
    if (!this.#take(close_object) || (this.#seen & (1 << raw_key)) === 0) return false;
    return this.#findPlace();
  }

  /** Says whether it is clear which place the fields mean, or that they mean none. */
  #findPlace(): boolean {
    const seen = this.#seen & place_keys;
    this.place = undefined;
    if (seen === 0) return true;
    const lane = this.#lane;
    if (seen !== place_keys || lane === undefined || this.#place_in_block >= block_events)
      return false;
    const number = this.#block * block_events + this.#place_in_block;
    this.place = { lane, number, others: no_places };
    return true;
  }

  #readField(key: number): boolean {
    const line = this.#line;
    if (line[this.#at] !== quote) return false;
    const from = this.#at + 1;
    if (key === raw_key || key === signature_key) {
      const string = key === raw_key ? this.#raw : this.#signature;
      const end = string.read(line, from);
      if (end === -1) return false;
      this.#at = end + 1;
      if (key === raw_key) this.raw = string.bytes.subarray(string.start, string.end);
      else this.signature = string.bytes.toString("utf8", string.start, string.end) || undefined;
      return true;
    }
    const end = JsonString.endOfPlain(line, from);
    if (end === -1) return false;
    this.#at = end + 1;
    return this.#takeField(key, from, end);
  }

  #takeField(key: number, from: number, end: number): boolean {
    const line = this.#line;
    switch (key) {
      case time_key:
        [this.#time_start, this.#time_end] = [from, end];
        return true;
      case index_key:
        this.index = this.#texts.of(line, from, end);
        return true;
      case sourcetype_key:
        this.sourcetype = this.#texts.of(line, from, end);
        return true;
      case lane_key:
        this.#lane = this.#lanes.of(line, from, end);
        return true;
      case block_key:
        this.#block = numberIn(line, from, end);
        return this.#block >= 0;
      default:
        this.#place_in_block = numberIn(line, from, end);
        return this.#place_in_block >= 0;
    }
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

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= zero + 9;
}

/** The number that the digits say; -1 for what is none, or too long for this. */
function numberIn(bytes: Buffer, start: number, end: number): number {
  if (end === start || end - start > digits_max) return -1;
  let number = 0;
  for (let at = start; at < end; at += 1) {
    if (!isDigit(bytes[at]!)) return -1;
    number = number * 10 + bytes[at]! - zero;
  }
  return number;
}
