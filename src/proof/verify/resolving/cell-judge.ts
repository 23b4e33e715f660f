/**
 * Judges cells that are not simply good, with all copies of their events at once: what is missing, what was altered, and which
 * leaves may hold an event that belongs elsewhere.
 */
import { eventLocator, leaf_events } from "../../format/pieces.ts";
import type { Span } from "../findings/finding.ts";
import type { RangeRoom } from "../findings/ranges.ts";
import type { BlockState } from "../places/block-state.ts";
import { segmentsOf, type CellTexts, type Segment } from "../places/cell.ts";
import type { BrokenPiece } from "../places/cells.ts";
import type { Stray } from "../places/first-look.ts";
import { compactJson, type LeafDigest } from "../places/leaf-digest.ts";
import type { LaneState } from "../places/sealed-lanes.ts";
import type { SealedPiece } from "../places/sealed-piece.ts";
import { LaneFaults } from "./lane-faults.ts";

/** Where events have several texts, so many combinations are tried. */
const combinations_max = 4096;
const suspects_max = 256;
/** How many bytes are hashed for combinations, in the whole export: who inserts events must not make it take hours. */
const tried_bytes_max = 2 ** 33;

/** A leaf that does not hold: an event in it was altered, or belongs elsewhere. */
export interface SuspectLeaf extends Segment {
  readonly lane: LaneState;
  /** By place: one text, or several, or none where the event is missing. */
  readonly texts: readonly (readonly Buffer[])[];
}

/** One event that is not what was sealed, or is missing; where the seal names single events. */
export interface SuspectEvent {
  readonly lane: LaneState;
  readonly piece: SealedPiece;
  readonly number: number;
  /** Empty where it is missing. */
  readonly texts: readonly Buffer[];
}

/** A text that is not the only one of its place. */
export interface Rival extends Stray {
  readonly span: Span;
}

/** A cell with all texts of its events. */
export interface CellWithTexts {
  readonly lane: LaneState;
  readonly block: BlockState;
  /** Its first number. */
  readonly first: number;
  readonly texts: CellTexts;
}

export interface JudgeOptions {
  readonly is_json_equal: boolean;
  readonly retained_from?: number | undefined;
  readonly room: RangeRoom;
}

export class CellJudge {
  readonly #digest: LeafDigest;
  readonly #is_json_equal: boolean;
  readonly #retained_from: number | undefined;
  readonly #room: RangeRoom;
  readonly #effort = new HashingEffort(tried_bytes_max);
  readonly faults = new Map<LaneState, LaneFaults>();
  readonly leaves: SuspectLeaf[] = [];
  readonly events: SuspectEvent[] = [];
  /** Texts that are not the right ones of their place. */
  readonly strays: Rival[] = [];
  readonly broken: BrokenPiece[] = [];

  constructor(digest: LeafDigest, { is_json_equal, retained_from, room }: JudgeOptions) {
    this.#digest = digest;
    this.#is_json_equal = is_json_equal;
    this.#retained_from = retained_from;
    this.#room = room;
  }

  faultsOf(lane: LaneState): LaneFaults {
    let faults = this.faults.get(lane);
    if (faults === undefined) {
      faults = new LaneFaults(this.#room, this.#retained_from);
      this.faults.set(lane, faults);
    }
    return faults;
  }

  judge(cell: CellWithTexts): void {
    const { lane, block, first, texts } = cell;
    for (const each of texts) {
      if (each !== undefined) this.faultsOf(lane).rivals += each.length - 1;
    }
    const known = new Map<number, Buffer>();
    const segments = segmentsOf(first, block);
    for (const segment of segments) this.#judgeSegment(cell, segment, known);
    this.#judgeRivals(cell, segments, known);
    block.is_changed = true;
  }

  #judgeSegment(
    { lane, block, texts: all }: CellWithTexts,
    segment: Segment,
    known: Map<number, Buffer>,
  ): void {
    const { piece, from, to } = segment;
    const texts: (readonly Buffer[])[] = [];
    const absent: number[] = [];
    let holes = 0;
    for (let number = from; number < to; number += 1) {
      const here = all[number % leaf_events] ?? [];
      texts.push(here);
      if (block.isHole(number)) holes += 1;
      else if (here.length === 0) absent.push(number);
    }
    const suspect = { ...segment, lane, texts };
    if (absent.length === 0 && holes === 0) {
      const found = matchingTexts(texts, { piece, from, digest: this.#digest }, this.#effort);
      if (found !== undefined) {
        for (const [at, text] of found.texts.entries()) known.set(from + at, text);
        const is_whole = piece.settle(piece.leafAt(from), found.digest);
        if (is_whole === false && this.broken.length < suspects_max)
          this.broken.push({ lane, piece });
        return;
      }
      if (!piece.names_events) return this.#suspectLeaf(suspect);
    }
    if (piece.names_events) return this.#judgeEvents(suspect, block, known);
    const missing = absent.filter((number) => !lane.isOptional(number));
    const faults = this.faultsOf(lane);
    faults.unproven += texts.filter((each) => each.length > 0).length;
    if (missing.length === 1 && absent.length === 1 && holes === 0)
      return this.#suspectLeaf(suspect);
    for (const number of missing) faults.addMissing(number, piece.span);
  }

  /** Where the seal names single events, each is judged by itself. */
  #judgeEvents(
    { lane, piece, from, to, texts }: SuspectLeaf,
    block: BlockState,
    known: Map<number, Buffer>,
  ): void {
    for (let number = from; number < to; number += 1) {
      const here = texts[number - from]!;
      const right = here.find((text) => this.#isEvent(piece, number, text));
      if (right !== undefined) known.set(number, right);
      else if (here.length > 0 || (block.isSealed(number) && !lane.isOptional(number))) {
        this.#suspectEvent({ lane, piece, number, texts: here });
      }
    }
  }

  #isEvent(piece: SealedPiece, number: number, text: Buffer): boolean {
    if (piece.isEvent(number, eventLocator(text)) === true) return true;
    if (!this.#is_json_equal) return false;
    return piece.isEvent(number, eventLocator(compactJson(text))) === true;
  }

  /** Places with more than one text: one of them is right, or it is not known which. */
  #judgeRivals(
    { lane, first, texts: all }: CellWithTexts,
    segments: readonly Segment[],
    known: ReadonlyMap<number, Buffer>,
  ): void {
    for (const [at, texts] of all.entries()) {
      if (texts === undefined || texts.length < 2) continue;
      const number = first + at;
      const right = known.get(number);
      const others = texts.filter((text) => text !== right);
      const { span } = segments.find(({ from, to }) => number >= from && number < to)!.piece;
      for (const text of others) this.#addStray({ lane, number, text, span });
    }
  }

  #addStray({ lane, number, text, span }: Omit<Rival, "lane"> & { lane: LaneState }): void {
    if (this.strays.length < suspects_max)
      this.strays.push({ lane: lane.lane, number, text, span });
    else this.faultsOf(lane).doubled.add(number, number + 1, span);
  }

  /** Beyond the bound it is not asked whether its events belong elsewhere. */
  #suspectLeaf(leaf: SuspectLeaf): void {
    if (this.leaves.length < suspects_max) this.leaves.push(leaf);
    else addFault(this.faultsOf(leaf.lane), leaf);
  }

  #suspectEvent(event: SuspectEvent): void {
    if (this.events.length < suspects_max * leaf_events) this.events.push(event);
    else addEventFault(this.faultsOf(event.lane), event);
  }
}

/** What a leaf means that nothing explains: an event is missing, or one of its events was altered. */
export function addFault(faults: LaneFaults, { piece, from, to, texts }: SuspectLeaf): void {
  const absent = texts.findIndex((each) => each.length === 0);
  if (absent === -1) faults.altered.add(from, to, piece.span);
  else faults.addMissing(from + absent, piece.span);
}

export function addEventFault(faults: LaneFaults, { piece, number, texts }: SuspectEvent): void {
  if (texts.length === 0) faults.addMissing(number, piece.span);
  else faults.altered.add(number, number + 1, piece.span);
}

interface LeafAsked {
  readonly piece: SealedPiece;
  /** The first number of the leaf. */
  readonly from: number;
  readonly digest: LeafDigest;
}

/** How many bytes may still be hashed only to try. */
export class HashingEffort {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Takes as many; says whether they were left. */
  take(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left > 0;
  }
}

/** Of each place's texts the one with which the leaf is what was sealed; undefined where there are none, or the effort is spent. */
export function matchingTexts(
  places: readonly (readonly Buffer[])[],
  { piece, from, digest }: LeafAsked,
  effort: HashingEffort,
): { texts: Buffer[]; digest: Buffer } | undefined {
  const total = places.reduce((product, each) => product * each.length, 1);
  for (let choice = 0; choice < Math.min(total, combinations_max); choice += 1) {
    let rest = choice;
    const texts = places.map((each) => {
      const text = each[rest % each.length]!;
      rest = Math.floor(rest / each.length);
      return text;
    });
    // The first choice is no attempt: each leaf has it.
    if (choice > 0 && !effort.take(lengthOf(texts))) return undefined;
    const found = digest.matching(texts, piece, piece.leafAt(from));
    if (found !== undefined) return { texts, digest: found };
  }
  return undefined;
}

function lengthOf(texts: readonly Buffer[]): number {
  return texts.reduce((sum, each) => sum + each.length, leaf_events);
}
