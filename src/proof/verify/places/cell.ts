/** A cell: the 16 places of a lane from one multiple of 16 to the next, with the events that stand there. */
import { leaf_events } from "../../format/pieces.ts";
import { block_events } from "../../format/place.ts";
import type { Slab } from "./slabs.ts";
import { hasBit, type BlockState, type LaneState, type SealedPieceState } from "./sealed-lanes.ts";

/** Copies with other bytes of one event; more of them say no more. */
const rivals_max = 4;

/** A part of a cell that is one leaf of a piece. */
export interface Segment {
  readonly piece: SealedPieceState;
  readonly from: number;
  readonly to: number;
}

/** A cell whose events are in memory. */
export interface Cell {
  readonly lane: LaneState;
  readonly block: BlockState;
  /** Its first number. */
  readonly first: number;
  readonly segments: readonly Segment[];
  /** By place: the different texts that were there. */
  readonly texts: (Buffer[] | undefined)[];
  /** How many places still have to come. */
  open: number;
  /** The memory that the texts are in, of each text by itself. */
  readonly slabs: Slab[];
}

/** An empty cell, with what the seals say of it. */
export function makeCell(first: number, lane: LaneState, block: BlockState): Cell {
  const segments: Segment[] = [];
  let open = 0;
  for (const piece of block.pieces) {
    const from = Math.max(first, piece.first);
    const to = Math.min(first + leaf_events, piece.end);
    if (from < to) segments.push({ piece, from, to });
  }
  for (let number = first; number < first + leaf_events; number += 1) {
    if (isSealed(block, number)) open += 1;
  }
  const texts = Array.from<Buffer[] | undefined>({ length: leaf_events });
  return { lane, block, first, segments, texts, open, slabs: [] };
}

/** What a text is in its place: a new one, one that differs from what is there, or one that is known already. */
export function kindOf(cell: Cell, number: number, text: Buffer): "new" | "rival" | "known" {
  const texts = cell.texts[number % leaf_events];
  if (texts === undefined) return "new";
  if (texts.length >= rivals_max || texts.some((each) => each.equals(text))) return "known";
  return "rival";
}

/** Puts a text into its place that is not known there. Its bytes are to stay. */
export function addText(cell: Cell, number: number, text: Buffer): void {
  const at = number % leaf_events;
  const texts = cell.texts[at];
  if (texts !== undefined) {
    texts.push(text);
    return;
  }
  cell.texts[at] = [text];
  cell.open -= 1;
}

/** Whether the number is in a piece, and is no hole. */
export function isSealed(block: BlockState, number: number): boolean {
  if (hasBit(block.holes, number % block_events)) return false;
  for (const { first, end } of block.pieces) if (number >= first && number < end) return true;
  return false;
}

export function cellIn(number: number): number {
  return Math.floor((number % block_events) / leaf_events);
}
