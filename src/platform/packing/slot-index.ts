/**
 * Finds slots by the hash of a text: a table of numbers. Different texts may have one hash, so whoever asks compares what
 * is in the slots that it gives.
 */

const empty = 0;
const deleted = -1;
const first_length = 64;

export class SlotIndex {
  /** The slot plus one, and the hash beside it. */
  #slots = new Int32Array(first_length);
  #hashes = new Int32Array(first_length);
  /** Places that are not empty, and those of them that hold a slot. */
  #used = 0;
  #count = 0;

  add(text: string, slot: number): void {
    if (this.#used * 4 >= this.#slots.length * 3) this.#rebuild();
    this.#put(hashOf(text), slot);
    this.#count += 1;
  }

  delete(text: string, slot: number): void {
    const mask = this.#slots.length - 1;
    for (let at = hashOf(text) & mask; this.#slots[at] !== empty; at = (at + 1) & mask) {
      if (this.#slots[at] !== slot + 1) continue;
      this.#slots[at] = deleted;
      this.#count -= 1;
      return;
    }
  }

  /** The first slot with the hash of this text for which `isIt`. */
  find(text: string, isIt: (slot: number) => boolean): number | undefined {
    if (this.#count === 0) return undefined;
    const hash = hashOf(text);
    const mask = this.#slots.length - 1;
    for (let at = hash & mask; this.#slots[at] !== empty; at = (at + 1) & mask) {
      if (this.#slots[at] === deleted || this.#hashes[at] !== hash) continue;
      const slot = this.#slots[at]! - 1;
      if (isIt(slot)) return slot;
    }
    return undefined;
  }

  #put(hash: number, slot: number): void {
    const mask = this.#slots.length - 1;
    let at = hash & mask;
    while (this.#slots[at] !== empty) at = (at + 1) & mask;
    this.#slots[at] = slot + 1;
    this.#hashes[at] = hash;
    this.#used += 1;
  }

  /** With room for as many again, and without what was deleted. */
  #rebuild(): void {
    const slots = this.#slots;
    const hashes = this.#hashes;
    let length = first_length;
    while (length < this.#count * 2 + 2) length *= 2;
    this.#slots = new Int32Array(length);
    this.#hashes = new Int32Array(length);
    this.#used = 0;
    for (let at = 0; at < slots.length; at += 1) {
      if (slots[at] !== empty && slots[at] !== deleted) this.#put(hashes[at]!, slots[at]! - 1);
    }
  }
}

/** FNV-1a, with its bits mixed at the end, as the last ones choose the place. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
