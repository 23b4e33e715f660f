/**
 * All blocks that are sealed, in bounded memory: in a temporary file is what the seals say of each, and what was found of those that
 * were not needed for a while. An export has neighbours near each other, so those that are needed are few.
 *
 * The file has, in the order of the seals, a record for each piece and for each range of holes in a block, with the place of the
 * record before it of the same block. So what grows in memory is 16 bytes a block: where its last record is, and where what was
 * found of it.
 */
import { digest_bytes, leafCount, locator_bytes } from "../../format/pieces.ts";
import { block_events } from "../../format/place.ts";
import type { SealedPiece as PieceInSeal } from "../../format/seal.ts";
import type { Scratch, ScratchFile } from "../spilling/scratch.ts";
import { setBit } from "./bits.ts";
import { BlockState } from "./block-state.ts";
import { SealedPiece } from "./sealed-piece.ts";

/** How much memory blocks may take that nobody has in hand. */
const held_bytes_max = 16 * 1024 * 1024;
/** Blocks of a page of the index. */
const page_blocks = 32;
/** Of a record: what it is, the record before, first number, count, and when it was sealed. */
const header_bytes = 40;
/** What is read at once: a record with all leaves of a block fits into it. */
const read_bytes = 640;
const [piece_record, events_record, hole_record] = [1, 2, 3];

/** A lane's blocks, by number: twice as many numbers as a page has blocks, each plus one, so that 0 is none. */
export type BlockIndex = Map<number, Float64Array>;

/** Whose blocks they are. */
export interface BlocksOfLane {
  readonly index: BlockIndex;
  readonly loaded: Map<number, BlockState>;
}

interface Loaded {
  readonly lane: BlocksOfLane;
  readonly block: BlockState;
  bytes: number;
}

export class BlockTable {
  readonly #file: ScratchFile;
  readonly #held_bytes_max: number;
  readonly #loaded: Loaded[] = [];
  #loaded_bytes = 0;
  /** Which of the loaded is asked next whether it is needed. */
  #hand = 0;
  #lane: BlocksOfLane | undefined;
  #block: BlockState | undefined;

  constructor(scratch: Scratch, bytes_max = held_bytes_max) {
    this.#file = scratch.open();
    this.#held_bytes_max = bytes_max;
  }

  /** Comes before anybody asks for the block. */
  addPiece(
    lane: BlocksOfLane,
    piece: PieceInSeal,
    { from, to }: { from: string; to: string },
  ): void {
    const { first, count } = piece;
    const kind = piece.events === undefined ? piece_record : events_record;
    const times = [Date.parse(from), Date.parse(to)] as const;
    this.#append(lane, [kind, first, count, ...times], [piece.sum, piece.leaves, piece.events]);
  }

  addHoles(lane: BlocksOfLane, first: number, count: number): void {
    for (let at = first; at < first + count;) {
      const end = Math.min(first + count, (Math.floor(at / block_events) + 1) * block_events);
      this.#append(lane, [hole_record, at, end - at, 0, 0], []);
      at = end;
    }
  }

  /** The block with this number, if anything of it is sealed. It is there until the next call, and longer while it has pins. */
  find(lane: BlocksOfLane, number: number): BlockState | undefined {
    const at = Math.floor(number / block_events);
    if (lane === this.#lane && at === this.#block?.at) return this.#block;
    const block = lane.loaded.get(at) ?? this.#load(lane, at);
    if (block === undefined) return undefined;
    block.is_recent = true;
    this.#lane = lane;
    this.#block = block;
    return block;
  }

  /** All of a lane, in their order. Each is there until the next. */
  *all(lane: BlocksOfLane): Iterable<BlockState> {
    for (const page of [...lane.index.keys()].sort((one, other) => one - other)) {
      for (let at = page * page_blocks; at < (page + 1) * page_blocks; at += 1) {
        const block = this.find(lane, at * block_events);
        if (block !== undefined) yield block;
      }
    }
  }

  #append(
    { index }: BlocksOfLane,
    [kind, first, count, from_ms, to_ms]: readonly [number, number, number, number, number],
    texts: readonly (string | undefined)[],
  ): void {
    const at = Math.floor(first / block_events);
    const page_at = Math.floor(at / page_blocks);
    let page = index.get(page_at);
    if (page === undefined) index.set(page_at, (page = new Float64Array(2 * page_blocks)));
    const header = Buffer.allocUnsafe(header_bytes);
    header.writeUInt32BE(kind, 0);
    header.writeUInt32BE(count, 4);
    header.writeDoubleBE(first, 8);
    header.writeDoubleBE(page[at % page_blocks]!, 16);
    header.writeDoubleBE(from_ms, 24);
    header.writeDoubleBE(to_ms, 32);
    page[at % page_blocks] = 1 + this.#file.append(header);
    for (const text of texts) {
      if (text !== undefined) this.#file.append(Buffer.from(text, "base64"));
    }
  }

  #load(lane: BlocksOfLane, at: number): BlockState | undefined {
    const page = lane.index.get(Math.floor(at / page_blocks));
    const last = page?.[at % page_blocks] ?? 0;
    if (last === 0) return undefined;
    const block = this.#read(at, last);
    const saved = page![page_blocks + (at % page_blocks)]!;
    if (saved !== 0) block.restore(this.#file.read(saved - 1, block.saved_bytes));
    const loaded = { lane, block, bytes: block.held_bytes };
    lane.loaded.set(at, block);
    this.#loaded_bytes += loaded.bytes;
    this.#bound();
    this.#loaded.push(loaded);
    return block;
  }

  /** From the block's last record on, to its first. */
  #read(at: number, last: number): BlockState {
    const pieces: SealedPiece[] = [];
    let holes: Uint8Array | undefined;
    for (let next = last; next !== 0;) {
      const record = this.#file.read(next - 1, read_bytes);
      const kind = record.readUInt32BE(0);
      const count = record.readUInt32BE(4);
      const first = record.readDoubleBE(8);
      if (kind === hole_record) {
        holes ??= new Uint8Array(block_events / 8);
        for (let hole = first; hole < first + count; hole += 1) setBit(holes, hole % block_events);
      } else pieces.unshift(this.#piece(record, next - 1));
      next = record.readDoubleBE(16);
    }
    return new BlockState(at, pieces, holes);
  }

  #piece(start: Buffer, at: number): SealedPiece {
    const count = start.readUInt32BE(4);
    const first = start.readDoubleBE(8);
    const leaves_end = header_bytes + digest_bytes + leafCount(first, count) * locator_bytes;
    const has_events = start.readUInt32BE(0) === events_record;
    const length = leaves_end + (has_events ? count * locator_bytes : 0);
    const record = length <= start.length ? start : this.#file.read(at, length);
    return new SealedPiece({
      first,
      count,
      from_ms: record.readDoubleBE(24),
      to_ms: record.readDoubleBE(32),
      sum: record.subarray(header_bytes, header_bytes + digest_bytes),
      leaves: record.subarray(header_bytes + digest_bytes, leaves_end),
      events: has_events ? record.subarray(leaves_end, length) : undefined,
    });
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

  #forget({ lane, block, bytes }: Loaded): void {
    if (block.is_changed) this.#save(lane, block);
    lane.loaded.delete(block.at);
    this.#loaded_bytes -= bytes;
    if (block === this.#block) this.#block = undefined;
  }

  #save({ index }: BlocksOfLane, block: BlockState): void {
    const page = index.get(Math.floor(block.at / page_blocks))!;
    const slot = page_blocks + (block.at % page_blocks);
    const bytes = block.save();
    if (page[slot] === 0) page[slot] = 1 + this.#file.append(bytes);
    else this.#file.replace(page[slot]! - 1, bytes);
  }
}
