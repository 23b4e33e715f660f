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
import type { FileState } from "../known/file-state.ts";
import { SeldomSet, type Quiet } from "./seldom-set.ts";
import { SizeMarks } from "../known/size-marks.ts";

/** Positions kept by which a copy is recognised. Older ones are thinned out. */
const trail_length_max = 16;
/** Places kept at which the content is compared. */
const samples_max = 2;

export class FollowedFile extends SeldomSet {
  readonly stream: StreamLedger;
  readonly identity: FileIdentity;
  readonly #originOf: (path: string) => Origin;
  /** Kept while it is open. */
  #origin: Origin | undefined;
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
  /** What it is read as; undefined while that is not known. */
  encoding: Encoding | undefined;
  /** What was logged of that. */
  reported_encoding: Encoding | undefined;
  /** Whether the last read came to the file's end. */
  at_end = false;
  /** Where the file ended when a read came to its end last. */
  end_bytes = 0;
  /** Set by whoever sees a change; cleared when a turn begins. */
  dirty = false;
  /** Whether a turn is in progress. */
  busy = false;
  /** Whether the last survey found nothing to do for it and nothing has happened to it since; and which one passed it over last. */
  rests = false;
  passed_over_in = 0;
  /** When its last turn began, on the monotonic clock. */
  read_at_ms: number;
  /** Looks that were begun before this know less than is known; and the size that the last one found. */
  looked_at_ms = 0;
  looked_size: number | undefined;
  /** The offset at which it began: all that is before that was there by then. */
  read_from = 0;
  /** When the turn began that compared the head last. */
  compared_at_ms = 0;
  /** When its last turn had read, on the monotonic clock: what is known of it is from before, but for later looks. */
  read_end_ms: number;
  /** When its size or time of change was last seen to change, on the monotonic clock. */
  grown_at_ms: number;
  /** Kept while there is something to read. */
  #sizes: SizeMarks | undefined;

  constructor(found: {
    stream: StreamLedger;
    identity: FileIdentity;
    originOf: (path: string) => Origin;
    origin_place: string;
    checkpoint: FileCheckpoint;
    state: FileState;
    now_ms: number;
  }) {
    super();
    this.state = found.state;
    this.stream = found.stream;
    this.identity = found.identity;
    this.#originOf = found.originOf;
    this.origin_place = found.origin_place;
    this.checkpoint = found.checkpoint;
    this.trail = found.checkpoint.offset > 0 ? [found.checkpoint] : [];
    this.read_at_ms = found.now_ms;
    this.read_end_ms = found.now_ms;
    this.grown_at_ms = found.now_ms;
    if (found.identity.size > found.checkpoint.offset)
      this.sizes.note(found.identity.size, found.identity.mtime_ms);
    if (found.identity.packed !== undefined) this.packed_size = found.identity.packed.size;
  }

  /** What its events carry. */
  get origin(): Origin {
    return (this.#origin ??= this.#originOf(this.identity.path));
  }

  /** When it had which size. */
  get sizes(): SizeMarks {
    return (this.#sizes ??= new SizeMarks());
  }

  /** Has its events carry what its origin is now. */
  describe(): void {
    this.#origin = undefined;
  }

  /** Lets go of what can be made again when it is read on: of very many files, nearly all are idle. */
  slim(): void {
    this.#origin = undefined;
    if (this.unread_bytes === 0) this.#sizes = undefined;
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
    this.identity.settled_ms = undefined;
    this.#beginRecord();
    if (this.trail.length === trail_length_max)
      this.trail = this.trail.filter((_, index) => index % 2 === 1);
    // A list that is filled by pushing has room for many.
    if (this.trail.length === 0) this.trail = [checkpoint];
    else this.trail.push(checkpoint);
    return checkpoint;
  }

  /** Nothing is known of the record at the offset. */
  #beginRecord(): void {
    this.set("long", undefined);
    this.set("followed", undefined);
    this.set("hole_bytes", 0);
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
    this.set("is_touched", is_same_size && look.size === this.offset);
    if (look.size > identity.size) identity.size = look.size;
    identity.mtime_ms = look.mtime_ms;
    identity.settled_ms = undefined;
    this.grown_at_ms = now_ms;
    this.sizes.note(identity.size, look.mtime_ms);
    this.stream.identityNoted();
    return true;
  }

  /** Whether the last read came to the end of all that is known of it, and there is no unfinished record. */
  get is_read_to_end(): boolean {
    return this.at_end && this.unread_bytes === 0;
  }

  /** Of a compressed file the size says nothing of the content. */
  #notePacked(look: Look, now_ms: number): boolean {
    const { identity } = this;
    if (look.size === this.packed_size && look.mtime_ms === identity.mtime_ms) return false;
    this.packed_size = look.size;
    identity.mtime_ms = look.mtime_ms;
    identity.settled_ms = undefined;
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
    this.set("packed_size", packed?.size ?? 0);
    this.set("packed_read_bytes", 0);
    this.stream.identityChanged();
  }

  /** Says that what is read is as long as this from now on, whatever was seen of it before. */
  resize(size: number, now_ms: number): void {
    const { identity } = this;
    this.looked_at_ms = now_ms;
    identity.size = size;
    identity.proven_size = size;
    identity.settled_ms = undefined;
    this.#beginRecord();
    this.set("unfinished_bytes", 0);
    this.set("cut_at", undefined);
    this.at_end = false;
    this.stream.identityChanged();
  }

  /** Says where the file is now. */
  moved(directory: string, name: string, path: string): void {
    const { identity } = this;
    this.path = path;
    if (identity.directory === directory && identity.name === name) return;
    identity.directory = directory;
    identity.name = name;
    this.stream.identityChanged();
  }
}
