/**
 * What is given out of a stream: the records that its framer found in a piece; and the one that comes of a piece that was cut, or whose
 * content its framer has made and kept.
 */
import { type Origin, type RecordInit, Records } from "../../event/block.ts";
import {
  characterBoundary,
  knownOf,
  knownOfKept,
  unfinishedOf,
  withheld,
} from "../framing/contract/found.ts";
import type { Framed, Framer, FramingState, RecordPositions } from "../framing/contract/framer.ts";
import { ownCopy } from "../../platform/packing/own-copy.ts";
import type { CutRecord, Gathered } from "./pieces.ts";

/** Where records were found. */
interface Place {
  readonly bytes: Buffer;
  readonly positions: RecordPositions;
  readonly origin: Origin;
  readonly piece: Gathered;
}

/** Undefined where there are none. */
export function framedRecords(framed: Framed, place: Place): Records | undefined {
  const { count, end, truncations, made } = framed;
  if (count === 0) return undefined;
  const { bytes, positions, origin, piece } = place;
  const known = knownOf(framed);
  return new Records({
    origin,
    bytes: made?.bytes ?? bytes.subarray(0, end),
    offsets: made?.offsets,
    starts: positions.starts.slice(0, count),
    ends: positions.ends.slice(0, count),
    count,
    offset: piece.offset,
    read_at_ms: piece.read_at_ms,
    ...(truncations && { truncations }),
    ...(known && { known }),
  });
}

/** Undefined where it turned out to be none. */
export function cutRecords(piece: CutRecord, origin: Origin): Records | undefined {
  const { offset, record, read_at_ms } = piece;
  if (record.is_passed_over === true) return undefined;
  const { kept, content_bytes: original_bytes } = record;
  const is_cut = kept === undefined || kept.length < original_bytes;
  if (!is_cut && record.is_blank) return undefined;
  const known = kept === undefined ? knownOfOwn(piece) : knownOfKept(record);
  const bytes =
    kept ?? piece.bytes.subarray(0, characterBoundary(piece.bytes, 0, piece.bytes.length));
  const original_sha256 = record.digest();
  return Records.ofOne(bytes, {
    origin,
    offset,
    read_at_ms,
    ...(is_cut && { truncations: new Map([[0, { original_bytes, original_sha256 }]]) }),
    ...(known && { known: [known] }),
  });
}

function knownOfOwn({ bytes, record, state }: CutRecord): RecordInit | undefined {
  const verdict = record.verdict?.(undefined);
  const header = state === "unfinished" ? unfinishedOf(record.header) : record.header;
  const is_withheld = verdict !== undefined && bytes.length === 0;
  return (verdict || header) && { verdict, header, ...(is_withheld && { kept: withheld }) };
}

/** What is kept of a record that begins so, and is longer than an event may be. */
export function keptOf(
  framer: Framer,
  positions: RecordPositions,
  beginning: Buffer,
  state: FramingState,
): Buffer {
  if (framer.raw_factor === undefined)
    return ownCopy(beginning.subarray(0, positions.event_bytes_max));
  const window = { bytes: beginning, from: 0, is_last: true, state };
  const { made, count } = framer.frame(window, positions);
  if (count === 0) return Buffer.alloc(0);
  const { bytes } = made ?? window;
  return ownCopy(bytes.subarray(positions.starts[0], positions.ends[0]));
}
