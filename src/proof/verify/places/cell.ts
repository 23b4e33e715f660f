/** A cell: the 16 places of a lane from one multiple of 16 to the next, with the events that stand there. */
import { leaf_events } from "../../format/pieces.ts";
import type { BlockState } from "./block-state.ts";
import type { LaneState } from "./sealed-lanes.ts";
import type { SealedPiece } from "./sealed-piece.ts";
import type { Slab } from "./slabs.ts";

/** Texts of one place that differ; more of them say no more. */
export const rivals_max = 4;

const no_texts = Array.from<Buffer | undefined>({ length: leaf_events });
const zeros = Array.from({ length: leaf_events }, () => 0);

/** A part of a cell that is one leaf of a piece. */
export interface Segment {
  readonly piece: SealedPiece;
  readonly from: number;
  readonly to: number;
}

/** A cell whose events are in memory. Nothing is made for one event: there are too many of them. */
export interface Cell {
  readonly lane: LaneState;
  readonly block: BlockState;
  /** Its first number. */
  readonly first: number;
  readonly segments: readonly Segment[];
  /** By place: what has the first text that was there, from `starts` to `ends`; undefined where none was. */
  readonly bytes: (Buffer | undefined)[];
  readonly starts: number[];
  readonly ends: number[];
  /** By place: texts that differ from the first. */
  rivals: Map<number, Buffer[]> | undefined;
  /** How many places still have to come. */
  open: number;
  /** The memory that the texts are in, of each text by itself. */
  readonly slabs: Slab[];
}

/** By place: the different texts that are there, the first one first. */
export type CellTexts = readonly (readonly Buffer[] | undefined)[];

/** An empty cell, with what the seals say of it. */
export function makeCell(first: number, lane: LaneState, block: BlockState): Cell {
  const segments = segmentsOf(first, block);
  let open = 0;
  for (let number = first; number < first + leaf_events; number += 1) {
    if (block.isSealed(number)) open += 1;
  }
  return {
    lane,
    block,
    first,
    segments,
    bytes: no_texts.slice(),
    starts: zeros.slice(),
    ends: zeros.slice(),
    rivals: undefined,
    open,
    slabs: [],
  };
}

/** The leaves of the cell that begins at `first`. */
export function segmentsOf(first: number, block: BlockState): Segment[] {
  const segments: Segment[] = [];
  for (const piece of block.pieces) {
    const from = Math.max(first, piece.first);
    const to = Math.min(first + leaf_events, piece.end);
    if (from < to) segments.push({ piece, from, to });
  }
  return segments;
}

/** A text: what of `bytes` is from `start` to `end`. */
export interface Span {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** What a text is in its place: a new one, one that differs from what is there, or one that is known already. */
export function kindOf(
  cell: Cell,
  number: number,
  { bytes: text_bytes, start: text_start, end: text_end }: Span,
): "new" | "rival" | "known" {
  const at = number % leaf_events;
  const bytes = cell.bytes[at];
  if (bytes === undefined) return "new";
  const [start, end] = [cell.starts[at]!, cell.ends[at]!];
  if (bytes.compare(text_bytes, text_start, text_end, start, end) === 0) return "known";
  const text = text_bytes.subarray(text_start, text_end);
  const rivals = cell.rivals?.get(at) ?? [];
  const is_known = rivals.length + 1 >= rivals_max || rivals.some((each) => each.equals(text));
  return is_known ? "known" : "rival";
}

/** Puts a text into its place that is not known there: what of `bytes`, which are to stay, is from `start` to `end`. */
export function addText(
  cell: Cell,
  number: number,
  bytes: Buffer,
  [start, end]: readonly [number, number],
): void {
  const at = number % leaf_events;
  if (cell.bytes[at] !== undefined) {
    cell.rivals ??= new Map();
    cell.rivals.set(at, [...(cell.rivals.get(at) ?? []), bytes.subarray(start, end)]);
    return;
  }
  cell.bytes[at] = bytes;
  cell.starts[at] = start;
  cell.ends[at] = end;
  cell.open -= 1;
}

export function textsOf({ bytes, starts, ends, rivals }: Cell): CellTexts {
  return bytes.map((each, at) => {
    if (each === undefined) return undefined;
    return [each.subarray(starts[at], ends[at]), ...(rivals?.get(at) ?? [])];
  });
}
