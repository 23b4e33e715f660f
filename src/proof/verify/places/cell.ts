/** A cell: the 16 places of a lane from one multiple of 16 to the next, with the events that stand there. */
import { leaf_events } from "../../format/pieces.ts";
import { block_events } from "../../format/place.ts";
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
  readonly texts: (string[] | undefined)[];
  /** How many places still have to come. */
  open: number;
  characters: number;
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
  const texts = Array.from<string[] | undefined>({ length: leaf_events });
  return { lane, block, first, segments, texts, open, characters: 0 };
}

/** Puts a text into its place: a new one, one that differs from what is there, or one that is known already. */
export function addText(cell: Cell, number: number, text: string): "new" | "rival" | "known" {
  const at = number % leaf_events;
  const texts = cell.texts[at];
  if (texts === undefined) {
    cell.texts[at] = [text];
    cell.open -= 1;
    return "new";
  }
  if (texts.includes(text) || texts.length >= rivals_max) return "known";
  texts.push(text);
  return "rival";
}

/** Whether the number is in a piece, and is no hole. */
export function isSealed(block: BlockState, number: number): boolean {
  if (hasBit(block.holes, number % block_events)) return false;
  return block.pieces.some(({ first, end }) => number >= first && number < end);
}

export function cellIn(number: number): number {
  return Math.floor((number % block_events) / leaf_events);
}
