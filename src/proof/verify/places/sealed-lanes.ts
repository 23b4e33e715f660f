/** The lanes of all chains, and what the seals say of each. */
import { laneOf } from "../../format/place.ts";
import type { Seal, SealedLane } from "../../format/seal.ts";
import type { Chain } from "../seals/chains.ts";
import type { BlockState } from "./block-state.ts";
import type { BlockIndex, BlocksOfLane, BlockTable } from "./block-table.ts";
import { NumberSet } from "./number-set.ts";

/** A lane in one epoch. */
export class LaneState implements BlocksOfLane {
  readonly lane: string;
  /** Its place in a list of all, which is shorter than its name. */
  readonly id: number;
  readonly chain: Chain;
  /** What the last seal says that names it. */
  about: SealedLane | undefined;
  readonly index: BlockIndex = new Map();
  readonly loaded = new Map<number, BlockState>();
  /** Numbers that need not be there. */
  readonly tails = new NumberSet();
  readonly long_holes = new NumberSet();
  /** The number after the last that is in a piece. */
  sealed_end = 0;
  /** How many events in a place that is sealed were there, and how many of its numbers. */
  events = 0;
  seen = 0;
  /** What the seals say was delivered, also where they have no pieces of it. */
  next = 0;

  constructor(lane: string, id: number, chain: Chain) {
    this.lane = lane;
    this.id = id;
    this.chain = chain;
  }

  isOptional(number: number): boolean {
    return this.tails.has(number);
  }
}

/** Takes the seals that hold, one after the other. */
export class SealedLanes {
  readonly blocks: BlockTable<LaneState>;
  /** By their names with epochs. */
  readonly all = new Map<string, LaneState>();

  constructor(blocks: BlockTable<LaneState>) {
    this.blocks = blocks;
  }

  /** Blocks with more pieces than were looked at: the first of them. */
  get crowded(): readonly { readonly lane: LaneState; readonly first: number }[] {
    return this.blocks.crowded;
  }

  take(seal: Seal, chain: Chain): void {
    const { lanes = [], holes = [], tails = [], blocks = [] } = seal;
    for (const each of lanes) {
      const lane = this.#lane(laneOf(each.lane, each.epoch), chain);
      lane.about = each;
      lane.next = Math.max(lane.next, each.next);
    }
    for (const piece of blocks) {
      const lane = this.#lane(piece.lane, chain);
      this.blocks.addPiece(lane, piece, seal);
      lane.sealed_end = Math.max(lane.sealed_end, piece.first + piece.count);
    }
    for (const { lane, from, to } of tails) this.#lane(lane, chain).tails.add(from, to);
    for (const { lane, first, count } of holes) {
      this.blocks.addHoles(this.#lane(lane, chain), first, count);
    }
  }

  #lane(name: string, chain: Chain): LaneState {
    let lane = this.all.get(name);
    if (lane === undefined) this.all.set(name, (lane = new LaneState(name, this.all.size, chain)));
    return lane;
  }
}
