/**
 * A string of JSON, read out of the bytes of a line, and made to the bytes that it means. An export is little else than such strings:
 * to have JSON.parse make text of each, and bytes of the text again, costs more than to hash them.
 */
import { ownRoom, viewOf, type RoomFor } from "./text-room.ts";

const quote = 0x22;
const backslash = 0x5c;
const u = 0x75;

/** Whether a byte stands for itself: no quote, no backslash, no control character. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte !== quote && byte !== backslash ? 1 : 0,
);
/** What is meant by a letter behind a backslash; 0 for none. */
const meant = new Uint8Array(256);
for (const [letter, text] of Object.entries({ b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" })) {
  meant[letter.charCodeAt(0)] = text.charCodeAt(0);
}
for (const letter of '"\\/') meant[letter.charCodeAt(0)] = letter.charCodeAt(0);

/** Four bytes at once, each compared with the same. */
const word_bytes = 4;
const ones = 0x0101_0101;
const quotes = quote * ones;
const backslashes = backslash * ones;
const first_printables = 0x20 * ones;
const high_bits = 0x8080_8080;

/** Reads strings. What it says of one holds until it reads the next. */
export class JsonString {
  /** What the string means is what of `bytes` is from `start` to `end`. */
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  readonly #room: RoomFor;
  #line: Buffer = this.bytes;
  #view: DataView = viewOf(this.#line);
  /** Where the last escape that was read ends. */
  #escape_end = 0;

  /** `room`: for what the strings mean. */
  constructor(room: RoomFor = ownRoom()) {
    this.#room = room;
  }

  /** Reads the string behind the quote at `at - 1`, in a line that ends at `line_end`. Gives where its closing quote stands, or -1 for none. */
  read(line: Buffer, at: number, line_end: number): number {
    if (line !== this.#line) {
      this.#line = line;
      this.#view = viewOf(line);
    }
    // What is meant is never longer than what stands there, and a word may be written beyond it.
    const { bytes, view, used } = this.#room(line_end - at + word_bytes);
    this.bytes = bytes;
    this.start = used;
    let to = used;
    let from = at;
    for (;;) {
      const plain_end = this.#copyPlain(view, from, to);
      to += plain_end - from;
      from = plain_end;
      if (line[from] !== backslash) break;
      const one = meant[line[from + 1]!]!;
      if (one === 0) {
        const length = this.#writeCodePoint(line, from, to);
        if (length === -1) return -1;
        to += length;
        from = this.#escape_end;
      } else {
        bytes[to] = one;
        to += 1;
        from += 2;
      }
    }
    this.end = to;
    return line[from] === quote ? from : -1;
  }

  /** Copies bytes that stand for themselves, as many as there are. Nearly all of the time is spent in here. */
  #copyPlain(out: DataView, start: number, out_start: number): number {
    const view = this.#view;
    const last_word = view.byteLength - word_bytes;
    let from = start;
    let to = out_start;
    while (from <= last_word) {
      const word = view.getInt32(from, true);
      out.setInt32(to, word, true);
      const quoted = word ^ quotes;
      const escaped = word ^ backslashes;
      // The lowest high bit that is set is that of the first byte that does not stand for itself.
      const hits =
        (((quoted - ones) & ~quoted) |
          ((escaped - ones) & ~escaped) |
          ((word - first_printables) & ~word)) &
        high_bits;
      if (hits !== 0) return from + ((31 - Math.clz32(hits & -hits)) >> 3);
      from += word_bytes;
      to += word_bytes;
    }
    for (; from < view.byteLength && plain[view.getUint8(from)] === 1; from += 1, to += 1) {
      out.setUint8(to, view.getUint8(from));
    }
    return from;
  }

  /** Where a string ends that has no escape; -1 for any other. */
  static endOfPlain(line: Buffer, at: number): number {
    let to = at;
    while (plain[line[to]!] === 1) to += 1;
    return line[to] === quote ? to : -1;
  }

  /** Where any string ends; -1 for what is none. */
  static endOf(line: Buffer, at: number): number {
    for (let to = at; ; to += 1) {
      const byte = line[to]!;
      if (plain[byte] === 1) continue;
      if (byte === quote) return to;
      if (byte !== backslash) return -1;
      to += 1;
      if (line[to] === u ? hexAt(line, to + 1) === -1 : meant[line[to]!] === 0) return -1;
    }
  }

  /** Writes what \uXXXX at `at` means, with the second half of a pair. Gives how many bytes that is, or -1. */
  #writeCodePoint(line: Buffer, at: number, to: number): number {
    let code = line[at + 1] === u ? hexAt(line, at + 2) : -1;
    if (code === -1) return -1;
    this.#escape_end = at + 6;
    if (code >= 0xd800 && code <= 0xdbff && line[at + 6] === backslash && line[at + 7] === u) {
      const low = hexAt(line, at + 8);
      if (low >= 0xdc00 && low <= 0xdfff) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        this.#escape_end = at + 12;
      }
    }
    // Half a pair becomes what stands for no character, as it does in any text.
    return this.bytes.write(String.fromCodePoint(code), to);
  }
}

/** The number that four hexadecimal digits say; -1 where there are none. */
function hexAt(line: Buffer, at: number): number {
  let code = 0;
  for (let digit = at; digit < at + 4; digit += 1) {
    const byte = line[digit]!;
    const lower = byte | 0x20;
    if (byte >= 0x30 && byte <= 0x39) code = code * 16 + byte - 0x30;
    else if (lower >= 0x61 && lower <= 0x66) code = code * 16 + lower - 0x61 + 10;
    else return -1;
  }
  return code;
}
