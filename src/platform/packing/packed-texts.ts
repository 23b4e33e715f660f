/**
 * Texts of packed values, in short forms: hexadecimal digits, UUIDs, numbers in decimal digits, and paths, of which the directory is
 * known by number.
 */
import { KnownTexts } from "./known-by-number.ts";
import type { ByteReader, ByteWriter } from "./packed-bytes.ts";
import { tags } from "./tags.ts";

/** Texts of so many characters that are no path are known by number, where they are words. */
const word_length_max = 32;
const word = /^[A-Za-z_-]+$/;
/** Of a checksum and the like. */
export const hex_length_min = 16;
export const hex_length_max = 128;
export const uuid_length = 36;
const decimal_length_min = 10;
const decimal_length_max = 19;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const decimal = /^[1-9][0-9]{9,18}$/;
const pair = /^(0|[1-9][0-9]{0,14}):(0|[1-9][0-9]{0,14})$/;
const [zero, nine, letter_a, letter_f] = [0x30, 0x39, 0x61, 0x66];

export class PackedTexts {
  readonly #writer: ByteWriter;
  readonly #known = new KnownTexts();

  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  /** Texts that stood in the value before, whole or as the last part of a path, are `before`. */
  write(text: string, before: string[]): void {
    const writer = this.#writer;
    const again = before.indexOf(text);
    if (again !== -1) {
      writer.byte(tags.again);
      writer.count(again);
    } else if (isHex(text)) {
      writer.byte(tags.hex);
      writer.hex(text);
    } else if (text.length === uuid_length && uuid.test(text)) {
      writer.byte(tags.uuid);
      writer.hex(text.replaceAll("-", ""));
    } else if (isDecimal(text)) {
      writer.byte(tags.decimal);
      writer.long(BigInt(text));
    } else if (text.charCodeAt(0) <= nine && pair.test(text)) {
      writer.byte(tags.pair);
      for (const number of text.split(":")) writer.count(Number(number));
    } else if (!text.isWellFormed()) {
      writer.byte(tags.other);
      writer.text(JSON.stringify(text));
    } else this.#writePlain(text, before);
  }

  #writePlain(text: string, before: string[]): void {
    const writer = this.#writer;
    const slash = text.lastIndexOf("/");
    const is_word = text.length <= word_length_max && word.test(text);
    const is_place = slash > 0 && slash < text.length - 1;
    // A directory may be there as a text of its own, too.
    const shared = is_place ? text.slice(0, slash) : text;
    const number = is_word || slash >= 0 ? this.#known.numberOf(shared) : undefined;
    if (number === undefined) {
      writer.byte(tags.text);
      writer.text(text);
      before.push(text);
    } else if (is_place) {
      const name = text.slice(slash + 1);
      writer.byte(tags.path);
      writer.count(number);
      writer.text(name);
      before.push(text, name);
    } else {
      writer.byte(tags.known);
      writer.count(number);
    }
  }

  read(tag: number, reader: ByteReader, before: string[]): string {
    if (tag === tags.again) return before[reader.count()]!;
    if (tag === tags.hex) return reader.hex();
    if (tag === tags.uuid) {
      const digits = reader.hex();
      const at = [0, 8, 12, 16, 20];
      return at.map((from, part) => digits.slice(from, at[part + 1])).join("-");
    }
    if (tag === tags.decimal) return reader.long().toString();
    if (tag === tags.pair) return `${reader.count()}:${reader.count()}`;
    if (tag === tags.known) return this.#known.at(reader.count());
    if (tag === tags.path) {
      const directory = this.#known.at(reader.count());
      const name = reader.text();
      const path = `${directory}/${name}`;
      before.push(path, name);
      return path;
    }
    const text = reader.text();
    before.push(text);
    return text;
  }
}

function isHex(text: string): boolean {
  const { length } = text;
  if (length < hex_length_min || length > hex_length_max || length % 2 !== 0) return false;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < zero || code > letter_f || (code > nine && code < letter_a)) return false;
  }
  return true;
}

/** A number that fits into 63 bits. */
function isDecimal(text: string): boolean {
  const { length } = text;
  if (length < decimal_length_min || length > decimal_length_max || !decimal.test(text))
    return false;
  return length < decimal_length_max || BigInt(text) < 2n ** 63n;
}
