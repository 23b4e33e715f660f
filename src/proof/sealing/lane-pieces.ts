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
    this.pieces.push(piece);
    this.#deps.keeper.set(nameOf.piece(piece), piece);
  }

  /** Whether nothing of it is left to be sealed. */
  get is_sealed(): boolean {
    const is_empty = this.pieces.length === 0 && this.holes.length === 0;
    return is_empty && !this.is_open && this.sealed >= this.lane.committed;
  }

  /** Its pieces whose events are all delivered, by their first numbers. */
  get sealable(): SealedPiece[] {
    const { committed } = this.lane;
    const ready = this.pieces.filter(({ first, count }) => first + count <= committed);
    return ready.sort((one, other) => one.first - other.first);
  }

  /**
   * The number up to which a seal may speak of the lane that takes these of its pieces: up to where each event that was hashed is in
   * a piece that is sealed. What was not hashed, as it went out in raw mode, is only counted.
   */
  sealableTo(taken: readonly SealedPiece[]): number {
    const { committed } = this.lane;
    const all = new Set(taken);
    const left = this.pieces.filter((piece) => !all.has(piece));
    let next = this.sealed;
    for (const { first, count } of taken) {
      if (first > next && this.#isHashed(next, first, left)) break;
      next = Math.max(next, first + count);
    }
    if (next < committed && !this.#isHashed(next, committed, left)) return committed;
    const starts = [...left, ...(this.#builder === undefined ? [] : [this.#builder])]
      .map(({ first }) => first)
      .filter((first) => first > next && first < committed);
    // What is in a piece that is left begins later, and before that nothing was hashed.
    return this.#isHashed(next, next + 1, left)
      ? next
      : Math.min(...starts, Math.max(next, committed));
  }

  /** It is sealed up to a number, with these pieces, and the holes below that number. */
  take(next: number, taken: readonly SealedPiece[]): void {
    const { keeper } = this.#deps;
    const all = new Set(taken);
    for (const piece of taken) keeper.delete(nameOf.piece(piece));
    this.pieces = this.pieces.filter((piece) => !all.has(piece));
    this.sealed = next;
    this.holes = this.holes.filter(({ number }) => number >= next);
    if (!this.is_changed) this.#deps.changed(this);
  }

  /** Whether an event from `from` up to `to` is in a piece of these, or in the open one. */
  #isHashed(from: number, to: number, left: readonly SealedPiece[]): boolean {
    const open = this.#builder === undefined ? [] : [this.#builder];
    return [...left, ...open].some(({ first, count }) => first < to && first + count > from);
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
      ...{ id, epoch, input, stream, source, output },
      ...(index !== undefined && { index }),
      ...{ sealed, committed },
      ...(holes.length > 0 && { holes }),
    };
  }
}
