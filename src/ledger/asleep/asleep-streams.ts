/**
 * Streams of one input of which nothing is open and that nobody reads: as bytes, since there may be very many of them. Each has
 * a slot, a small number by which its input knows it.
 */
import type { JsonPacker, PackedList } from "../../platform/packing/json-packer.ts";
import { RecordPages } from "../../platform/packing/record-pages.ts";

/** A stream is packed as a list of its id, identity, checkpoint and note. */
const items = 4;

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
    const slot = this.#pages.add(this.#packer.pack([id, identity, checkpoint, note]));
    this.number(slot, number);
    return slot;
  }

  /** Adds a stream without a note, of which `addRest` adds all else; undefined where it gives that. */
  addText(addRest: (list: PackedList) => true | undefined): number | undefined {
    const bytes = this.#packer.packList(items, (list) => {
      const is_added = addRest(list);
      list.add(null);
      return is_added;
    });
    return bytes && this.#pages.add(bytes);
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
    const [id, identity, checkpoint, note] = value as [string, unknown, unknown, unknown];
    return { id, identity, checkpoint, note };
  }

  /** The identity alone, with nothing in its lists: that costs less. */
  identityAt(slot: number): unknown {
    return this.#packer.unpackItem(this.#pages.at(slot), 1);
  }

  /** The wanted part of the identity, which costs still less; undefined where that is no object. */
  partAt(slot: number, wanted: ReadonlySet<string>): unknown {
    return this.#packer.unpackItem(this.#pages.at(slot), 1, wanted);
  }

  idAt(slot: number): unknown {
    return this.#packer.unpackItem(this.#pages.at(slot), 0);
  }

  numberOf(slot: number): number {
    return this.#numbers[slot]!;
  }

  delete(slot: number): void {
    this.#pages.delete(slot);
  }

  /** A number that is greater than that of each. */
  get next_number(): number {
    let next = 0;
    for (let slot = 0; slot < this.slots; slot += 1)
      if (this.has(slot)) next = Math.max(next, this.#numbers[slot]! + 1);
    return next;
  }

  /** The slots now, in the order in which the streams were opened. */
  inOrder(): Int32Array {
    const slots = new Int32Array(this.count);
    // Both in one number each, which are sorted several times as fast as by a function.
    const places = new Float64Array(this.count);
    const { slots: factor } = this;
    let length = 0;
    for (let slot = 0; slot < factor; slot += 1)
      if (this.has(slot)) places[length++] = this.#numbers[slot]! * factor + slot;
    places.sort().forEach((place, at) => {
      slots[at] = place % factor;
    });
    return slots;
  }
}
