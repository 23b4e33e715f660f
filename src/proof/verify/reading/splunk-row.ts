/**
 * One line of Splunk's export in the form that nearly all of them have, read by hand: `{"preview":false,"offset":7,"result":{…}}`,
 * without blanks, its values strings, or lists of strings where nobody looks at them. What is in any other form is not read here: it
 * goes to JSON.parse. So whatever this reads, that reads in the same way.
 */
import { isDigit } from "../../../platform/text/digits.ts";
import { close_object, comma, JsonRow, malformed, open_object, other } from "./json-row.ts";
import { field_names, numberIn, raw_key } from "./row-fields.ts";

const zero = 0x30;

const row_keys = ["preview", "offset", "lastrow", "result"].map((key) => Buffer.from(key));
const preview_key = 0;
const lastrow_key = 2;
const result_key = 3;

const field_keys = field_names.map((key) => Buffer.from(key));

const [a_true, a_false] = [Buffer.from("true"), Buffer.from("false")];

/** Reads rows. What it says of one holds until it reads the next. */
export class SplunkRow extends JsonRow {
  offset: number | undefined;
  is_last = false;

  /** Whether the line is such a row with an event in it. It begins at `start`, and a line feed follows it at `end`. */
  read(line: Buffer, start: number, end: number): boolean {
    this.begin(line, start, end);
    this.offset = undefined;
    this.is_last = false;
    return this.#readRow() && this.at === this.stop;
  }

  #readRow(): boolean {
    let seen = 0;
    if (!this.take(open_object)) return false;
    do {
      const key = this.readKey(row_keys);
      // A key that comes twice means its last value, which is for the other way to say.
      if (key < 0 || (seen & (1 << key)) !== 0 || !this.#readRowValue(key)) return false;
      seen |= 1 << key;
    } while (this.take(comma));
    return this.take(close_object) && (seen & (1 << result_key)) !== 0;
  }

  #readRowValue(key: number): boolean {
    if (key === preview_key) return this.takeWord(a_false);
    if (key === result_key) return this.#readFields();
    if (key === lastrow_key) {
      this.is_last = this.takeWord(a_true);
      return this.is_last || this.takeWord(a_false);
    }
    const from = this.at;
    while (isDigit(this.line[this.at])) this.at += 1;
    const value = numberIn(this.line, from, this.at);
    this.offset = value;
    return value === 0 ? this.at === from + 1 : value > 0 && this.line[from] !== zero;
  }

  #readFields(): boolean {
    let seen = 0;
    if (!this.take(open_object)) return false;
    do {
      const key = this.readKey(field_keys);
      if (key === malformed || (key !== other && (seen & (1 << key)) !== 0)) return false;
      if (!(key === other ? this.skipValue() : this.readField(key))) return false;
      if (key !== other) seen |= 1 << key;
    } while (this.take(comma));
    if (!this.take(close_object) || (seen & (1 << raw_key)) === 0) return false;
    return this.findPlace(seen);
  }
}
