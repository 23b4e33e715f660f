/**
 * Streams of one input of which nothing is open and that nobody reads: as bytes, since there may be very many of them. Each has
 * a slot, a small number by which its input knows it.
 */
import type { JsonPacker } from "../../platform/packing/json-packer.ts";
import { RecordPages } from "../../platform/packing/record-pages.ts";

export interface AsleepStream {
  readonly id: string;
  readonly identity: unknown;
  readonly checkpoint: unknown;
  /** JSON that the input wants back when the stream is woken. */
  readonly note: unknown;
}

export class AsleepStreams {
  readonly #packer: JsonPacker;
  readonly #pages = new RecordPages();
  /** By slot: the place in the order in which streams were opened. */
  #numbers = new Float64Array(64);

  constructor(packer: JsonPacker) {
    this.#packer = packer;
  }

  get count(): number {
    return this.#pages.count;
  }

  /** All slots are smaller than this. */
  get slots(): number {
    return this.#pages.slots;
  }

  has(slot: number): boolean {
    return this.#pages.has(slot);
  }

  add(number: number, { id, identity, checkpoint, note }: AsleepStream): number {
    const slot = this.#pages.add(this.#packer.pack([identity, id, checkpoint, note]));
    this.number(slot, number);
    return slot;
  }

  /** Says which place a stream has in the order in which they were opened. */
  number(slot: number, number: number): void {
    if (slot >= this.#numbers.length) {
      const numbers = new Float64Array(Math.max(slot + 1, this.#numbers.length * 2));
      numbers.set(this.#numbers);
      this.#numbers = numbers;
    }
    this.#numbers[slot] = number;
  }

  /** What is known of the stream in a slot. */
  at(slot: number): AsleepStream {
    const value = this.#packer.unpack(this.#pages.at(slot));
    const [identity, id, checkpoint, note] = value as [unknown, string, unknown, unknown];
    return { id, identity, checkpoint, note };
  }

  /** The identity alone, which costs less. */
  identityAt(slot: number): unknown {
    return this.#packer.unpackFirst(this.#pages.at(slot));
  }

  numberOf(slot: number): number {
    return this.#numbers[slot]!;
  }

  delete(slot: number): void {
    this.#pages.delete(slot);
  }

  /** The slots now, in the order in which the streams were opened. */
  inOrder(): Int32Array {
    const slots = new Int32Array(this.count);
    let length = 0;
    for (let slot = 0; slot < this.slots; slot += 1) {
      if (this.has(slot)) slots[length++] = slot;
    }
    return slots.sort((a, b) => this.#numbers[a]! - this.#numbers[b]!);
  }
}
