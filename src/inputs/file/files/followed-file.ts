/**
 * One file that is followed: its stream in the ledger, how far it is read, and where it is now.
 *
 *     0            offset - tail       offset            the file's end
 *     |--- consumed --[---- tail ----]|--- not yet read ---|
 *
 * `offset` is always at the start of a record. The tail is read again with every read and compared, see content.ts.
 */
import type { Origin } from "../../../event/block.ts";
import type { StreamLedger } from "../../../ledger/stream-ledger.ts";
import type { Encoding } from "../../framing/decoding/encodings.ts";
import type { Misfit } from "../../framing/fitting.ts";
import type { Look } from "../discovery/file-access.ts";
import {
  head_bytes_max,
  headOf,
  headsOf,
  type FileCheckpoint,
  type FileIdentity,
  type Fingerprint,
  type FramingMark,
} from "./identity.ts";
import type { Packed } from "../unpacking/packed.ts";
import type { FileState } from "./file-state.ts";
import type { ScannedRecord } from "./scanned-record.ts";
import { SizeMarks } from "./size-marks.ts";

/** Positions kept by which a copy is recognised. Older ones are thinned out. */
const trail_length_max = 16;
/** Places kept at which the content is compared. */
const samples_max = 2;

/** What follows for a file from how long it has been unchanged. */
export interface Quiet {
  /** Of the `grown_at_ms` for which it was found: it holds as long as that is the same. */
  readonly since_ms: number;
  /** Whether a group of ended records at its end is whole. */
  readonly is_group_whole: boolean;
  /** What becomes of a record at its end that has none: it is left, or shipped, or only where it is a whole document. */
  readonly unfinished: "left" | "shipped_if_whole" | "shipped";
}

export class FollowedFile {
  readonly stream: StreamLedger;
  readonly identity: FileIdentity;
  /** What its events carry. */
  origin: Origin;
  /** Where it really was when it was found first: the place that rotation starts from. */
  readonly origin_place: string;
  state: FileState;
  /** The path that leads to it now; undefined for a deleted file. */
  path: string | undefined;
  descriptor: number | undefined;
  /** How far it is read, and the bytes before that. */
  checkpoint: FileCheckpoint;
  /** Checkpoints passed so far, the latest last: proof for what a copy of this file begins with. */
  trail: FileCheckpoint[];
  /** The record at the offset, where it is longer than a chunk. */
  long: ScannedRecord | undefined;
  /** What the framing knows of the unfinished record at the offset. */
  followed: unknown;
  /** NUL bytes from `offset` on that were seen and wait for what follows them. */
  hole_bytes = 0;
  /** What it is read as; undefined while that is not known. */
  encoding: Encoding | undefined;
  /** Whose framer read it in another encoding, and up to where. */
  former_framer: { readonly id: string; readonly offset: number } | undefined;
  /** Whether there are records in it in another encoding than its own. */
  is_mixed = false;
  /** What was logged of these. */
  reported_encoding: Encoding | undefined;
  is_mixture_reported = false;
  /** What it is instead, where its beginning has no records of the framing. */
  misfit: Misfit | undefined;
  /** NUL bytes passed over so far. */
  nul_bytes = 0;
  /** Members of documents passed over so far. */
  members = 0;
  /** Whether the last read came to the file's end. */
  at_end = false;
  /** Bytes at the file's end, when a read came to it last, of a record that has no end. */
  unfinished_bytes = 0;
  /** As a survey found it last. */
  found_quiet: Quiet | undefined;
  /** Where the file ended when a read came to its end last. */
  end_bytes = 0;
  /** Whether it is to be shipped to its last byte at the next turn. */
  finishing = false;
  /** Set by whoever sees a change; cleared when a turn begins. */
  dirty = false;
  /** Whether a turn is in progress. */
  busy = false;
  /** When its last turn began, on the monotonic clock. */
  read_at_ms: number;
  /** Looks that were begun before this know less than is known; and the size that the last one found. */
  looked_at_ms = 0;
  looked_size: number | undefined;
  /** Whether the last look found the time of change to be another, and nothing to read. */
  is_touched = false;
  /** Whether that was logged. */
  is_touch_reported = false;
  /** The offset at which it began: all that is before that was there by then. */
  read_from = 0;
  /** When the turn began that compared the head last. */
  compared_at_ms = 0;
  /** When its last turn had read, on the monotonic clock: what is known of it is from before, but for later looks. */
  read_end_ms: number;
  /** Whether, while a turn was in progress, it was seen to have other content than what was read of it. */
  was_rewritten = false;
  /** Where the file ended when it was found to be shorter than before, though longer than what was read of it. */
  cut_at: number | undefined;
  /** When its size or time of change was last seen to change, on the monotonic clock. */
  grown_at_ms: number;
  /** The file whose place this one took. */
  predecessor: FollowedFile | undefined;
  /** What the system last said, such as EACCES, while it cannot be read. */
  trouble: string | undefined;
  /** Looks in a row that did not find it. */
  missed = 0;
  /** Of a compressed file: its size, and how much of that is decompressed. */
  packed_size = 0;
  packed_read_bytes = 0;
  readonly sizes = new SizeMarks();

  constructor(found: {
    stream: StreamLedger;
    identity: FileIdentity;
    origin: Origin;
    origin_place: string;
    checkpoint: FileCheckpoint;
    state: FileState;
    now_ms: number;
  }) {
    this.state = found.state;
    this.stream = found.stream;
    this.identity = found.identity;
    this.origin = found.origin;
    this.origin_place = found.origin_place;
    this.checkpoint = found.checkpoint;
    this.trail = found.checkpoint.offset > 0 ? [found.checkpoint] : [];
    this.read_at_ms = found.now_ms;
    this.read_end_ms = found.now_ms;
    this.grown_at_ms = found.now_ms;
    this.sizes.note(found.identity.size, found.identity.mtime_ms);
    this.packed_size = found.identity.packed?.size ?? 0;
  }

  get offset(): number {
    return this.checkpoint.offset;
  }

  /** Bytes known to exist and not read. */
  get unread_bytes(): number {
    return Math.max(0, this.identity.size - this.offset);
  }

  /** The size that it certainly had while its content was what was read of it. */
  get proven_size(): number {
    return this.identity.proven_size ?? this.identity.size;
  }

  /** What follows from how long it has been unchanged; undefined where that is not long, or nothing. */
  get quiet(): Quiet | undefined {
    const { found_quiet } = this;
    return found_quiet?.since_ms === this.grown_at_ms ? found_quiet : undefined;
  }

  /** Whether the roster wants it to be read. */
  get readable(): boolean {
    return this.state === "live" || this.state === "leaving";
  }

  /** Whether a look was begun too early to say more than is known; of the same instant as a read it may have been. */
  isOutdated({ at_ms }: Look): boolean {
    return at_ms <= this.read_at_ms || at_ms < this.looked_at_ms;
  }

  /** Moves to `offset`, before which the bytes of `tail` are, and gives the checkpoint there. */
  moveTo(offset: number, tail: Fingerprint, framing: FramingMark | undefined): FileCheckpoint {
    const checkpoint = { offset, tail, ...(framing !== undefined && { framing }) };
    this.checkpoint = checkpoint;
    this.long = undefined;
    this.followed = undefined;
    this.hole_bytes = 0;
    if (this.trail.length === trail_length_max)
      this.trail = this.trail.filter((_, index) => index % 2 === 1);
    this.trail.push(checkpoint);
    return checkpoint;
  }

  /** Bytes at its beginning that are fingerprinted. */
  get head_bytes(): number {
    return this.identity.heads.at(-1)?.length ?? 0;
  }

  /** Takes note of the file's first bytes, so that the fingerprint of a short file grows with it. */
  noteHead(bytes: Buffer): void {
    if (this.head_bytes === head_bytes_max || bytes.length <= this.head_bytes) return;
    const head = headOf(bytes.subarray(0, head_bytes_max));
    if (head.length > this.head_bytes) this.setHead(head);
  }

  setHead(head: Buffer): void {
    const heads = headsOf(head);
    if (heads.at(-1)?.sha256 === this.identity.heads.at(-1)?.sha256) return;
    this.identity.heads = heads;
    this.stream.identityChanged();
  }

  /** Keeps what is before the `end` of a sample, the further apart the longer the file: at most a few are kept. */
  noteSample(sample: FileCheckpoint): void {
    const { identity } = this;
    identity.samples = [...identity.samples, sample].slice(-samples_max);
    this.stream.identityChanged();
  }

  /** Takes note that the content is what was read, while the file had this size. */
  prove(size: number): void {
    const { identity } = this;
    if (size <= identity.size && size <= (identity.proven_size ?? -1)) return;
    identity.size = Math.max(identity.size, size);
    identity.proven_size = Math.max(identity.proven_size ?? 0, size);
    this.stream.identityNoted();
  }

  /**
   * Takes note of a look at the file, and says whether there is something to read or to find out. A look may be
   * older than the last read, so a smaller size is for the next read to settle.
   */
  note(look: Look, now_ms: number): boolean {
    const { identity } = this;
    if (this.isOutdated(look)) return false;
    this.looked_at_ms = look.at_ms;
    if (identity.packed !== undefined) return this.#notePacked(look, now_ms);
    const is_same_size = look.size === this.looked_size;
    this.looked_size = look.size;
    if (look.size === identity.size && look.mtime_ms === identity.mtime_ms) return false;
    this.is_touched = is_same_size && look.size === this.offset;
    if (look.size > identity.size) identity.size = look.size;
    identity.mtime_ms = look.mtime_ms;
    this.grown_at_ms = now_ms;
    this.sizes.note(identity.size, look.mtime_ms);
    this.stream.identityNoted();
    return true;
  }

  /** Of a compressed file the size says nothing of the content. */
  #notePacked(look: Look, now_ms: number): boolean {
    const { identity } = this;
    if (look.size === this.packed_size && look.mtime_ms === identity.mtime_ms) return false;
    this.packed_size = look.size;
    identity.mtime_ms = look.mtime_ms;
    this.grown_at_ms = now_ms;
    this.stream.identityNoted();
    return true;
  }

  /** Whether it is compressed, and a part of it could not be read: one in its place may be whole, and is read from its beginning. */
  get is_damaged(): boolean {
    return (this.identity.packed?.lost_to ?? 0) > 0;
  }

  /** The size of the content of the file that was looked at; of a compressed one what is known of it. */
  sizeOf(look: Look): number {
    return this.identity.packed === undefined ? look.size : this.offset;
  }

  /** Says what a compressed file is known by from now on; undefined where it is none any more. */
  repack(packed: Packed | undefined): void {
    this.identity.packed = packed;
    this.packed_size = packed?.size ?? 0;
    this.packed_read_bytes = 0;
    this.stream.identityChanged();
  }

  /** Says that what is read is as long as this from now on, whatever was seen of it before. */
  resize(size: number, now_ms: number): void {
    const { identity } = this;
    this.looked_at_ms = now_ms;
    identity.size = size;
    identity.proven_size = size;
    this.long = undefined;
    this.followed = undefined;
    this.hole_bytes = 0;
    this.unfinished_bytes = 0;
    this.cut_at = undefined;
    this.at_end = false;
    this.stream.identityChanged();
  }

  /** Says where the file is now. */
  moved(directory: string, name: string): void {
    const { identity } = this;
    this.path = `${directory === "/" ? "" : directory}/${name}`;
    if (identity.directory === directory && identity.name === name) return;
    identity.directory = directory;
    identity.name = name;
    this.stream.identityChanged();
  }
}
