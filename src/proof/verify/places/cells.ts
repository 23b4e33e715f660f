/**
 * The first look at the events: they are put together in cells, the 16 places from one multiple of 16 to the next, and a cell
 * that is whole is checked against the seals at once. Cells wait in a pool of bounded size, since neighbours are near each
 * other in an export; what was pushed out of it is looked at again later, with all of its copies.
 */
import { leaf_events } from "../../format/pieces.ts";
import { block_events } from "../../format/place.ts";
import type { ExportRecord, Place } from "../reading/record.ts";
import { addText, cellIn, kindOf, makeCell, type Cell } from "./cell.ts";
import type { LeafDigest } from "./leaf-digest.ts";
import {
  cell_states,
  cells_of_block,
  setBit,
  type BlockState,
  type LaneState,
  type SealedPieceState,
} from "./sealed-lanes.ts";
import { keepText, Slabs } from "./slabs.ts";

/** How much memory the texts in the pool may hold. */
const pool_bytes_max = 12 * 1024 * 1024;
/** So many entries of the order may be of cells that are gone. */
const order_waste_max = 65_536;

export class Cells {
  /** By block, its cells that are in memory. */
  readonly #pool = new Map<BlockState, (Cell | undefined)[]>();
  /** The same, in the order in which they came, from `#oldest` on. */
  readonly #order: Cell[] = [];
  #oldest = 0;
  readonly #digest: LeafDigest;
  readonly #broken: SealedPieceState[] = [];
  readonly #slabs = new Slabs();
  #looked_at_again = 0;
  #all_bytes = 0;
  #all_cells = 0;

  constructor(digest: LeafDigest) {
    this.#digest = digest;
  }

  /** Pieces whose leaves all look right one by one, and together are not what was sealed. */
  get broken(): readonly SealedPieceState[] {
    return this.#broken;
  }

  /** How many cells have to be looked at again. */
  get again(): number {
    return this.#looked_at_again;
  }

  /** About how much text a cell has. */
  get bytes_per_cell(): number {
    return this.#all_cells === 0 ? 0 : Math.ceil(this.#all_bytes / this.#all_cells);
  }

  /** Cells that are not good, and whose events are all in memory. */
  *left(): Iterable<Cell> {
    for (const [block, cells] of this.#pool) {
      for (const [at, cell] of cells.entries()) {
        if (cell !== undefined && block.cells[at] === cell_states.open) yield cell;
      }
    }
  }

  /** Takes an event whose place is in a piece of the block. */
  add({ raw }: ExportRecord, { number }: Place, lane: LaneState, block: BlockState): void {
    lane.events += 1;
    const cell = this.#cellOf(number, lane, block);
    setBit(block.seen, number % block_events);
    if (cell === undefined) return;
    const kind = kindOf(cell, number, raw);
    if (kind === "known") return;
    this.#keep(cell, number, raw);
    // What was good has a second text now: which is the right one is for the second look.
    if (kind === "rival") block.cells[cellIn(number)] = cell_states.open;
    else if (cell.open === 0) this.#settle(cell);
    this.#bound();
  }

  /** The cell in the pool; undefined for one that has to be looked at again, since it is not there any more. */
  #cellOf(number: number, lane: LaneState, block: BlockState): Cell | undefined {
    const at = cellIn(number);
    let pooled = this.#pool.get(block);
    const known = pooled?.[at];
    if (known !== undefined) return known;
    if (block.cells[at] !== cell_states.open) {
      this.#lookAgain(block, at);
      return undefined;
    }
    if (pooled === undefined) {
      pooled = Array.from<Cell | undefined>({ length: cells_of_block });
      this.#pool.set(block, pooled);
    }
    const cell = makeCell(number - (number % leaf_events), lane, block);
    pooled[at] = cell;
    this.#order.push(cell);
    this.#all_cells += 1;
    return cell;
  }

  #lookAgain(block: BlockState, at: number): void {
    if (block.cells[at] === cell_states.again) return;
    block.cells[at] = cell_states.again;
    this.#looked_at_again += 1;
  }

  #settle(cell: Cell): void {
    const { segments, block } = cell;
    const digests: Buffer[] = [];
    for (const { piece, from, to } of segments) {
      const digest = this.#digest.leafOfCell(cell, from, to, piece);
      if (digest === undefined) return;
      digests.push(digest);
    }
    for (const [at, { piece, from }] of segments.entries()) {
      if (piece.settle(piece.leafAt(from), digests[at]!) === false) this.#broken.push(piece);
    }
    block.cells[cellIn(cell.first)] = cell_states.good;
  }

  #keep(cell: Cell, number: number, text: Buffer): void {
    const slab = this.#slabs.withRoom(text.length);
    const start = keepText(slab, text);
    addText(cell, number, slab.bytes, [start, slab.used]);
    cell.slabs.push(slab);
    this.#all_bytes += text.length;
  }

  /** Pushes out what came first. */
  #bound(): void {
    while (this.#slabs.used_bytes > pool_bytes_max && this.#oldest < this.#order.length - 1) {
      this.#pushOut(this.#order[this.#oldest]!);
      this.#oldest += 1;
    }
    if (this.#oldest < order_waste_max) return;
    this.#order.splice(0, this.#oldest);
    this.#oldest = 0;
  }

  #pushOut(cell: Cell): void {
    const { block, first, slabs } = cell;
    const at = cellIn(first);
    const pooled = this.#pool.get(block)!;
    pooled[at] = undefined;
    if (!pooled.some((each) => each !== undefined)) this.#pool.delete(block);
    for (const slab of slabs) this.#slabs.release(slab);
    if (block.cells[at] === cell_states.open) this.#lookAgain(block, at);
  }
}
