/**
 * What has been gathered of a stream and not been given out: buffers of records, and records that are cut.
 */
import type { FramingState, LongRecord, RecordScan } from "../framing/contract/framer.ts";

/** What a piece is made for at least, so that a client that writes byte by byte does not make it grow each time. */
const piece_bytes_min = 4096;

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
  /** Whether nothing has come in behind it for as long as the framer asks about. */
  is_quiet?: boolean;
  /** Where the framing stands at its beginning, if that is not where it stands behind what was given out. */
  readonly entry?: { readonly state: FramingState };
  /** Where the framing stands behind it, if something else follows it that is no part of it. */
  behind?: { readonly state: FramingState };
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

/**
 * Whether what comes in at `offset` of the stream goes on with the piece. What was passed over at a piece's end is not in
 * it, so that what follows has another place in the stream.
 */
export function goesOn(piece: Gathered | CutRecord | undefined, offset: number): piece is Gathered {
  if (piece?.kind !== "gathered" || piece.behind !== undefined) return false;
  return piece.offset + piece.length === offset;
}

/** Bytes in pieces that were not given out. */
export function unreadBytesOf(pieces: readonly (Gathered | CutRecord)[]): number {
  const bytes = pieces.map((piece) =>
    piece.kind === "cut" ? piece.record.content_bytes : piece.length - piece.from,
  );
  return bytes.reduce((sum, each) => sum + each, 0);
}

/** Has the framer give out what it holds back of a piece, and what the scan says has ended by that nothing more came. */
export function endQuietly(piece: Gathered, scan: RecordScan): void {
  if (scan.endsQuietly === undefined) {
    piece.whole = piece.ended;
    piece.is_quiet = true;
  } else if (scan.endsQuietly()) {
    piece.whole = piece.length;
    piece.behind = { state: scan.state };
  }
}

/** Makes room in a piece for so many bytes in all, and says how much memory that took. */
export function grow(piece: Gathered, length: number): number {
  if (length <= piece.bytes.length) return 0;
  const bytes = Buffer.allocUnsafeSlow(Math.max(length, 2 * piece.length, piece_bytes_min));
  piece.bytes.copy(bytes, 0, 0, piece.length);
  const more_bytes = bytes.length - piece.bytes.length;
  piece.bytes = bytes;
  return more_bytes;
}
