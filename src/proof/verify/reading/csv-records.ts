/**
 * Splunk's CSV: a header, then records whose quoted fields may hold line feeds. Bytes come in chunks that end anywhere. Records are read
 * out of their bytes; where a field that is looked at is in no usual form, all of them become text, and are read as those of JSON are.
 */
import { seal_sourcetype } from "../../format/place.ts";
import { recordOf, type ExportRecord } from "./record.ts";
import { field_names, raw_key, RowFields, signature_key } from "./row-fields.ts";
import { ownRoom, type RoomFor } from "./text-room.ts";

const quote = 0x22;
const comma = 0x2c;
const line_feed = 0x0a;
const carriage_return = 0x0d;
const byte_order_mark = /^\uFEFF/;
/** A record that is longer is no record, but a quote that was never closed. */
const record_bytes_max = 128 * 1024 * 1024;
const sourcetype_key = field_names.indexOf("sourcetype");

export interface CsvOptions {
  /** Whether only seals are asked for. */
  readonly are_seals_enough?: boolean;
  /** For the texts of the events. */
  readonly room?: RoomFor | undefined;
}

export class CsvRecords {
  readonly #take: (record: ExportRecord) => void;
  readonly #are_seals_enough: boolean;
  readonly #obstacles: string[] = [];
  readonly #fields = new CsvFields();
  readonly #row: CsvRow;
  #columns: string[] | undefined;
  #bytes = Buffer.allocUnsafeSlow(64 * 1024);
  /** What is not taken yet. */
  #start = 0;
  #end = 0;
  /** A record that did not end is looked at again only when there is twice as much of it. */
  #wait_for = 0;

  constructor(take: (record: ExportRecord) => void, { are_seals_enough, room }: CsvOptions = {}) {
    this.#take = take;
    this.#are_seals_enough = are_seals_enough === true;
    this.#row = new CsvRow(room ?? ownRoom());
  }

  /** The columns that the header names; undefined before it was read. */
  get columns(): readonly string[] | undefined {
    return this.#columns;
  }

  add(chunk: Buffer): void {
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(chunk.length);
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
    if (this.#end - this.#start >= this.#wait_for) this.#read();
  }

  /** What speaks against the file's being whole, after its last chunk. */
  end(): readonly string[] {
    if (this.#end > this.#start && this.#bytes[this.#end - 1] !== line_feed) {
      this.add(Buffer.of(line_feed));
    }
    this.#read();
    if (this.#bytes.toString("utf8", this.#start, this.#end).trim() !== "") {
      this.#obstacles.push("the last record is not whole: the file was cut");
    }
    return this.#obstacles;
  }

  #makeRoom(length: number): void {
    const left = this.#end - this.#start;
    if (left + length > this.#bytes.length) {
      const longer = Buffer.allocUnsafeSlow(Math.max(left + length, 2 * this.#bytes.length));
      this.#bytes.copy(longer, 0, this.#start, this.#end);
      this.#bytes = longer;
    } else this.#bytes.copyWithin(0, this.#start, this.#end);
    this.#start = 0;
    this.#end = left;
  }

  #read(): void {
    let taken = 0;
    for (;;) {
      const next = this.#fields.read(this.#bytes, this.#start, this.#end);
      if (next === -1) break;
      this.#start = next;
      taken += 1;
      this.#takeRecord();
    }
    const left = this.#end - this.#start;
    if (left > record_bytes_max) {
      this.#obstacles.push("a quoted field does not end: the file was cut or damaged");
      this.#start = this.#end;
    }
    this.#wait_for = taken === 0 ? 2 * left : 0;
  }

  #takeRecord(): void {
    const fields = this.#fields;
    if (fields.count === 1 && fields.ends[0] === fields.starts[0]) return;
    if (this.#columns === undefined) {
      this.#columns = Array.from({ length: fields.count }, (_, column) => fields.textOf(column));
      this.#columns[0] = this.#columns[0]!.replace(byte_order_mark, "");
      this.#row.setColumns(this.#columns);
      return;
    }
    if (fields.count !== this.#columns.length) {
      if (this.#obstacles.length === 0) {
        this.#obstacles.push("a record has not as many fields as the header: the file was damaged");
      }
      return;
    }
    if (this.#are_seals_enough && !this.#row.maySeal(fields)) return;
    if (this.#row.read(fields)) return this.#take(this.#row);
    const record = recordOf(this.#texts(this.#columns));
    if (record !== undefined) this.#take(record);
  }

  #texts(columns: readonly string[]): Record<string, unknown> {
    const texts: Record<string, unknown> = {};
    for (const [column, name] of columns.entries()) {
      const value = this.#fields.textOf(column);
      // Several values of one field stand on lines of their own.
      if (value !== "") texts[name] = name.startsWith("tally_") ? severalOf(value) : value;
    }
    return texts;
  }
}

/** The fields of one record, as places in its bytes. */
class CsvFields {
  bytes: Buffer = Buffer.alloc(0);
  count = 0;
  /** By column. */
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** Whether there are doubled quotes in it, which mean one each. */
  readonly are_doubled: boolean[] = [];

  /** Reads the record that begins at `start`. Gives where the next one does, or -1 where it does not end before `end`. */
  read(bytes: Buffer, start: number, end: number): number {
    this.bytes = bytes;
    this.count = 0;
    for (let from = start; from < end;) {
      const behind = bytes[from] === quote ? this.#quoted(from + 1, end) : this.#plain(from, end);
      if (behind === -1 || behind >= end) return -1;
      if (bytes[behind] === line_feed) return behind + 1;
      from = behind + 1;
    }
    return -1;
  }

  textOf(column: number): string {
    const text = this.bytes.toString("utf8", this.starts[column], this.ends[column]);
    return this.are_doubled[column] === true ? text.replaceAll('""', '"') : text;
  }

  /** Gives what follows the field: a comma, or the end of the record. */
  #quoted(start: number, end: number): number {
    const { bytes } = this;
    let is_doubled = false;
    let at = start;
    for (;;) {
      while (at < end && bytes[at] !== quote) at += 1;
      // What follows the quote says whether it is doubled.
      if (at + 1 >= end) return -1;
      if (bytes[at + 1] !== quote) break;
      is_doubled = true;
      at += 2;
    }
    this.#add(start, at, is_doubled);
    return bytes[at + 1] === carriage_return ? at + 2 : at + 1;
  }

  #plain(start: number, end: number): number {
    const { bytes } = this;
    let at = start;
    while (at < end && bytes[at] !== comma && bytes[at] !== line_feed) at += 1;
    if (at === end) return -1;
    const is_last = bytes[at] === line_feed && at > start && bytes[at - 1] === carriage_return;
    this.#add(start, is_last ? at - 1 : at, false);
    return at;
  }

  #add(start: number, end: number, is_doubled: boolean): void {
    const { count } = this;
    this.starts[count] = start;
    this.ends[count] = end;
    this.are_doubled[count] = is_doubled;
    this.count = count + 1;
  }
}

/** A record whose fields are in the usual form. */
class CsvRow extends RowFields {
  readonly #room: RoomFor;
  /** By column, which of the fields it is; -1 for others. */
  #keys: readonly number[] = [];
  #is_unusual = false;
  #sourcetype = -1;
  #signature = -1;

  constructor(room: RoomFor) {
    super();
    this.#room = room;
  }

  setColumns(columns: readonly string[]): void {
    this.#keys = columns.map((name) => field_names.indexOf(name));
    const known = this.#keys.filter((key) => key !== -1);
    // Of two columns with one name the last that is not empty counts.
    this.#is_unusual = new Set(known).size < known.length || !known.includes(raw_key);
    this.#sourcetype = this.#keys.indexOf(sourcetype_key);
    this.#signature = this.#keys.indexOf(signature_key);
  }

  /** Whether the record may be a seal. */
  maySeal({ bytes, starts, ends }: CsvFields): boolean {
    if (this.#is_unusual) return true;
    const { [this.#signature]: start = 0 } = starts;
    if (this.#signature !== -1 && ends[this.#signature]! > start) return true;
    if (this.#sourcetype === -1) return false;
    const text = bytes.toString("latin1", starts[this.#sourcetype], ends[this.#sourcetype]);
    return text === seal_sourcetype;
  }

  /** Says whether it could read it. */
  read(fields: CsvFields): boolean {
    if (this.#is_unusual) return false;
    this.clear();
    const { bytes, starts, ends, are_doubled } = fields;
    let seen = 0;
    for (let column = 0; column < this.#keys.length; column += 1) {
      const key = this.#keys[column]!;
      const [start, end] = [starts[column]!, ends[column]!];
      if (key === -1 || start === end) continue;
      seen |= 1 << key;
      if (key === raw_key) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
        if (are_doubled[column]!) this.#undouble();
      } else if (are_doubled[column]!) return false;
      else if (key === signature_key) {
        this.signature = bytes.toString("utf8", start, end);
        if (this.signature.includes("\n")) return false;
      } else if (!this.takeField(key, bytes, [start, end])) return false;
    }
    return (seen & (1 << raw_key)) !== 0 && this.findPlace(seen);
  }

  /** Makes one quote of two. */
  #undouble(): void {
    const from_bytes = this.bytes;
    const { bytes, used } = this.#room(this.end - this.start);
    let to = used;
    for (let at = this.start; at < this.end; at += 1) {
      const byte = from_bytes[at]!;
      bytes[to] = byte;
      to += 1;
      if (byte === quote) at += 1;
    }
    this.bytes = bytes;
    this.start = used;
    this.end = to;
  }
}

function severalOf(value: string): string | string[] {
  return value.includes("\n") ? value.split("\n") : value;
}
