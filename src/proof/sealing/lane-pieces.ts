/**
 * What is not sealed of one lane: its pieces, of which one is open and has its events hashed as they are encoded, and up to where
 * they are delivered.
 */
import { PieceBuilder } from "../format/piece-builder.ts";
import { pieceOf, type Granularity } from "../format/pieces.ts";
import { sealedPiece, type SealedPiece } from "../format/seal.ts";
import { nameOf, type Keeper, type LaneState, type PieceState } from "./kept.ts";

/** A lane as the ledger has it. */
export interface DeliveredLane {
  readonly id: string;
  readonly epoch: number;
  /** Id and epoch. */
  readonly name: string;
  readonly stream: string;
  readonly input: string;
  readonly output: string;
  readonly index: string | undefined;
  readonly source: string;
  /** The number of the next event. */
  readonly next: number;
  /** Every event with a smaller number is delivered, or ended otherwise. */
  readonly committed: number;
}

export interface SpoiledNumber {
  readonly number: number;
  readonly reason: string;
}

export interface LanePiecesDeps {
  readonly keeper: Keeper;
  readonly granularity: () => Granularity;
  /** Something of it has changed. */
  changed(pieces: LanePieces): void;
  /** A piece is open. */
  opened(pieces: LanePieces): void;
  /** A piece is ended. */
  ended(pieces: LanePieces): void;
}

export class LanePieces {
  lane: DeliveredLane;
  /** Every event with a smaller number is sealed. */
  sealed: number;
  /** Those that are ended and not sealed, by their first numbers. */
  pieces: SealedPiece[] = [];
  holes: SpoiledNumber[] = [];
  /** Whether it is noted that something has changed since it was kept last. */
  is_changed = false;
  readonly #deps: LanePiecesDeps;
  #builder: PieceBuilder | undefined;
  /** The number after the last event that was hashed. */
  #recorded = 0;

  constructor(lane: DeliveredLane, sealed: number, deps: LanePiecesDeps) {
    this.lane = lane;
    this.sealed = sealed;
    this.#deps = deps;
  }

  /** Hashes an event. What was hashed before and is encoded again, for another output, is passed over. */
  record(number: number, bytes: Buffer, start: number, end: number): void {
    if (number < this.#recorded) return;
    if (this.#builder?.is_full === true || this.#builder?.next !== number) this.cut();
    if (this.#builder === undefined) {
      this.#builder = new PieceBuilder(number, this.#deps.granularity());
      this.#deps.opened(this);
    }
    this.#builder.add(bytes, start, end);
    this.#recorded = number + 1;
    if (!this.is_changed) this.#deps.changed(this);
  }

  spoil(number: number): boolean {
    return number < this.#recorded;
  }

  get is_open(): boolean {
    return this.#builder !== undefined;
  }

  /** Ends the piece that is open. */
  cut(): void {
    const builder = this.#builder;
    if (builder === undefined) return;
    this.#builder = undefined;
    const piece = sealedPiece(this.lane.name, pieceOf(builder.digests()));
    this.add(piece);
    this.#deps.keeper.delete(nameOf.open(this.lane.name));
    if (!this.is_changed) this.#deps.changed(this);
  }

  /** Takes a piece that is ended. */
  add(piece: PieceState): void {
    const { pieces } = this;
    // Nearly always it is the last.
    const at = pieces.findLastIndex(({ first }) => first <= piece.first) + 1;
    if (at === pieces.length) pieces.push(piece);
    else pieces.splice(at, 0, piece);
    this.#deps.keeper.set(nameOf.piece(piece), piece);
    this.#deps.ended(this);
  }

  /** Whether nothing of it is left to be sealed. */
  get is_sealed(): boolean {
    const is_empty = this.pieces.length === 0 && this.holes.length === 0;
    return is_empty && !this.is_open && this.sealed >= this.lane.committed;
  }

  /**
   * Its pieces whose events are all delivered, by their first numbers, as many as have room in a seal: one at least has. Who asks
   * pays for those alone, and not for what is not delivered yet.
   */
  sealable(length_max = Infinity): SealedPiece[] {
    const { committed } = this.lane;
    const ready: SealedPiece[] = [];
    let length = 0;
    for (const piece of this.pieces) {
      const { first, count } = piece;
      if (first >= committed) break;
      if (first + count > committed) continue;
      length += lengthInSeal(piece);
      if (ready.length > 0 && length > length_max) break;
      ready.push(piece);
    }
    return ready;
  }

  /**
   * The number up to which a seal may speak of the lane that takes these of its pieces: up to where each event that was hashed is in
   * a piece that is sealed. What was not hashed, as it went out in raw mode, is only counted.
   */
  sealableTo(taken: readonly SealedPiece[]): number {
    const { committed } = this.lane;
    const all = new Set(taken);
    let next = this.sealed;
    for (const { first, count } of taken) {
      if (first > next && this.#firstLeft(next, first, all) !== undefined) break;
      next = Math.max(next, first + count);
    }
    // Before a piece that is left nothing was hashed.
    const left = next < committed ? this.#firstLeft(next, committed, all) : undefined;
    return left === undefined ? Math.max(next, committed) : Math.max(next, left);
  }

  /** It is sealed up to a number, with these pieces, and the holes below that number. */
  take(next: number, taken: readonly SealedPiece[]): void {
    const { keeper } = this.#deps;
    for (const piece of taken) keeper.delete(nameOf.piece(piece));
    if (taken.length > 0) {
      const last = taken.at(-1)!;
      const end = this.pieces.indexOf(last) + 1;
      const all = new Set(taken);
      const left = this.pieces.slice(0, end).filter((piece) => !all.has(piece));
      this.pieces.splice(0, end, ...left);
    }
    this.sealed = next;
    this.holes = this.holes.filter(({ number }) => number >= next);
    if (!this.is_changed) this.#deps.changed(this);
  }

  /** Where the first piece begins that is not among these, or the open one, and has an event from `from` up to `to`. */
  #firstLeft(from: number, to: number, taken: ReadonlySet<SealedPiece>): number | undefined {
    const open = this.#builder;
    let found = open !== undefined && touches(open, from, to) ? open.first : undefined;
    for (const piece of this.pieces) {
      if (piece.first >= to) break;
      if (taken.has(piece) || !touches(piece, from, to)) continue;
      found = Math.min(piece.first, found ?? Infinity);
      break;
    }
    return found;
  }

  /** Has the state file know all of it. */
  keep(): void {
    const { keeper } = this.#deps;
    this.is_changed = false;
    const { name } = this.lane;
    if (this.is_sealed) return keeper.delete(nameOf.lane(name));
    keeper.set(nameOf.lane(name), this.#state());
    if (this.#builder === undefined) return;
    keeper.set(nameOf.open(name), sealedPiece(name, pieceOf(this.#builder.digests())));
  }

  #state(): LaneState {
    const { id, epoch, input, stream, source, output, index, committed } = this.lane;
    const { sealed, holes } = this;
    return {
      id,
      epoch,
      input,
      stream,
      source,
      output,
      ...(index !== undefined && { index }),
      sealed,
      committed,
      ...(holes.length > 0 && { holes }),
    };
  }
}

function touches(
  { first, count }: { readonly first: number; readonly count: number },
  from: number,
  to: number,
): boolean {
  return first < to && first + count > from;
}

/** About how long a piece is in a seal. */
export function lengthInSeal({ leaves, events = "" }: SealedPiece): number {
  return leaves.length + events.length + 128;
}
