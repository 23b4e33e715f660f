/**
 * Packing JSON as it is written, without making objects of it: a start reads what is known of very many files.
 *
 * It takes what JSON.stringify makes. Of everything else, and where more is there than is known by number, it says that it
 * has to be parsed.
 */
import { isAt } from "../text/bytes.ts";
import { isDigit } from "../text/digits.ts";
import type { Shape, Shapes } from "./known-by-number.ts";
import type { ByteWriter } from "./packed-bytes.ts";
import { hex_length_max, hex_length_min, uuid_length, type PackedTexts } from "./packed-texts.ts";
import { tags } from "./tags.ts";

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const dash = 0x2d;
const zero = 0x30;
const [list_begin, list_end] = [0x5b, 0x5d];
const [object_begin, object_end] = [0x7b, 0x7d];
const literals = [
  { bytes: Buffer.from("null"), tag: tags.null },
  { bytes: Buffer.from("true"), tag: tags.true },
  { bytes: Buffer.from("false"), tag: tags.false },
];
const number_text = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const uuid_bytes = 16;
const uuid_dashes = [8, 13, 18, 23];
/** Integers of so many digits are exact. */
const exact_digits_max = 15;
/** Lists and objects in each other: more are for the parser, which can tell how much is too much. */
const depth_max = 64;

/** Of each byte of a string: whether it is no hexadecimal digit, no part of a UUID, no ASCII, or begins an escape or should. */
const kinds = new Uint8Array(256);
const [no_digit, no_ascii, escape, no_uuid] = [1, 2, 4, 8];
for (let code = 0; code < 256; code += 1) {
  kinds[code] = /[0-9a-f]/.test(String.fromCharCode(code)) ? 0 : no_digit | no_uuid;
  if (code === dash) kinds[code] = no_digit;
  if (code >= 0x80) kinds[code]! |= no_ascii;
  if (code < 0x20 || code === backslash) kinds[code]! |= escape;
}

/** Thrown within this module. */
const to_be_parsed = new Error("the text has to be parsed");

export class JsonText {
  readonly #writer: ByteWriter;
  readonly #shapes: Shapes;
  readonly #texts: PackedTexts;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #before: string[] = [];

  constructor(writer: ByteWriter, shapes: Shapes, texts: PackedTexts) {
    this.#writer = writer;
    this.#shapes = shapes;
    this.#texts = texts;
  }

  /** Writes the value that begins there, and gives where it ends; undefined where it has to be parsed. `before` as in PackedTexts. */
  pack(bytes: Buffer, at: number, before: string[]): number | undefined {
    this.#bytes = bytes;
    this.#at = at;
    this.#before = before;
    try {
      this.#value(0);
      return this.#at;
    } catch (cause) {
      if (cause !== to_be_parsed) throw cause;
      return undefined;
    }
  }

  #value(depth: number): void {
    if (depth > depth_max) throw to_be_parsed;
    const code = this.#bytes[this.#at];
    if (code === quote) this.#string();
    else if (code === object_begin) this.#object(depth);
    else if (code === list_begin) this.#list(depth);
    else this.#scalar();
  }

  #list(depth: number): void {
    const writer = this.#writer;
    writer.byte(tags.list);
    const place = writer.gap();
    let count = 0;
    this.#at += 1;
    if (this.#bytes[this.#at] === list_end) this.#at += 1;
    else {
      do {
        this.#value(depth + 1);
        count += 1;
      } while (this.#goesOn(list_end));
    }
    writer.fill(place, count);
  }

  #object(depth: number): void {
    const writer = this.#writer;
    writer.byte(tags.object);
    const place = writer.gap();
    let shape = this.#shapes.empty;
    this.#at += 1;
    if (this.#bytes[this.#at] === object_end) this.#at += 1;
    else {
      do {
        shape = this.#key(shape);
        this.#value(depth + 1);
      } while (this.#goesOn(object_end));
    }
    writer.fill(place, this.#shapes.numberOf(shape));
  }

  /** Whether another item follows, or else the end. */
  #goesOn(end: number): boolean {
    const code = this.#bytes[this.#at];
    if (code !== comma && code !== end) throw to_be_parsed;
    this.#at += 1;
    return code === comma;
  }

  /** The shape with the key that is next. */
  #key(before: Shape): Shape {
    for (const { key, shape } of before.likely) {
      if (!isAt(key, this.#bytes, this.#at)) continue;
      this.#at += key.length;
      return shape;
    }
    if (this.#bytes[this.#at] !== quote) throw to_be_parsed;
    const from = this.#at + 1;
    const end = this.#bytes.indexOf(quote, from);
    if (end === -1 || this.#bytes[end + 1] !== colon) throw to_be_parsed;
    for (let at = from; at < end; at += 1)
      if ((kinds[this.#bytes[at]!]! & (escape | no_ascii)) !== 0) throw to_be_parsed;
    const shape = this.#shapes.next(before, this.#bytes.toString("latin1", from, end));
    if (shape === undefined) throw to_be_parsed;
    this.#at = end + 2;
    return shape;
  }

  #string(): void {
    const bytes = this.#bytes;
    const from = this.#at + 1;
    let kind = 0;
    let end = from;
    for (; ; end += 1) {
      const code = bytes[end];
      if (code === quote) break;
      if (code === undefined) throw to_be_parsed;
      kind |= kinds[code]!;
      if ((kind & escape) !== 0) throw to_be_parsed;
    }
    this.#at = end + 1;
    const length = end - from;
    if (kind === 0 && length >= hex_length_min && length <= hex_length_max && length % 2 === 0) {
      this.#writer.byte(tags.hex);
      this.#writer.hexDigits(bytes, from, length / 2);
    } else if (length === uuid_length && (kind & no_uuid) === 0 && isUuid(bytes, from)) {
      this.#writer.byte(tags.uuid);
      this.#writer.hexDigits(bytes, from, uuid_bytes);
    } else {
      const encoding = (kind & no_ascii) === 0 ? "latin1" : "utf8";
      this.#texts.write(bytes.toString(encoding, from, end), this.#before);
    }
  }

  /** A number, or a word. */
  #scalar(): void {
    const bytes = this.#bytes;
    const from = this.#at;
    let value = 0;
    let end = from;
    for (; isDigit(bytes[end]); end += 1) value = value * 10 + bytes[end]! - zero;
    const is_plain = end > from && end - from <= exact_digits_max && endsNumber(bytes[end]);
    if (is_plain && (bytes[from] !== zero || end === from + 1)) {
      this.#writer.number(value);
      this.#at = end;
      return;
    }
    for (const { bytes: word, tag } of literals) {
      if (!isAt(word, bytes, from)) continue;
      this.#writer.byte(tag);
      this.#at += word.length;
      return;
    }
    while (end < bytes.length && !endsNumber(bytes[end])) end += 1;
    const text = bytes.toString("latin1", from, end);
    if (!number_text.test(text)) throw to_be_parsed;
    this.#writer.number(Number(text));
    this.#at = end;
  }
}

/** Whether dashes are where a UUID has them, and nowhere else. */
function isUuid(bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < uuid_length; at += 1)
    if ((bytes[from + at] === dash) !== uuid_dashes.includes(at)) return false;
  return true;
}

function endsNumber(code: number | undefined): boolean {
  return code === undefined || code === comma || code === list_end || code === object_end;
}
