/**
 * Very many small records, as bytes in a few large pages: a record costs its length and some bytes, and no object.
 *
 * A record has a slot, a small number that is used again once it is deleted. A page of which most is deleted is emptied into another.
 */

const page_bytes = 256 * 1024;
/** Before each record: its slot and its length. */
const head_bytes = 8;
const nowhere = -1;

interface Page {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** Where the next record goes, and how many of the bytes before it are of deleted ones. */
  end: number;
  deleted: number;
}

export class RecordPages {
  readonly #pages: (Page | undefined)[] = [];
  readonly #free_pages: number[] = [];
  #current = nowhere;
  /** By slot: the page, and where in it the record begins. */
  #page_of = new Int32Array(64).fill(nowhere);
  #at = new Uint32Array(64);
  #slots = 0;
  readonly #free_slots: number[] = [];
  #count = 0;

  /** How many records there are. */
  get count(): number {
    return this.#count;
  }

  /** Slots are smaller than this. */
  get slots(): number {
    return this.#slots;
  }

  has(slot: number): boolean {
    return slot < this.#slots && this.#page_of[slot] !== nowhere;
  }

  /** Keeps a copy of the bytes, and gives the slot. */
  add(bytes: Uint8Array): number {
    const slot = this.#free_slots.pop() ?? this.#slots++;
    if (slot >= this.#at.length) this.#grow();
    this.#put(slot, bytes);
    this.#count += 1;
    return slot;
  }

  /** The bytes of a record, until something is added or deleted. */
  at(slot: number): Buffer {
    if (!this.has(slot)) throw new Error(`there is no record ${slot}`);
    const { bytes, view } = this.#pages[this.#page_of[slot]!]!;
    const at = this.#at[slot]!;
    return bytes.subarray(at + head_bytes, at + head_bytes + view.getUint32(at + 4));
  }

  delete(slot: number): void {
    const length = this.at(slot).length + head_bytes;
    const number = this.#page_of[slot]!;
    this.#page_of[slot] = nowhere;
    this.#free_slots.push(slot);
    this.#count -= 1;
    const page = this.#pages[number]!;
    page.deleted += length;
    if (page.deleted === page.end && number === this.#current) page.end = page.deleted = 0;
    else if (page.deleted === page.end) this.#drop(number);
    else if (number !== this.#current && page.deleted * 2 > page.bytes.length) this.#empty(number);
  }

  #put(slot: number, bytes: Uint8Array): void {
    const length = head_bytes + bytes.length;
    let page = this.#pages[this.#current];
    if (page === undefined || page.end + length > page.bytes.length) page = this.#begin(length);
    const at = page.end;
    page.view.setUint32(at, slot);
    page.view.setUint32(at + 4, bytes.length);
    page.bytes.set(bytes, at + head_bytes);
    page.end += length;
    this.#page_of[slot] = this.#current;
    this.#at[slot] = at;
  }

  #begin(length: number): Page {
    const bytes = Buffer.allocUnsafeSlow(Math.max(page_bytes, length));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const page = { bytes, view, end: 0, deleted: 0 };
    this.#current = this.#free_pages.pop() ?? this.#pages.length;
    this.#pages[this.#current] = page;
    return page;
  }

  #drop(number: number): void {
    this.#pages[number] = undefined;
    this.#free_pages.push(number);
  }

  /** Puts what is left of a page somewhere else. */
  #empty(number: number): void {
    const { bytes, view, end } = this.#pages[number]!;
    for (let at = 0; at < end;) {
      const slot = view.getUint32(at);
      const record_end = at + head_bytes + view.getUint32(at + 4);
      const is_there = this.#page_of[slot] === number && this.#at[slot] === at;
      if (is_there) this.#put(slot, bytes.subarray(at + head_bytes, record_end));
      at = record_end;
    }
    this.#drop(number);
  }

  #grow(): void {
    const page_of = new Int32Array(this.#at.length * 2).fill(nowhere);
    page_of.set(this.#page_of);
    const at = new Uint32Array(this.#at.length * 2);
    at.set(this.#at);
    this.#page_of = page_of;
    this.#at = at;
  }
}
