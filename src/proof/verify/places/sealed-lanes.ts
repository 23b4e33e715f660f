/**
 * What the seals say of each lane: its pieces by block, its holes and its tails; and what an export has shown of them so far.
 */
import type { Chain } from "../seals/chains.ts";
import { digest_bytes, leaf_events, leafCount, locator_bytes, sumOf } from "../../format/pieces.ts";
import { block_events, laneOf } from "../../format/place.ts";
import type { SealedLane, SealedPiece } from "../../format/seal.ts";
import type { Span } from "../findings/finding.ts";

export const cells_of_block = block_events / leaf_events;

/** What is known of the 16 places from one multiple of 16 to the next. */
export const cell_states = {
  /** Nothing is decided yet. */
  open: 0,
  /** All that is sealed of it is there as it was sealed. */
  good: 1,
  /** It has to be looked at again, with all copies of its events at once. */
  again: 2,
} as const;

/** A piece as the seals have it, and what of it was found. */
export class SealedPieceState {
  readonly first: number;
  readonly end: number;
  /** When it was sealed. */
  readonly span: Span;
  readonly sum: Buffer;
  readonly leaves: Buffer;
  readonly events: Buffer | undefined;
  /** The whole digests of the leaves that hold, while others are still to come. */
  #digests: Buffer | undefined;
  #settled: Uint8Array | undefined;
  #leaves_left: number;

  constructor({ first, count, sum, leaves, events }: SealedPiece, span: Span) {
    this.first = first;
    this.end = first + count;
    this.span = span;
    this.sum = Buffer.from(sum, "base64");
    this.leaves = Buffer.from(leaves, "base64");
    this.events = events === undefined ? undefined : Buffer.from(events, "base64");
    this.#leaves_left = leafCount(first, count);
  }

  /** The number of the leaf in the piece that begins at this number or before. */
  leafAt(number: number): number {
    return Math.floor(number / leaf_events) - Math.floor(this.first / leaf_events);
  }

  /** Whether the digest is that of this leaf, as far as the seal says it of one leaf. */
  isLeaf(leaf: number, digest: Buffer): boolean {
    return hasLocator(this.leaves, leaf, digest);
  }

  /** Takes the digest of a leaf that holds, once. Gives whether all together are what was sealed, with the last of them. */
  settle(leaf: number, digest: Buffer): boolean | undefined {
    if (this.#leaves_left === 0) return undefined;
    const count = leafCount(this.first, this.end - this.first);
    this.#digests ??= Buffer.alloc(count * digest_bytes);
    this.#settled ??= new Uint8Array(cells_of_block / 8);
    if (hasBit(this.#settled, leaf)) return undefined;
    setBit(this.#settled, leaf);
    digest.copy(this.#digests, leaf * digest_bytes);
    this.#leaves_left -= 1;
    if (this.#leaves_left > 0) return undefined;
    const is_same = sumOf(this.#digests).equals(this.sum);
    this.#digests = undefined;
    this.#settled = undefined;
    return is_same;
  }

  /** Whether the locator is that of the event with this number; undefined where the seal does not say it. */
  isEvent(number: number, locator: Buffer): boolean | undefined {
    return this.events && hasLocator(this.events, number - this.first, locator);
  }
}

function hasLocator(locators: Buffer, at: number, digest: Buffer): boolean {
  const start = at * locator_bytes;
  return digest.compare(locators, start, start + locator_bytes, 0, locator_bytes) === 0;
}

/** A block of a lane. */
export class BlockState {
  readonly pieces: SealedPieceState[] = [];
  /** One bit for each event that was there. */
  readonly seen = new Uint8Array(block_events / 8);
  readonly cells = new Uint8Array(cells_of_block);
  /** One bit for each number that was given and not delivered; undefined for none. */
  holes: Uint8Array | undefined;
}

/** A lane in one epoch. */
export class LaneState {
  readonly lane: string;
  /** Its place in a list of all, which is shorter than its name. */
  readonly id: number;
  readonly agent: string;
  readonly about: SealedLane | undefined;
  readonly has_gaps: boolean;
  readonly blocks = new Map<number, BlockState>();
  /** Numbers that need not be there. */
  readonly tails: { readonly from: number; readonly to: number }[] = [];
  /** The number after the last that is in a piece. */
  sealed_end = 0;
  /** How many events in a place that is sealed were there. */
  events = 0;
  /** What the seals say was delivered, also where they have no pieces of it. */
  next = 0;

  constructor(lane: string, id: number, chain: Chain, about: SealedLane | undefined) {
    this.lane = lane;
    this.id = id;
    this.agent = chain.agent;
    this.has_gaps = chain.has_gaps;
    this.about = about;
  }

  block(number: number): BlockState {
    const at = Math.floor(number / block_events);
    let block = this.blocks.get(at);
    if (block === undefined) this.blocks.set(at, (block = new BlockState()));
    return block;
  }

  isOptional(number: number): boolean {
    return this.tails.some(({ from, to }) => number >= from && number < to);
  }
}

/** The lanes of all chains, by their names with epochs. */
export function lanesOf(chains: readonly Chain[]): Map<string, LaneState> {
  const lanes = new Map<string, LaneState>();
  for (const chain of chains) new ChainLanes(chain, lanes).add();
  return lanes;
}

class ChainLanes {
  readonly #chain: Chain;
  readonly #lanes: Map<string, LaneState>;
  /** The seal that named it first. */
  readonly #about = new Map<string, SealedLane>();

  constructor(chain: Chain, lanes: Map<string, LaneState>) {
    this.#chain = chain;
    this.#lanes = lanes;
  }

  add(): void {
    for (const { lanes = [] } of this.#chain.seals) {
      for (const each of lanes) this.#about.set(laneOf(each.lane, each.epoch), each);
    }
    for (const seal of this.#chain.seals) {
      const { from, to, lanes = [], holes = [], tails = [], blocks = [] } = seal;
      // They are most of a seal, and have their own form from here on.
      delete seal.blocks;
      for (const each of lanes) {
        const lane = this.#lane(laneOf(each.lane, each.epoch));
        lane.next = Math.max(lane.next, each.next);
      }
      for (const piece of blocks) {
        const lane = this.#lane(piece.lane);
        lane.block(piece.first).pieces.push(new SealedPieceState(piece, { from, to }));
        lane.sealed_end = Math.max(lane.sealed_end, piece.first + piece.count);
      }
      for (const tail of tails) this.#lane(tail.lane).tails.push(tail);
      for (const { lane, first, count } of holes) {
        for (let at = first; at < first + count; at += 1) this.#addHole(this.#lane(lane), at);
      }
    }
  }

  #lane(name: string): LaneState {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = new LaneState(name, this.#lanes.size, this.#chain, this.#about.get(name));
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  #addHole(lane: LaneState, number: number): void {
    const block = lane.block(number);
    block.holes ??= new Uint8Array(block_events / 8);
    setBit(block.holes, number % block_events);
  }
}

export function hasBit(bits: Uint8Array | undefined, at: number): boolean {
  return bits !== undefined && (bits[at >> 3]! & (1 << (at & 7))) !== 0;
}

export function setBit(bits: Uint8Array, at: number): void {
  bits[at >> 3]! |= 1 << (at & 7);
}
