/** Short texts that stand in most lines of an export, such as the name of an index: each is made once. */
import { isAt } from "../../../platform/text/bytes.ts";

const slots = 1024;

interface Known<Value> {
  readonly bytes: Buffer;
  readonly value: Value;
}

export class KnownTexts<Value> {
  readonly #make: (text: string) => Value;
  readonly #known = Array.from<Known<Value> | undefined>({ length: slots });

  constructor(make: (text: string) => Value) {
    this.#make = make;
  }

  /** What is made of the text that `bytes` has from `start` to `end`. */
  of(bytes: Buffer, start: number, end: number): Value {
    let hash = end - start;
    for (let at = start; at < end; at += 1) hash = (hash * 31 + bytes[at]!) | 0;
    const slot = hash & (slots - 1);
    const known = this.#known[slot];
    if (known !== undefined && isSame(known.bytes, bytes, start, end)) return known.value;
    const own = Buffer.from(bytes.subarray(start, end));
    const value = this.#make(own.toString());
    this.#known[slot] = { bytes: own, value };
    return value;
  }
}

/** Whether `text` is what `bytes` has from `start` to `end`. */
export function isSame(text: Buffer, bytes: Buffer, start: number, end: number): boolean {
  return end - start === text.length && isAt(text, bytes, start);
}
