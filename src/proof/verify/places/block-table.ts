/**
 * All blocks that are sealed, in bounded memory: in a temporary file is what the seals say of each, and what was found of those that
 * were not needed for a while. An export has neighbours near each other, so those that are needed are few.
 *
 * What grows in memory is 16 bytes a block: where its last record is, and where what was found of it.
 */
import { block_events } from "../../format/place.ts";
import type { SealedPiece as PieceInSeal } from "../../format/seal.ts";
import type { Scratch, ScratchFile } from "../spilling/scratch.ts";
import { setBits } from "./bits.ts";
import { BlockRecords } from "./block-records.ts";
import { block_bits_bytes, BlockState } from "./block-state.ts";
import type { NumberSet } from "./number-set.ts";

/** How much memory blocks may take that nobody has in hand. */
const held_bytes_max = 16 * 1024 * 1024;
/** Blocks of a page of the index. */
const page_blocks = 32;
const crowded_max = 1000;

/** A lane's blocks, by number: twice as many numbers as a page has blocks, each plus one, so that 0 is none. */
export type BlockIndex = Map<number, Float64Array>;

/** Whose blocks they are. */
export interface BlocksOfLane {
  readonly index: BlockIndex;
  readonly loaded: Map<number, BlockState>;
  /** Those that are not within one block. */
  readonly long_holes: NumberSet;
}

interface Loaded<Lane> {
  readonly lane: Lane;
  readonly block: BlockState;
  bytes: number;
}

export class BlockTable<Lane extends BlocksOfLane = BlocksOfLane> {
  readonly #file: ScratchFile;
  readonly #records: BlockRecords;
  /** Blocks with more pieces than are looked at: the first of them. */
  readonly crowded: { readonly lane: Lane; readonly first: number }[] = [];
  readonly #held_bytes_max: number;
  readonly #loaded: Loaded<Lane>[] = [];
  #loaded_bytes = 0;
  /** Which of the loaded is asked next whether it is needed. */
  #hand = 0;
  #lane: Lane | undefined;
  #block: BlockState | undefined;

  constructor(scratch: Scratch, bytes_max = held_bytes_max) {
    this.#file = scratch.open();
    this.#records = new BlockRecords(this.#file);
    this.#held_bytes_max = bytes_max;
  }

  /** Comes before anybody asks for the block. */
  addPiece(
    lane: Lane,
    piece: PieceInSeal,
    span: { readonly from: string; readonly to: string },
  ): void {
    const { page, slot } = pageFor(lane, Math.floor(piece.first / block_events));
    page[slot] = this.#records.addPiece(piece, span, page[slot]!);
  }

  /** The same of holes: those of one block are beside its pieces; longer ones stay ranges, however long. */
  addHoles(lane: Lane, first: number, count: number): void {
    const at = Math.floor(first / block_events);
    if (first + count > (at + 1) * block_events) return lane.long_holes.add(first, first + count);
    const { page, slot } = pageFor(lane, at);
    page[slot] = this.#records.addHole(first, count, page[slot]!);
  }

  /** The block with this number, if seals say anything of it. It is there until the next call, and longer while it has pins. */
  find(lane: Lane, number: number): BlockState | undefined {
    const at = Math.floor(number / block_events);
    if (lane === this.#lane && at === this.#block?.at) return this.#block;
    const block = lane.loaded.get(at) ?? this.#load(lane, at) ?? onlyHoles(lane, at);
    if (block === undefined) return undefined;
    block.is_recent = true;
    this.#lane = lane;
    this.#block = block;
    return block;
  }

  /** All of a lane with a piece or a hole of their own, in their order. Each is there until the next. */
  *all(lane: Lane): Iterable<BlockState> {
    for (const page of [...lane.index.keys()].sort((one, other) => one - other)) {
      const places = lane.index.get(page)!;
      for (let slot = 0; slot < page_blocks; slot += 1) {
        if (places[slot] !== 0) yield this.find(lane, (page * page_blocks + slot) * block_events)!;
      }
    }
  }

  #load(lane: Lane, at: number): BlockState | undefined {
    const page = lane.index.get(Math.floor(at / page_blocks));
    const last = page?.[at % page_blocks] ?? 0;
    if (last === 0) return undefined;
    const block = this.#read(lane, at, last);
    const saved = page![page_blocks + (at % page_blocks)]!;
    if (saved !== 0) block.restore(this.#file.read(saved - 1, block.saved_bytes));
    const loaded = { lane, block, bytes: block.held_bytes };
    lane.loaded.set(at, block);
    this.#loaded_bytes += loaded.bytes;
    this.#bound();
    this.#loaded.push(loaded);
    return block;
  }

  #read(lane: Lane, at: number, last: number): BlockState {
    const { pieces, holes, is_crowded, last: last_now } = this.#records.read(last);
    const { page, slot } = pageFor(lane, at);
    page[slot] = last_now;
    if (is_crowded && this.crowded.length < crowded_max)
      this.crowded.push({ lane, first: at * block_events });
    return new BlockState(at, pieces, withLongHoles(lane, at, holes));
  }

  /** Writes down, and forgets, blocks that were not needed for a while. */
  #bound(): void {
    let asked = 2 * this.#loaded.length;
    while (this.#loaded_bytes > this.#held_bytes_max && asked > 0) {
      asked -= 1;
      if (this.#hand >= this.#loaded.length) this.#hand = 0;
      const loaded = this.#loaded[this.#hand]!;
      const { block } = loaded;
      if (block.pins > 0 || block.is_recent) {
        block.is_recent = false;
        this.#hand += 1;
        continue;
      }
      this.#forget(loaded);
      const last = this.#loaded.pop()!;
      if (last !== loaded) this.#loaded[this.#hand] = last;
    }
  }

  #forget({ lane, block, bytes }: Loaded<Lane>): void {
    if (block.is_changed) this.#save(lane, block);
    lane.loaded.delete(block.at);
    this.#loaded_bytes -= bytes;
    if (block === this.#block) this.#block = undefined;
  }

  #save({ index }: Lane, block: BlockState): void {
    const page = index.get(Math.floor(block.at / page_blocks))!;
    const slot = page_blocks + (block.at % page_blocks);
    const bytes = block.save();
    if (page[slot] === 0) page[slot] = 1 + this.#file.append(bytes);
    else this.#file.replace(page[slot]! - 1, bytes);
  }
}

/** The page of the index with this block, and its place there. */
function pageFor({ index }: BlocksOfLane, at: number): { page: Float64Array; slot: number } {
  const page_at = Math.floor(at / page_blocks);
  let page = index.get(page_at);
  if (page === undefined) index.set(page_at, (page = new Float64Array(2 * page_blocks)));
  return { page, slot: at % page_blocks };
}

/** A block of which seals say nothing but that no one vouches for it. */
function onlyHoles(lane: BlocksOfLane, at: number): BlockState | undefined {
  const holes = withLongHoles(lane, at, undefined);
  return holes && new BlockState(at, [], holes);
}

function withLongHoles(
  { long_holes }: BlocksOfLane,
  at: number,
  holes: Uint8Array | undefined,
): Uint8Array | undefined {
  let all = holes;
  const first = at * block_events;
  for (const [from, to] of long_holes.within(first, first + block_events)) {
    all ??= new Uint8Array(block_bits_bytes);
    setBits(all, from - first, to - first);
  }
  return all;
}
