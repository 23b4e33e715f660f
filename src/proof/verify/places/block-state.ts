/** A block of a lane: 1,024 numbers, with what the seals say of them, and what an export has shown of them so far. */
import { leaf_events } from "../../format/pieces.ts";
import { block_events } from "../../format/place.ts";
import { countBits, hasBit, setBit, setBits } from "./bits.ts";
import type { SealedPiece } from "./sealed-piece.ts";

export const cells_of_block = block_events / leaf_events;
/** One bit for each of its numbers. */
export const block_bits_bytes = block_events / 8;
const seen_bytes = block_bits_bytes;

/** What is known of the 16 places from one multiple of 16 to the next. */
export const cell_states = {
  /** Nothing is decided yet. */
  open: 0,
  /** All that is sealed of it is there as it was sealed. */
  good: 1,
  /** It has to be looked at again, with all copies of its events at once. */
  again: 2,
} as const;

export class BlockState {
  /** Its place among the blocks of its lane. */
  readonly at: number;
  readonly pieces: readonly SealedPiece[];
  /** One bit for each number that was given and not delivered; undefined for none. */
  readonly holes: Uint8Array | undefined;
  /** How many have it in their hands. */
  pins = 0;
  /** Whether it was needed since it was last asked. */
  is_recent = true;
  is_changed = false;
  /** One bit for each number that is in a piece and no hole. */
  readonly #sealed = new Uint8Array(block_bits_bytes);
  /** One bit for each event that was there. */
  #seen = new Uint8Array(seen_bytes);
  #cells = new Uint8Array(cells_of_block);

  constructor(at: number, pieces: readonly SealedPiece[], holes: Uint8Array | undefined) {
    this.at = at;
    this.pieces = pieces;
    this.holes = holes;
    for (const { first, end } of pieces)
      setBits(this.#sealed, first - this.first, end - this.first);
    if (holes === undefined) return;
    for (const [byte, bits] of holes.entries()) this.#sealed[byte]! &= ~bits;
  }

  get first(): number {
    return this.at * block_events;
  }

  /** How many of its numbers were there. */
  get seen_count(): number {
    return countBits(this.#seen);
  }

  /** About how much memory it takes. */
  get held_bytes(): number {
    return this.pieces.reduce((sum, each) => sum + each.held_bytes, 1000);
  }

  see(number: number): void {
    setBit(this.#seen, number % block_events);
    this.is_changed = true;
  }

  isHole(number: number): boolean {
    return hasBit(this.holes, number % block_events);
  }

  /** Whether the number is in a piece, and is no hole. */
  isSealed(number: number): boolean {
    return hasBit(this.#sealed, number % block_events);
  }

  /** One of `cell_states`. */
  cell(at: number): number {
    return this.#cells[at]!;
  }

  setCell(at: number, state: (typeof cell_states)[keyof typeof cell_states]): void {
    this.#cells[at] = state;
    this.is_changed = true;
  }

  /** Whether nothing of the cell was there. */
  isUntouched(cell: number): boolean {
    const byte = (cell * leaf_events) / 8;
    return (
      this.#cells[cell] === cell_states.open && this.#seen[byte] === 0 && this.#seen[byte + 1] === 0
    );
  }

  /** How many bytes `save` gives: always as many. */
  get saved_bytes(): number {
    return this.pieces.reduce((sum, each) => sum + each.saved_bytes, seen_bytes + cells_of_block);
  }

  /** What was found of it. */
  save(): Buffer {
    const bytes = Buffer.alloc(this.saved_bytes);
    bytes.set(this.#seen);
    bytes.set(this.#cells, seen_bytes);
    let at = seen_bytes + cells_of_block;
    for (const piece of this.pieces) {
      piece.save(bytes, at);
      at += piece.saved_bytes;
    }
    this.is_changed = false;
    return bytes;
  }

  /** Goes on from what `save` has given. */
  restore(bytes: Buffer): void {
    this.#seen = Uint8Array.from(bytes.subarray(0, seen_bytes));
    let at = seen_bytes + cells_of_block;
    this.#cells = Uint8Array.from(bytes.subarray(seen_bytes, at));
    for (const piece of this.pieces) {
      piece.restore(bytes, at);
      at += piece.saved_bytes;
    }
  }
}

export function cellIn(number: number): number {
  return Math.floor((number % block_events) / leaf_events);
}
