/**
 * Writing numbers and texts as bytes, and reading them again.
 */
import { tags } from "./tags.ts";

const first_length = 1024;
/** A byte of a number has seven bits of it, and one that says whether more follow. */
const seven_bits = 0x80;
const dash = 0x2d;

/** By the code of a hexadecimal digit: its value. */
const digit_values = new Uint8Array(256);
for (let value = 0; value < 16; value += 1) digit_values[value.toString(16).charCodeAt(0)] = value;

export class ByteWriter {
  #bytes = Buffer.alloc(first_length);
  #length = 0;

  /** What was written since `clear`, until the next call. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** An integer that is not negative, in as few bytes as it needs. */
  count(value: number): void {
    let rest = value;
    for (; rest >= seven_bits; rest = Math.floor(rest / seven_bits))
      this.byte((rest % seven_bits) + seven_bits);
    this.byte(rest);
  }

  /** With its tag; what JSON has no number for is null. */
  number(value: number): void {
    if (Number.isSafeInteger(value) && value >= 0) {
      this.byte(tags.integer);
      this.count(value);
    } else if (Number.isFinite(value)) {
      this.byte(tags.double);
      this.double(value);
    } else this.byte(tags.null);
  }

  /** The place of a count that is to be filled in. */
  gap(): number {
    this.byte(0);
    return this.#length - 1;
  }

  /** Writes a count into a gap, and moves what follows where it needs more room. */
  fill(place: number, value: number): void {
    if (value < seven_bits) {
      this.#bytes[place] = value;
      return;
    }
    const end = this.#length;
    const following = Buffer.from(this.#bytes.subarray(place + 1, end));
    this.#length = place;
    this.count(value);
    this.#reserve(following.length);
    following.copy(this.#bytes, this.#length);
    this.#length += following.length;
  }

  double(value: number): void {
    this.#reserve(8);
    this.#bytes.writeDoubleLE(value, this.#length);
    this.#length += 8;
  }

  long(value: bigint): void {
    this.#reserve(8);
    this.#bytes.writeBigInt64LE(value, this.#length);
    this.#length += 8;
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.count(length);
    this.#reserve(length);
    this.#bytes.write(value, this.#length);
    this.#length += length;
  }

  /** The bytes that are written as hexadecimal digits. */
  hex(value: string): void {
    const length = value.length / 2;
    this.count(length);
    this.#reserve(length);
    this.#bytes.write(value, this.#length, "hex");
    this.#length += length;
  }

  /** So many bytes from such digits in ASCII; a dash may stand between two of them. */
  hexDigits(digits: Uint8Array, from: number, length: number): void {
    this.count(length);
    this.#reserve(length);
    const bytes = this.#bytes;
    const end = this.#length + length;
    let at = from;
    for (let to = this.#length; to < end; to += 1, at += 2) {
      if (digits[at] === dash) at += 1;
      bytes[to] = digit_values[digits[at]!]! * 16 + digit_values[digits[at + 1]!]!;
    }
    this.#length = end;
  }

  #reserve(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#bytes.length) return;
    const bytes = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(bytes);
    this.#bytes = bytes;
  }
}

export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    const value = this.#bytes[this.#at]!;
    this.#at += 1;
    return value;
  }

  count(): number {
    let value = 0;
    for (let factor = 1; ; factor *= seven_bits) {
      const byte = this.byte();
      if (byte < seven_bits) return value + byte * factor;
      value += (byte - seven_bits) * factor;
    }
  }

  double(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  long(): bigint {
    this.#at += 8;
    return this.#bytes.readBigInt64LE(this.#at - 8);
  }

  skip(length: number): void {
    this.#at += length;
  }

  text(): string {
    return this.#take("utf8");
  }

  hex(): string {
    return this.#take("hex");
  }

  #take(encoding: "utf8" | "hex"): string {
    const length = this.count();
    this.#at += length;
    return this.#bytes.toString(encoding, this.#at - length, this.#at);
  }
}
