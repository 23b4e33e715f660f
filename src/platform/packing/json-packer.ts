/**
 * JSON values as few bytes: for very many values of a few shapes, such as what is known of files, that are kept in memory and seldom
 * looked at. The bytes mean something to the packer that made them alone, since it knows the keys of objects and
 * the directories of paths by number.
 */
import { Shapes } from "./known-by-number.ts";
import { ByteReader, ByteWriter } from "./packed-bytes.ts";
import { PackedTexts } from "./packed-texts.ts";
import { JsonText } from "./json-text.ts";
import { tags } from "./tags.ts";

export class JsonPacker {
  readonly #writer = new ByteWriter();
  readonly #shapes = new Shapes();
  readonly #texts = new PackedTexts(this.#writer);
  readonly #text = new JsonText(this.#writer, this.#shapes, this.#texts);

  /** The bytes of a value, until the next call. What JSON leaves out, as `undefined`, is left out. */
  pack(value: unknown): Uint8Array {
    this.#writer.clear();
    this.#write(value, []);
    return this.#writer.bytes;
  }

  /**
   * The bytes of a list, until the next call, of which `items` writes so many: values, or texts of JSON, of which no object is made.
   * Undefined where it gives `undefined`.
   */
  packList(count: number, items: (list: PackedList) => true | undefined): Uint8Array | undefined {
    const writer = this.#writer;
    const before: string[] = [];
    writer.clear();
    writer.byte(tags.list);
    writer.count(count);
    const written = items({
      add: (value) => this.#write(value, before),
      addText: (bytes, at) => this.#text.pack(bytes, at, before),
    });
    return written && writer.bytes;
  }

  /** The value of bytes that this packer has made. */
  unpack(bytes: Buffer): unknown {
    return this.#read(new ByteReader(bytes), []);
  }

  /**
   * One item of the list that such bytes are, with nothing in the lists that it has: that costs less. Of an object, what follows
   * behind the last of the wanted keys may be missing.
   */
  unpackItem(bytes: Buffer, number: number, wanted?: ReadonlySet<string>): unknown {
    const reader = new ByteReader(bytes);
    if (reader.byte() !== tags.list || reader.count() <= number) throw new Error("it is not there");
    const before: string[] = [];
    this.#passOver(reader, before, number);
    if (wanted === undefined) return this.#read(reader, before, "empty");
    return reader.byte() === tags.object
      ? this.#readObject(reader, before, "empty", wanted)
      : undefined;
  }

  #write(value: unknown, before: string[]): void {
    const writer = this.#writer;
    if (value === null || value === undefined) writer.byte(tags.null);
    else if (value === true) writer.byte(tags.true);
    else if (value === false) writer.byte(tags.false);
    else if (typeof value === "number") writer.number(value);
    else if (typeof value === "string") this.#texts.write(value, before);
    else if (Array.isArray(value)) {
      writer.byte(tags.list);
      writer.count(value.length);
      for (const item of value) this.#write(item, before);
    } else this.#writeObject(value, before);
  }

  #writeObject(value: object, before: string[]): void {
    const writer = this.#writer;
    const shape = this.#shapes.of(value);
    if (shape === undefined) {
      writer.byte(tags.other);
      writer.text(JSON.stringify(value));
      return;
    }
    const number = this.#shapes.numberOf(shape);
    writer.byte(tags.object);
    writer.count(number);
    for (const key of this.#shapes.keys(number))
      this.#write((value as Record<string, unknown>)[key], before);
  }

  #read(reader: ByteReader, before: string[], lists: "whole" | "empty" = "whole"): unknown {
    const tag = reader.byte();
    if (tag === tags.object) return this.#readObject(reader, before, lists);
    if (tag !== tags.list) return this.#readScalar(tag, reader, before);
    if (lists === "whole") return this.#readList(reader, before);
    this.#passOver(reader, before, reader.count());
    return [];
  }

  /** What is no list and no object. */
  #readScalar(tag: number, reader: ByteReader, before: string[]): unknown {
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
      case tags.other:
        return JSON.parse(reader.text());
      default:
        return this.#texts.read(tag, reader, before);
    }
  }

  #readList(reader: ByteReader, before: string[]): unknown[] {
    const list: unknown[] = [];
    for (let left = reader.count(); left > 0; left -= 1) list.push(this.#read(reader, before));
    return list;
  }

  /** Passes over so many values. */
  #passOver(reader: ByteReader, before: string[], count: number): void {
    for (let left = count; left > 0; left -= 1) {
      const tag = reader.byte();
      if (tag === tags.integer) reader.count();
      else if (tag === tags.hex || tag === tags.uuid) reader.skip(reader.count());
      else if (tag === tags.list) left += reader.count();
      else if (tag === tags.object) left += this.#shapes.keys(reader.count()).length;
      else this.#readScalar(tag, reader, before);
    }
  }

  /** With `wanted` no more than until all of these keys are there. */
  #readObject(
    reader: ByteReader,
    before: string[],
    lists: "whole" | "empty",
    wanted?: ReadonlySet<string>,
  ): unknown {
    const value: Record<string, unknown> = {};
    let missing = wanted?.size;
    for (const key of this.#shapes.keys(reader.count())) {
      value[key] = this.#read(reader, before, lists);
      if (missing !== undefined && wanted!.has(key) && --missing === 0) break;
    }
    return value;
  }
}

/** A list that is packed item by item. */
export interface PackedList {
  add(value: unknown): void;
  /** Adds the value whose JSON begins there, and gives where it ends; undefined where it has to be parsed. */
  addText(bytes: Buffer, at: number): number | undefined;
}
