/**
 * JSON values as few bytes: for very many values of a few shapes, such as what is known of files, that are kept in memory and seldom
 * looked at. The bytes mean something to the packer that made them alone, since it knows the keys of objects and
 * the directories of paths by number.
 */
import { ByteReader, ByteWriter } from "./packed-bytes.ts";

/** Shapes of objects, and texts, that are known by number. More are written out, so that nobody can fill the memory. */
const known_max = 32 * 1024;
/** Texts of so many characters that are no path are known by number, where they are words. */
const word_length_max = 32;
const word = /^[A-Za-z_-]+$/;
/** Of a checksum and the like. */
const hex_length_min = 16;
const hex_length_max = 128;
const uuid_length = 36;
const decimal_length_min = 10;
const decimal_length_max = 19;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const decimal = /^[1-9][0-9]{9,18}$/;
const pair = /^(0|[1-9][0-9]{0,14}):(0|[1-9][0-9]{0,14})$/;

const tags = {
  null: 0,
  true: 1,
  false: 2,
  integer: 3,
  double: 4,
  text: 5,
  hex: 6,
  uuid: 7,
  decimal: 8,
  pair: 9,
  known: 10,
  path: 11,
  again: 12,
  list: 13,
  object: 14,
  /** As the text of JSON. */
  other: 15,
} as const;

export class JsonPacker {
  readonly #writer = new ByteWriter();
  readonly #shapes = new Shapes();
  readonly #texts = new Known<string>();

  /** The bytes of a value, until the next call. What JSON leaves out, as `undefined`, is left out. */
  pack(value: unknown): Uint8Array {
    this.#writer.clear();
    this.#write(value, []);
    return this.#writer.bytes;
  }

  /** The value of bytes that this packer has made. */
  unpack(bytes: Buffer): unknown {
    return this.#read(new ByteReader(bytes), []);
  }

  /** The first item of the list that such bytes are. */
  unpackFirst(bytes: Buffer): unknown {
    const reader = new ByteReader(bytes);
    if (reader.byte() !== tags.list || reader.count() === 0) throw new Error("it is no list");
    return this.#read(reader, []);
  }

  #write(value: unknown, before: string[]): void {
    const writer = this.#writer;
    if (value === null || value === undefined) writer.byte(tags.null);
    else if (value === true) writer.byte(tags.true);
    else if (value === false) writer.byte(tags.false);
    else if (typeof value === "number") this.#writeNumber(value);
    else if (typeof value === "string") this.#writeText(value, before);
    else if (Array.isArray(value)) {
      writer.byte(tags.list);
      writer.count(value.length);
      for (const item of value) this.#write(item, before);
    } else this.#writeObject(value, before);
  }

  #writeNumber(value: number): void {
    const writer = this.#writer;
    if (Number.isSafeInteger(value) && value >= 0) {
      writer.byte(tags.integer);
      writer.count(value);
    } else if (Number.isFinite(value)) {
      writer.byte(tags.double);
      writer.double(value);
    } else writer.byte(tags.null);
  }

  #writeObject(value: object, before: string[]): void {
    const number = this.#shapes.numberOf(value);
    if (number === undefined) return this.#writeOther(value);
    this.#writer.byte(tags.object);
    this.#writer.count(number);
    for (const key of this.#shapes.keys(number))
      this.#write((value as Record<string, unknown>)[key], before);
  }

  #writeOther(value: unknown): void {
    this.#writer.byte(tags.other);
    this.#writer.text(JSON.stringify(value));
  }

  /** Texts that stood in the value before, whole or as the last part of a path, are `before`. */
  #writeText(text: string, before: string[]): void {
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
    } else if (!text.isWellFormed()) this.#writeOther(text);
    else this.#writePlain(text, before);
  }

  #writePlain(text: string, before: string[]): void {
    const writer = this.#writer;
    const slash = text.lastIndexOf("/");
    const is_word = text.length <= word_length_max && word.test(text);
    const is_place = slash > 0 && slash < text.length - 1;
    // A directory may be there as a text of its own, too.
    const shared = is_place ? text.slice(0, slash) : text;
    const number = is_word || slash >= 0 ? this.#texts.numberOf(shared, shared) : undefined;
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

  #read(reader: ByteReader, before: string[]): unknown {
    const tag = reader.byte();
    switch (tag) {
      case tags.null:
        return null;
      case tags.true:
        return true;
      case tags.false:
        return false;
      case tags.integer:
        return reader.count();
      case tags.double:
        return reader.double();
      case tags.list:
        return this.#readList(reader, before);
      case tags.object:
        return this.#readObject(reader, before);
      case tags.other:
        return JSON.parse(reader.text());
      default:
        return this.#readText(tag, reader, before);
    }
  }

  #readList(reader: ByteReader, before: string[]): unknown[] {
    const list: unknown[] = [];
    for (let left = reader.count(); left > 0; left -= 1) list.push(this.#read(reader, before));
    return list;
  }

  #readObject(reader: ByteReader, before: string[]): unknown {
    const value: Record<string, unknown> = {};
    for (const key of this.#shapes.keys(reader.count())) value[key] = this.#read(reader, before);
    return value;
  }

  #readText(tag: number, reader: ByteReader, before: string[]): string {
    if (tag === tags.again) return before[reader.count()]!;
    if (tag === tags.hex) return reader.hex();
    if (tag === tags.uuid) {
      const digits = reader.hex();
      const at = [0, 8, 12, 16, 20];
      return at.map((from, part) => digits.slice(from, at[part + 1])).join("-");
    }
    if (tag === tags.decimal) return reader.long().toString();
    if (tag === tags.pair) return `${reader.count()}:${reader.count()}`;
    if (tag === tags.known) return this.#texts.at(reader.count());
    if (tag === tags.path) {
      const directory = this.#texts.at(reader.count());
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

const [zero, nine, letter_a, letter_f] = [0x30, 0x39, 0x61, 0x66];

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

/** A key of objects that have the same keys before it. */
interface Shape {
  number: number | undefined;
  readonly next: Map<string, Shape>;
}

/** The shapes of objects: their keys in order, but for those of `undefined`, by number. */
class Shapes {
  readonly #first: Shape = { number: undefined, next: new Map() };
  readonly #keys: (readonly string[])[] = [];
  #count = 0;

  /** Undefined where it is not known, and there are too many. */
  numberOf(value: object): number | undefined {
    let shape = this.#first;
    for (const key of Object.keys(value)) {
      if ((value as Record<string, unknown>)[key] === undefined) continue;
      if (key === "__proto__") return undefined;
      let next = shape.next.get(key);
      if (next === undefined) {
        if (this.#count >= known_max) return undefined;
        this.#count += 1;
        next = { number: undefined, next: new Map() };
        shape.next.set(key, next);
      }
      shape = next;
    }
    shape.number ??= this.#keys.push(keysOf(value)) - 1;
    return shape.number;
  }

  keys(number: number): readonly string[] {
    return this.#keys[number]!;
  }
}

function keysOf(value: object): string[] {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return entries.map(([key]) => key);
}

/** What is known by number. */
class Known<What> {
  readonly #numbers = new Map<string, number>();
  readonly #all: What[] = [];

  /** Undefined where it is not known, and there are too many. */
  numberOf(key: string, what: What): number | undefined {
    const number = this.#numbers.get(key);
    if (number !== undefined || this.#all.length >= known_max) return number;
    this.#numbers.set(key, this.#all.length);
    return this.#all.push(what) - 1;
  }

  at(number: number): What {
    return this.#all[number]!;
  }
}
