/**
 * One line of our own archive files in the form that nearly all of them have, read by hand: strings, fields, the time, fields, and the
 * event, as `readEnvelopeHead` describes it, the fields' values strings or lists of strings. An event that is not a string stays where
 * it stands. What is in any other form is not read here: it goes to JSON.parse. So whatever this reads, that reads in the same way.
 */
import { isDigit } from "../../../platform/text/digits.ts";
import { close_object, comma, JsonRow, malformed, open_object, other, quote } from "./json-row.ts";
import { field_names, index_key, lane_key, sourcetype_key, time_key } from "./row-fields.ts";

const zero = 0x30;
const dot = 0x2e;

const row_names = ["host", "source", "index", "sourcetype", "fields", "time", "event"] as const;
const row_keys = row_names.map((key) => Buffer.from(key));
const [host_row, source_row, index_row, sourcetype_row, fields_row, time_row, event_row] = [
  0, 1, 2, 3, 4, 5, 6,
];

/** Those of the place, and the signature. */
const place_names = field_names.slice(lane_key);
const field_keys = [...place_names, "event"].map((key) => Buffer.from(key));
/** A field that is called like the event: which of them is the event is for the other way to say. */
const event_field = place_names.length;

/** Reads rows. What it says of one holds until it reads the next. */
export class ArchiveRow extends JsonRow {
  /** A bit for each of `field_names` that the fields have. */
  #seen = 0;

  /** Whether the line is such a row. It begins at `start`, and a line feed follows it at `end`. */
  read(line: Buffer, start: number, end: number): boolean {
    this.begin(line, start, end);
    this.#seen = 0;
    if (!this.take(open_object)) return false;
    let key = this.#readStrings();
    if (key === fields_row) key = this.#readFields() ? this.#nextKey() : malformed;
    if (key !== time_row || !this.#readTime()) return false;
    key = this.#nextKey();
    if (key === fields_row) key = this.#readFields() ? this.#nextKey() : malformed;
    if (key !== event_row || !this.#readEvent()) return false;
    return this.findPlace(this.#seen);
  }

  #nextKey(): number {
    return this.take(comma) ? this.readKey(row_keys) : malformed;
  }

  /** Gives the key behind the strings. */
  #readStrings(): number {
    let seen = 0;
    let key = this.readKey(row_keys);
    while (key >= host_row && key <= sourcetype_row) {
      // A key that comes twice means its last value.
      if ((seen & (1 << key)) !== 0 || !this.#readRowString(key)) return malformed;
      seen |= 1 << key;
      key = this.#nextKey();
    }
    return key;
  }

  #readRowString(key: number): boolean {
    if (key === host_row || key === source_row) return this.skipString();
    const from = this.at;
    const is_read = this.readField(key === index_row ? index_key : sourcetype_key);
    return is_read && this.at > from + 2;
  }

  /** Only the last fields of a row count. */
  #readFields(): boolean {
    this.#seen = 0;
    this.signature = undefined;
    if (!this.take(open_object)) return false;
    do {
      const key = this.readKey(field_keys);
      if (key === malformed || key === event_field) return false;
      if (key === other) {
        if (!this.skipValue()) return false;
        continue;
      }
      const bit = 1 << (lane_key + key);
      const from = this.at;
      if ((this.#seen & bit) !== 0 || !this.readField(lane_key + key)) return false;
      // What is empty is not read here.
      if (this.at === from + 2) return false;
      this.#seen |= bit;
    } while (this.take(comma));
    return this.take(close_object);
  }

  /** Digits, and digits behind a dot. */
  #readTime(): boolean {
    const { line } = this;
    const from = this.at;
    const has_whole = this.#skipDigits();
    if (!has_whole || (line[from] === zero && this.at > from + 1)) return false;
    if (this.take(dot) && !this.#skipDigits()) return false;
    return this.takeField(time_key, line, [from, this.at]);
  }

  #skipDigits(): boolean {
    const from = this.at;
    while (isDigit(this.line[this.at])) this.at += 1;
    return this.at > from;
  }

  /** All up to the last brace. */
  #readEvent(): boolean {
    const { line, at } = this;
    const end = this.stop - 1;
    if (at > end || line[end] !== close_object) return false;
    if (line[at] === quote) return this.readRaw() && this.at === end;
    this.bytes = line;
    this.start = at;
    this.end = end;
    return true;
  }
}
