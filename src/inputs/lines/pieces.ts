/**
 * What has been gathered of a stream and not been given out: buffers of records, and records that are cut.
 */
import type {
  Framer,
  FramingState,
  LongRecord,
  RecordPositions,
} from "../framing/contract/framer.ts";

/** One buffer of records. */
export interface Gathered {
  readonly kind: "gathered";
  bytes: Buffer;
  length: number;
  /** Where the records begin that were not given out. */
  from: number;
  /** After the end of the last record that has one, or where those begin that the framer left for what follows. */
  whole: number;
  /** After the end that the scan found last. */
  ended: number;
  /** Where the framing stands at its beginning, if that is not where it stands behind what was given out. */
  readonly entry?: { readonly state: FramingState };
  /** Of `bytes[0]` in the stream. */
  readonly offset: number;
  /** When the last of it came in. */
  read_at_ms: number;
}

/** The beginning of a record that is too long, and what is known of all of it. */
export interface CutRecord {
  readonly kind: "cut";
  readonly bytes: Buffer;
  readonly record: LongRecord;
  readonly offset: number;
  read_at_ms: number;
  state: "open" | "ended" | "unfinished";
}

/** Where the framing stands at `from` in a piece; `state` is where it stands behind the record before that. */
export function stateIn({ entry }: Gathered, from: number, state: FramingState): FramingState {
  return from === 0 && entry !== undefined ? entry.state : state;
}

/** A copy with memory of its own, so that it keeps no larger buffer alive. */
export function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/** What is kept of a record that begins so, and is longer than an event may be. */
export function keptOf(
  beginning: Buffer,
  state: FramingState,
  framer: Framer,
  positions: RecordPositions,
): Buffer {
  if (framer.raw_factor === undefined)
    return copyOf(beginning.subarray(0, positions.event_bytes_max));
  const window = { bytes: beginning, from: 0, is_last: true, state };
  const { made, count } = framer.frame(window, positions);
  if (count === 0) return Buffer.alloc(0);
  const { bytes } = made ?? window;
  return copyOf(bytes.subarray(positions.starts[0], positions.ends[0]));
}
