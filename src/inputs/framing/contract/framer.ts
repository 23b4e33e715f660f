/**
 * The contract of framings: how bytes become records.
 *
 * A framer finds records and never copies a byte. It has no state of its own: what has to be remembered between two
 * calls is a value that it gives out, and gets back with the bytes that follow. So the state can stand in a checkpoint, and
 * whoever goes back in the bytes goes back to the state that belongs there.
 *
 * Whoever reads owns the bytes: how many are held, where they stand in the file or stream, and whether more will follow.
 */
import type { z } from "zod";
import type { RecordHeader, Truncation } from "../../../event/block.ts";
import type { Verdict } from "../../../event/event.ts";

/**
 * Where in a document or group of records the bytes that follow stand; undefined at the beginning, and where each record
 * stands for itself. It is written to the state file: small, and never anything of a record's content.
 */
export type FramingState = z.core.util.JSONType | undefined;

/** Bytes in which records are looked for. */
export interface Window {
  readonly bytes: Buffer;
  /** Index of the first byte that is looked at. */
  readonly from: number;
  /** Whether nothing comes after these bytes, so that what is left at their end is a record, too. */
  readonly is_last: boolean;
  /**
   * Whether nothing has come after these bytes for as long as `flush_after_ms` of the framer, so that a group of ended records
   * at their end is whole. More may come.
   */
  readonly is_quiet?: boolean;
  /** Whether a scan has found that a record ends where these bytes end, though that may show only by what follows. */
  readonly is_whole?: boolean;
  /** As it was given out for `from`. */
  readonly state: FramingState;
  /** With `is_whole`, where the scan has found that the bytes behind these stand. */
  readonly behind?: FramingState;
  /** As it was given out with `state`, where the same bytes are shown again with more behind them. */
  readonly followed?: unknown;
}

/** Where the records are, by number. The arrays' length is the most records that are looked for at once. */
export interface RecordPositions {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Bytes of a record beyond which it is cut. */
  readonly event_bytes_max: number;
}

/** Records whose bytes are not those of a window, but made of them: joined, unescaped or decoded. */
export interface MadeContent {
  /** To which the records' positions belong. */
  readonly bytes: Buffer;
  /** By record number, the index in the window at which it begins. */
  readonly offsets: readonly number[];
}

/** What was found in a window. */
export interface Framed {
  /** Records found. */
  count: number;
  /** Index after the last byte that is done with: where the content of an unfinished record begins, or the end. */
  end: number;
  /** For `end`. */
  state: FramingState;
  /** NUL bytes passed over. */
  nul_bytes: number;
  /** By record number, for those that were cut. */
  truncations: Map<number, Truncation> | undefined;
  /** By record number, for those that are no records: they end with this, and do not go through the chain. */
  verdicts: Map<number, Verdict> | undefined;
  /** By record number, those of which no content may be kept, not in quarantine either. */
  withheld?: ReadonlySet<number> | undefined;
  /** By record number, for those that had a header. */
  headers: Map<number, RecordHeader> | undefined;
  /** Where the records are not the window's own bytes. */
  made: MadeContent | undefined;
  /** Whether text of another encoding was found in records, and replaced. */
  is_mixed?: boolean;
  /** Whether the last record is what was left at the end of everything. */
  is_unfinished: boolean;
  /** Members of documents that were passed over, as they are around the records. */
  members: number;
  /**
   * What is known of the unfinished record at `end`, so that its bytes need not be looked at again. It is kept in memory,
   * and only as long as nothing but more bytes comes.
   */
  followed: unknown;
}

/** Finds the records in bytes that are all there. */
export interface WholeFramer {
  /** Finds whole records from `from` on, as many as `positions` can hold, and leaves an unfinished one alone. */
  frame(window: Window, positions: RecordPositions): Framed;
}

/** Finds the records of a file or stream, of which a part is there at a time. */
export interface Framer extends WholeFramer {
  /**
   * The framing's name, followed by those of its options that change what a state means. It stands beside each state in
   * the state file: only a framer with the same one goes on with that state.
   */
  readonly id: string;
  /** Whether a value, from the state file and so of any content, is a state that it can go on with. */
  isState(value: z.core.util.JSONType): boolean;
  /**
   * Most bytes that end a record, or show that it has ended, where that is more than two: so many less one may be there of an
   * end that is not there as a whole.
   */
  readonly end_bytes_max?: number;
  /**
   * For a framer whose records are not all that stands between their ends, as it makes their content or takes a header off:
   * how many bytes of a file or stream are taken together for each byte that an event may have. What is longer is cut.
   */
  readonly raw_factor?: number;
  /**
   * Bytes of a file that have to be seen together, so that a record of several lines is seen with the line that shows its end.
   * Undefined where records can be found in any window.
   */
  readonly window_bytes?: number;
  /** Whether what it reads is in UTF-8, whoever writes it. */
  readonly is_utf8?: boolean;
  /** Whether the user says that NUL bytes end records, so that they are no sign of UTF-16. */
  readonly ends_with_nuls?: boolean;
  /** How long nothing must have come for `is_quiet`, in milliseconds; undefined where it says nothing to the framer. */
  readonly flush_after_ms?: number;
  /**
   * The state where nobody knows where the bytes stand, as after another framing. Undefined where it begins with a record
   * all the same, which may be a part of one.
   */
  readonly lost?: FramingState;
  /**
   * Where the content of an unfinished record begins, from `from` on: after what is passed over before a record. The
   * bytes' length where nothing else is there.
   */
  contentStart(bytes: Buffer, from: number, state: FramingState): number;
  /** Where the content of a record begins that has a header at `from`, and the state there; undefined without a header. */
  headerAt?(
    bytes: Buffer,
    from: number,
    state: FramingState,
  ): { readonly content: number; readonly state: FramingState } | undefined;
  /**
   * Index after the last byte that certainly ends a record, whatever came before these bytes; 0 where there is none. Reading
   * may begin there, in the middle of a file.
   */
  lastEnd(bytes: Buffer): number;
  /** Follows a stream from where the state is this one. */
  scan(state: FramingState): RecordScan;
  /**
   * Follows a record that is longer than what is held of it. `state` is the one at the beginning of its content. Of content
   * that the framer makes, no more is kept than `kept_bytes_max`.
   */
  long(state: FramingState, kept_bytes_max: number): LongRecord;
  /**
   * For a framing in which a record may go on in the file that takes the place of one: where that begins, if the state in the
   * one before it is this one. `known` is what is known of an unfinished record there: `followed`, or the long record.
   */
  inherited?(state: FramingState, known: unknown): FramingState;
}

/** Says of each chunk of a stream how far it has whole records, with one look at each byte. */
export interface RecordScan {
  /** For the end that was found last. */
  readonly state: FramingState;
  /**
   * Takes the next chunk. Returns the index in it after the last byte that ends a record: 0 where only this chunk shows that
   * one ended before it, and -1 where none has.
   */
  push(chunk: Buffer): number;
  /** Where `push` gave 0, how many bytes before the chunk the record ended, if not right there. */
  readonly bytes_before?: number;
  /** Takes note that nothing has come for a while, and says whether that ends a record where the bytes end. */
  endsQuietly?(): boolean;
}

/** A record of which only the beginning is kept: it is measured and hashed piece by piece, to its end. */
export interface LongRecord {
  /** Bytes of its content so far; made content, if the framer makes it. */
  readonly content_bytes: number;
  /** Whether its end was found. */
  readonly is_ended: boolean;
  /** Whether it is no record, for all that was seen of it. */
  readonly is_blank: boolean;
  /** Whether it surrounds records, and is none itself, however long. */
  readonly is_passed_over?: boolean;
  /** Members of documents that were passed over with it. */
  readonly members?: number;
  /** Bytes of the smallest character, where that is more than one. NUL bytes that are a part of one are no hole. */
  readonly unit_bytes?: number;
  /** For what follows it, when its end was found. */
  readonly state: FramingState;
  /** Takes the bytes that follow, up to the record's end if it is among them, and says how many it took. */
  push(bytes: Buffer): number;
  /** Whether it ends where its bytes end, as nothing has come for a while. */
  endsQuietly?(): boolean;
  /** Whether so many NUL bytes would end it, if they were what follows; where it is missing, they never do. */
  endsInNuls?(count: number): boolean;
  /** SHA-256 of its content, in hex. Call it once, at the end. */
  digest(): string;
  /** For a framer that makes the content: what is given out of it, or would be if nothing more came. */
  readonly kept?: Buffer;
  /** Memory that it holds, where that is not little. */
  readonly held_bytes?: number;
  /** What its header said, and what else is known of it beside its content. */
  readonly header?: RecordHeader | undefined;
  /** What began before its end and was not given out, where there is such. */
  readonly beside?: RecordsBeside | undefined;
  /** Why it is no record, where it is none. `whole` is its content, where all of that is there. Call it at the end. */
  verdict?(whole: Buffer | undefined): Verdict | undefined;
}

/** Bytes of other records that stand between the first and the last byte of a long one. */
export interface RecordsBeside {
  /** For a stream: they are framed with what follows, from the long record's `state` on. */
  readonly bytes: Buffer;
  /** For a file: reading goes on so many bytes before the long record's end, with this state. */
  readonly back_bytes: number;
  readonly state: FramingState;
}
