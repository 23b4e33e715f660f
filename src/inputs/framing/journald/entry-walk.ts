/**
 * Follows one entry of the journal's export format, whatever pieces it comes in:
 *
 *     __REALTIME_TIMESTAMP=1752480000123456 LF
 *     MESSAGE LF <length: 64 bits, little endian> two LF lines LF
 *     LF
 *
 * A line that is no field where an entry should begin stands for itself. After a fault further on, nobody knows where a value
 * ends, and a value may hold blank lines: what follows is the rest of it, until an entry begins as journalctl begins each.
 */

/** A larger length is a wrong one: systemd takes no more either. */
const data_bytes_max = 768 * 1024 * 1024;
/** As journald has it. */
const name_bytes_max = 64;
const length_bytes = 8;
const line_feed = 10;
const equals_sign = 0x3d;
const blank_line = Buffer.from("\n\n");
/** What an entry begins with that a journal has written. */
const beginnings = ["__CURSOR=", "__REALTIME_TIMESTAMP="].map((each) => Buffer.from(each));

/** Takes the fields that are found. */
export interface FieldSink {
  /** A field begins. */
  begin(name: string): void;
  /** A part of its value, in `bytes[start, end)`: at least one, if the value has begun, and they follow each other. */
  add(bytes: Buffer, start: number, end: number): void;
  /** All of its value has come. */
  end(): void;
}

/**
 * - line: a line that is no field, where an entry should begin.
 * - entry: an entry with a fault in it.
 * - rest: what may be the rest of an entry.
 */
export type EntryFault = "line" | "entry" | "rest";

export class EntryWalk {
  is_ended = false;
  fault: EntryFault | undefined;
  #state: "line" | "name" | "text" | "length" | "data" | "behind" | "rest" | "to_line" | "to_blank";
  readonly #sink: FieldSink;
  #has_field = false;
  #name = "";
  readonly #length = Buffer.alloc(length_bytes);
  /** Bytes of the data, or of its length, that have yet to come; in a rest, those that are like the beginning of an entry. */
  #count = 0;
  #is_behind_feed = false;

  constructor(sink: FieldSink, is_rest: boolean) {
    this.#sink = sink;
    this.#state = is_rest ? "rest" : "line";
  }

  /** Takes `bytes[from, to)` up to the entry's end, the blank line included, and says up to where that is. */
  push(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && !this.is_ended) at = this.#step(bytes, at, to);
    return at;
  }

  /** Whether what follows may be the rest of this. */
  get leaves_rest(): boolean {
    return !this.is_ended || this.fault === "entry" || this.fault === "rest";
  }

  /** Says that nothing more comes. */
  finish(): void {
    if (this.#state === "rest") this.fault = "rest";
    if (this.#state !== "name") return;
    if (this.#has_field) this.#sink.begin(this.#name);
    else this.fault = "line";
  }

  #step(bytes: Buffer, at: number, to: number): number {
    switch (this.#state) {
      case "line":
        return this.#beginLine(bytes, at);
      case "name":
        return this.#takeName(bytes, at, to);
      case "text":
        return this.#takeText(bytes, at, to);
      case "length":
        return this.#takeLength(bytes, at);
      case "data":
        return this.#takeData(bytes, at, to);
      case "behind":
        return this.#takeEnd(bytes, at);
      case "rest":
        return this.#takeRest(bytes, at);
      case "to_line":
        return this.#passLine(bytes, at, to);
      case "to_blank":
        return this.#passToBlank(bytes, at, to);
      default:
        return this.#state satisfies never;
    }
  }

  #beginLine(bytes: Buffer, at: number): number {
    this.is_ended = bytes[at] === line_feed;
    if (this.is_ended) return at + 1;
    this.#name = "";
    this.#state = "name";
    return at;
  }

  #takeName(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && isOfName(bytes[at]!, this.#name === "" && at === from)) at += 1;
    this.#name += bytes.toString("latin1", from, Math.min(at, from + name_bytes_max + 1));
    if (this.#name.length > name_bytes_max) return this.#fail(at);
    if (at === to) return at;
    const byte = bytes[at];
    if (this.#name === "" || (byte !== equals_sign && byte !== line_feed)) return this.#fail(at);
    this.#has_field = true;
    this.#sink.begin(this.#name);
    if (byte === equals_sign) return this.#beginText(bytes, at + 1);
    this.#count = length_bytes;
    this.#state = "length";
    return at + 1;
  }

  #beginText(bytes: Buffer, at: number): number {
    this.#sink.add(bytes, at, at);
    this.#state = "text";
    return at;
  }

  #takeText(bytes: Buffer, at: number, to: number): number {
    const feed = bytes.indexOf(line_feed, at);
    const is_whole = feed !== -1 && feed < to;
    this.#sink.add(bytes, at, is_whole ? feed : to);
    return is_whole ? this.#endField(feed) : to;
  }

  #takeLength(bytes: Buffer, at: number): number {
    this.#length[length_bytes - this.#count] = bytes[at]!;
    this.#count -= 1;
    if (this.#count > 0) return at + 1;
    const length = this.#length.readBigUInt64LE();
    if (length > data_bytes_max) {
      this.#is_behind_feed = bytes[at] === line_feed;
      return this.#fail(at + 1);
    }
    this.#sink.add(bytes, at + 1, at + 1);
    this.#count = Number(length);
    this.#state = length > 0 ? "data" : "behind";
    return at + 1;
  }

  #takeData(bytes: Buffer, at: number, to: number): number {
    const end = Math.min(to, at + this.#count);
    this.#sink.add(bytes, at, end);
    this.#count -= end - at;
    if (this.#count === 0) this.#state = "behind";
    return end;
  }

  #takeEnd(bytes: Buffer, at: number): number {
    return bytes[at] === line_feed ? this.#endField(at) : this.#fail(at);
  }

  #endField(feed: number): number {
    this.#sink.end();
    this.#state = "line";
    return feed + 1;
  }

  /** It is an entry after all if it begins as one. */
  #takeRest(bytes: Buffer, at: number): number {
    const beginning = beginnings.find(
      (each) => each.indexOf(this.#name) === 0 && each[this.#count] === bytes[at],
    );
    if (beginning === undefined) {
      this.fault = "rest";
      this.#state = "to_blank";
      return at;
    }
    this.#count += 1;
    this.#name = beginning.toString("latin1", 0, this.#count);
    if (this.#count < beginning.length) return at + 1;
    this.#has_field = true;
    this.#sink.begin(this.#name.slice(0, -1));
    return this.#beginText(bytes, at + 1);
  }

  #fail(at: number): number {
    this.fault = this.#has_field ? "entry" : "line";
    this.#state = this.#has_field ? "to_blank" : "to_line";
    return at;
  }

  #passLine(bytes: Buffer, at: number, to: number): number {
    const feed = bytes.indexOf(line_feed, at);
    this.is_ended = feed !== -1 && feed < to;
    return this.is_ended ? feed + 1 : to;
  }

  #passToBlank(bytes: Buffer, at: number, to: number): number {
    if (this.#is_behind_feed && bytes[at] === line_feed) {
      this.is_ended = true;
      return at + 1;
    }
    const blank = bytes.indexOf(blank_line, at);
    this.is_ended = blank !== -1 && blank + blank_line.length <= to;
    if (this.is_ended) return blank + blank_line.length;
    this.#is_behind_feed = bytes[to - 1] === line_feed;
    return to;
  }
}

/** Capital letters, digits and underscores; no digit is the first. */
function isOfName(byte: number, is_first: boolean): boolean {
  const is_letter = byte >= 0x41 && byte <= 0x5a;
  return is_letter || byte === 0x5f || (!is_first && byte >= 0x30 && byte <= 0x39);
}
