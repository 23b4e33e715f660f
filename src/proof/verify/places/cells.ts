/**
 * The first look at the events: they are put together in cells, the 16 places from one multiple of 16 to the next, and a cell
 * that is whole is checked against the seals at once. Cells wait in a pool of bounded size, since neighbours are near each
 * other in an export; what was pushed out of it is looked at again later, with all of its copies.
 */
import { leaf_events } from "../../format/pieces.ts";
import type { ExportRecord } from "../reading/record.ts";
import { ownRoom, type TextRoom } from "../reading/text-room.ts";
import { cell_states, cellIn, cells_of_block, type BlockState } from "./block-state.ts";
import { addText, kindOf, makeCell, type Cell } from "./cell.ts";
import type { LeafDigest } from "./leaf-digest.ts";
import type { LaneState } from "./sealed-lanes.ts";
import type { SealedPiece } from "./sealed-piece.ts";
import { keepText, made_bytes_max, Slabs } from "./slabs.ts";

/** How much memory the pool may hold. */
const pool_bytes_max = 12 * 1024 * 1024;
/** About what a cell takes beside its texts, with its part of the block that it keeps in memory. */
const cell_bytes = 2048;
/** So many entries of the order may be of cells that are gone. They hold what those were made of. */
const order_waste_max = 512;
const broken_max = 1000;

/** A piece whose leaves all look right one by one, and together are not what was sealed. */
export interface BrokenPiece {
  readonly lane: LaneState;
  readonly piece: SealedPiece;
}

export class Cells {
  /** By block, its cells that are in memory. The block has a pin for each. */
  readonly #pool = new Map<BlockState, (Cell | undefined)[]>();
  /** The same, in the order in which they came, from `#oldest` on. */
  readonly #order: Cell[] = [];
  #oldest = 0;
  readonly #digest: LeafDigest;
  readonly #slabs = new Slabs();
  readonly #long_room = ownRoom();
  /** The first of them. */
  readonly broken: BrokenPiece[] = [];
  #looked_at_again = 0;
  #all_bytes = 0;
  #all_cells = 0;

  constructor(digest: LeafDigest) {
    this.#digest = digest;
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
    for (const cell of this.#order.slice(this.#oldest)) {
      if (cell.block.cell(cellIn(cell.first)) === cell_states.open) yield cell;
    }
  }

  /** Memory in which the next event may be made, so that it is there already if it is kept. */
  roomFor(length: number): TextRoom {
    return length > made_bytes_max ? this.#long_room(length) : this.#slabs.withRoom(length);
  }

  /** Takes an event whose place is in a piece of the block. */
  add(record: ExportRecord, number: number, lane: LaneState, block: BlockState): void {
    lane.events += 1;
    block.see(number);
    const cell = this.#cellOf(number, lane, block);
    if (cell === undefined) return;
    const kind = kindOf(cell, number, record);
    if (kind === "known") return;
    this.#keep(cell, number, record);
    // What was good has a second text now: which is the right one is for the second look.
    if (kind === "rival") block.setCell(cellIn(number), cell_states.open);
    else if (cell.open === 0) this.#settle(cell);
    this.#bound();
  }

  /** The cell in the pool; undefined for one that has to be looked at again, since it is not there any more. */
  #cellOf(number: number, lane: LaneState, block: BlockState): Cell | undefined {
    const at = cellIn(number);
    let pooled = this.#pool.get(block);
    const known = pooled?.[at];
    if (known !== undefined) return known;
    if (block.cell(at) !== cell_states.open) {
      this.#lookAgain(block, at);
      return undefined;
    }
    if (pooled === undefined) {
      pooled = Array.from<Cell | undefined>({ length: cells_of_block });
      this.#pool.set(block, pooled);
    }
    const cell = makeCell(number - (number % leaf_events), lane, block);
    pooled[at] = cell;
    block.pins += 1;
    this.#order.push(cell);
    this.#all_cells += 1;
    return cell;
  }

  #lookAgain(block: BlockState, at: number): void {
    if (block.cell(at) === cell_states.again) return;
    block.setCell(at, cell_states.again);
    this.#looked_at_again += 1;
  }

  #settle(cell: Cell): void {
    const { segments, block, lane } = cell;
    const digests: Buffer[] = [];
    for (const { piece, from, to } of segments) {
      const digest = this.#digest.leafOfCell(cell, from, to, piece);
      if (digest === undefined) return;
      digests.push(digest);
    }
    for (const [at, { piece, from }] of segments.entries()) {
      const is_whole = piece.settle(piece.leafAt(from), digests[at]!);
      if (is_whole === false && this.broken.length < broken_max) this.broken.push({ lane, piece });
    }
    block.setCell(cellIn(cell.first), cell_states.good);
  }

  #keep(cell: Cell, number: number, record: ExportRecord): void {
    const length = record.end - record.start;
    const slab = this.#slabs.withRoom(length);
    const start = keepText(slab, record);
    addText(cell, number, slab.bytes, [start, slab.used]);
    cell.slabs.push(slab);
    this.#all_bytes += length;
  }

  get #held_bytes(): number {
    return this.#slabs.used_bytes + (this.#order.length - this.#oldest) * cell_bytes;
  }

  /** Pushes out what came first. */
  #bound(): void {
    while (this.#held_bytes > pool_bytes_max && this.#oldest < this.#order.length - 1) {
      this.#pushOut(this.#order[this.#oldest]!);
      this.#oldest += 1;
    }
    if (this.#oldest < order_waste_max) return;
    this.#order.splice(0, this.#oldest);
    this.#oldest = 0;
  }

  #pushOut({ block, first, slabs }: Cell): void {
    const at = cellIn(first);
    this.#pool.get(block)![at] = undefined;
    block.pins -= 1;
    if (block.pins === 0) this.#pool.delete(block);
    for (const slab of slabs) this.#slabs.release(slab);
    if (block.cell(at) === cell_states.open) this.#lookAgain(block, at);
  }
}
