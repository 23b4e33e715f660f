/**
 * All lanes of which something is not sealed: those of this run, and what former runs have left.
 */
import type { Granularity } from "../format/pieces.ts";
import type { Tail } from "../format/seal.ts";
import { nameOf, tails_name, type Keeper, type Kept, type LaneState } from "./kept.ts";
import { LanePieces, type DeliveredLane, type SpoiledNumber } from "./lane-pieces.ts";

/** Pieces that may be open at a time, each with some hundred bytes. The one that was opened first is ended then. */
const open_max = 4096;
/** Where nobody knows how far a lane went: beyond all numbers. */
export const open_end = Number.MAX_SAFE_INTEGER;

export interface UnsealedDeps {
  readonly keeper: Keeper;
  readonly granularity: () => Granularity;
}

/** How a former run has left lanes. */
export interface FormerRun {
  /** Whether numbers go on in that lane. */
  readonly goesOn: (lane: LaneState) => boolean;
  /** The lanes of an epoch that has ended although something may have gone out beyond these numbers. */
  readonly ended: readonly { readonly lane: string; readonly committed: number }[];
}

export class Unsealed {
  readonly #deps: UnsealedDeps;
  /** By name. */
  readonly #lanes = new Map<string, LanePieces>();
  #changed = new Set<LanePieces>();
  readonly #open = new Set<LanePieces>();
  /** Those of which something may be sealed since they were looked at last. */
  readonly #ready = new Set<LanePieces>();
  /** What the next seals have to say of epochs that ended. */
  #tails: Tail[] = [];

  constructor(deps: UnsealedDeps) {
    this.#deps = deps;
  }

  /** Those of which something may be sealed. Who finds that nothing is says so. */
  get ready(): Iterable<LanePieces> {
    return this.#ready;
  }

  /** Nothing of it can be sealed before more of it is delivered. */
  nothingReady(pieces: LanePieces): void {
    this.#ready.delete(pieces);
  }

  get(name: string): LanePieces | undefined {
    return this.#lanes.get(name);
  }

  /** Goes on with what a former run has left. What it had open is ended as it was kept. */
  restore(kept: Kept, { goesOn, ended }: FormerRun): void {
    this.#tails = [...kept.tails];
    for (const state of kept.lanes) {
      const name = `${state.id}.${state.epoch}`;
      const { index, committed } = state;
      const lane = { ...state, index, name, next: committed };
      const pieces = this.#made(lane, state.sealed);
      pieces.holes = [...(state.holes ?? [])];
      this.#lanes.set(name, pieces);
    }
    for (const piece of [...kept.pieces, ...kept.open]) {
      const pieces = this.#lanes.get(piece.lane);
      this.#deps.keeper.delete(nameOf.open(piece.lane));
      pieces?.add(piece);
    }
    for (const state of kept.lanes) {
      const pieces = this.#lanes.get(`${state.id}.${state.epoch}`)!;
      this.#ready.add(pieces);
      if (goesOn(state)) continue;
      // All of its pieces can be sealed: of what is not known to be delivered a tail says so.
      const { committed, name } = pieces.lane;
      const end = pieces.pieces.reduce((to, { first, count }) => Math.max(to, first + count), 0);
      if (end > committed) pieces.lane = { ...pieces.lane, committed: end, next: end };
      if (end > committed) this.#tails.push({ lane: name, from: committed, to: open_end });
    }
    const known = new Set(this.#tails.map(({ lane }) => lane));
    for (const { lane, committed } of ended)
      if (!known.has(lane)) this.#tails.push({ lane, from: committed, to: open_end });
    if (this.#tails.length > 0) this.#deps.keeper.set(tails_name, this.#tails);
  }

  /** These lanes have ended, and from these numbers on something may have gone out that does not come again in them. */
  left(lanes: readonly { readonly lane: string; readonly from: number }[]): void {
    if (lanes.length === 0) return;
    this.#tails.push(...lanes.map(({ lane, from }) => ({ lane, from, to: open_end })));
    this.#deps.keeper.set(tails_name, this.#tails);
  }

  /** Takes those tails that a seal has room for, by their lengths in it. */
  takeTails(length_max: number): Tail[] {
    const taken = takeUpTo(this.#tails, length_max);
    this.#tails = this.#tails.slice(taken.length);
    if (this.#tails.length > 0) this.#deps.keeper.set(tails_name, this.#tails);
    else this.#deps.keeper.delete(tails_name);
    return taken;
  }

  get has_tails(): boolean {
    return this.#tails.length > 0;
  }

  /** The lane gets events in this run. Gives who hashes them. */
  opened(lane: DeliveredLane): LanePieces {
    const known = this.#lanes.get(lane.name);
    if (known !== undefined) {
      known.lane = lane;
      return known;
    }
    return this.#made(lane, lane.committed);
  }

  /** More of the lane is delivered. */
  committed(lane: DeliveredLane, before: number, holes: readonly SpoiledNumber[]): LanePieces {
    const pieces = this.#lanes.get(lane.name) ?? this.#made(lane, before);
    pieces.lane = lane;
    pieces.holes.push(...holes);
    if (!pieces.is_changed) this.#note(pieces);
    this.#ready.add(pieces);
    return pieces;
  }

  /** Ends all pieces that are open. */
  cut(): void {
    for (const pieces of this.#open) pieces.cut();
    this.#open.clear();
  }

  /** Has the state file know what has changed. */
  keep(): void {
    const changed = this.#changed;
    this.#changed = new Set();
    for (const pieces of changed) {
      pieces.keep();
      if (!pieces.is_sealed) continue;
      this.#lanes.delete(pieces.lane.name);
      this.#ready.delete(pieces);
    }
  }

  #made(lane: DeliveredLane, sealed: number): LanePieces {
    const { keeper, granularity } = this.#deps;
    return new LanePieces(lane, sealed, {
      keeper,
      granularity,
      changed: (pieces) => this.#note(pieces),
      opened: (pieces) => this.#noteOpen(pieces),
      ended: (pieces) => this.#ready.add(pieces),
    });
  }

  #note(pieces: LanePieces): void {
    pieces.is_changed = true;
    this.#changed.add(pieces);
    this.#lanes.set(pieces.lane.name, pieces);
  }

  #noteOpen(pieces: LanePieces): void {
    this.#open.delete(pieces);
    this.#open.add(pieces);
    if (this.#open.size <= open_max) return;
    const [first] = this.#open;
    this.#open.delete(first!);
    first!.cut();
  }
}

/** The first of them, whose JSON together is no longer than that. */
function takeUpTo(tails: readonly Tail[], length_max: number): Tail[] {
  let length = 0;
  const end = tails.findIndex((each) => (length += JSON.stringify(each).length + 1) > length_max);
  return end === -1 ? [...tails] : tails.slice(0, end);
}
