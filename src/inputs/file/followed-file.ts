/**
 * One file that is followed: its stream in the ledger, how far it is read, and where it is now.
 *
 *     0            offset - tail       offset            the file's end
 *     |--- consumed --[---- tail ----]|--- not yet read ---|
 *
 * `offset` always stands at the start of a line. The tail is read again with every read and compared.
 */
import type { Origin } from "../../event/block.ts";
import type { StreamLedger } from "../../ledger/stream-ledger.ts";
import type { Look } from "./file-access.ts";
import {
  fingerprintOf,
  head_bytes_max,
  headOf,
  headsOf,
  type FileCheckpoint,
  type FileIdentity,
} from "./identity.ts";
import { lastBytes, type LongLine } from "./long-line.ts";
import { SizeMarks } from "./size-marks.ts";

/**
 * - unplaced: known from before the start, and not yet found again.
 * - live: its path leads to it.
 * - leaving: it was rotated or deleted; it is read to its end.
 * - finished: that is done; it stays known, so that it is never read twice.
 * - truncated: it is shorter than what was read of it, or has other bytes there.
 * - retired: it is gone; it is forgotten as soon as its events are settled.
 */
export type FileState = "unplaced" | "live" | "leaving" | "finished" | "truncated" | "retired";

/** Positions kept by which a copy is recognised. Older ones are thinned out. */
const trail_length_max = 16;
const nothing = Buffer.alloc(0);

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
  offset: number;
  tail: Buffer;
  /** Checkpoints passed so far, the latest last: proof for what a copy of this file begins with. */
  trail: FileCheckpoint[];
  /** The file's first bytes, while there are fewer of them than are fingerprinted. */
  head: Buffer | undefined;
  long: LongLine | undefined;
  /** NUL bytes from `offset` on that were seen and wait for what follows them. */
  hole_bytes = 0;
  /** NUL bytes passed over so far. */
  nul_bytes = 0;
  /** Whether the last read came to the file's end. */
  at_end = false;
  /** Where the file ended when a read came to its end last. */
  end_bytes = 0;
  /** Whether it is to be shipped to its last byte at the next turn. */
  finishing = false;
  /** Set by whoever sees a change; cleared when a turn begins. */
  dirty = false;
  /** Whether a turn is under way. */
  busy = false;
  /** When it was last read, on the monotonic clock. An earlier look has nothing to say. */
  read_at_ms: number;
  /** When its size or time of change was last seen to change, on the monotonic clock. */
  grown_at_ms: number;
  /** The file whose place this one took. */
  predecessor: FollowedFile | undefined;
  /** What the system last said, such as EACCES, while it cannot be read. */
  trouble: string | undefined;
  /** Looks in a row that did not find it. */
  missed = 0;
  readonly sizes = new SizeMarks();

  constructor(facts: {
    stream: StreamLedger;
    identity: FileIdentity;
    origin: Origin;
    origin_place: string;
    checkpoint: FileCheckpoint;
    tail: Buffer;
    state: FileState;
    now_ms: number;
  }) {
    this.state = facts.state;
    this.stream = facts.stream;
    this.identity = facts.identity;
    this.origin = facts.origin;
    this.origin_place = facts.origin_place;
    this.offset = facts.checkpoint.offset;
    this.tail = facts.tail;
    this.trail = facts.checkpoint.offset > 0 ? [facts.checkpoint] : [];
    this.read_at_ms = facts.now_ms;
    this.grown_at_ms = facts.now_ms;
    this.sizes.note(facts.identity.size, facts.identity.mtime_ms);
  }

  /** The checkpoint at the offset. */
  get checkpoint(): FileCheckpoint {
    return this.trail.at(-1) ?? { offset: this.offset, tail: fingerprintOf(this.tail) };
  }

  /** Bytes known to exist and not read. */
  get unread_bytes(): number {
    return Math.max(0, this.identity.size - this.offset);
  }

  /** Whether the roster wants it to be read. */
  get readable(): boolean {
    return this.state === "live" || this.state === "leaving";
  }

  /** Moves past `bytes`, that follow the offset, and gives the checkpoint there. */
  advance(bytes: Buffer): FileCheckpoint {
    return this.moveTo(this.offset + bytes.length, lastBytes(this.tail, bytes));
  }

  /** Moves to `offset`, before which the bytes in `tail` stand. */
  moveTo(offset: number, tail: Buffer): FileCheckpoint {
    this.offset = offset;
    this.tail = tail;
    this.long = undefined;
    this.hole_bytes = 0;
    const checkpoint = { offset, tail: fingerprintOf(tail) };
    if (this.trail.length === trail_length_max) {
      this.trail = this.trail.filter((_, index) => index % 2 === 1);
    }
    this.trail.push(checkpoint);
    return checkpoint;
  }

  /**
   * Takes note of bytes read at `position`, so that the fingerprint of a short file grows with it. Before anything
   * was consumed the file may have been written anew unseen: its head is what is read.
   */
  noteHead(bytes: Buffer, position: number): void {
    const known = this.offset === 0 ? nothing : this.head;
    if (known === undefined || position > known.length) return;
    if (position + bytes.length <= known.length) return;
    const more = bytes.subarray(known.length - position, head_bytes_max - position);
    this.setHead(headOf(Buffer.concat([known, more])));
  }

  setHead(head: Buffer): void {
    const heads = headsOf(head);
    if (heads.at(-1)?.sha256 !== this.identity.heads.at(-1)?.sha256) {
      this.identity.heads = heads;
      this.stream.identityChanged();
    }
    this.head = head.length < head_bytes_max ? head : undefined;
  }

  /**
   * Takes note of a look at the file, and says whether there is something to read or to find out. A look may be
   * older than the last read, so a smaller size is for the next read to settle.
   */
  note(look: Look, now_ms: number): boolean {
    const { identity } = this;
    if (look.at_ms < this.read_at_ms) return false;
    if (look.size === identity.size && look.mtime_ms === identity.mtime_ms) return false;
    if (look.size > identity.size) identity.size = look.size;
    identity.mtime_ms = look.mtime_ms;
    this.grown_at_ms = now_ms;
    this.sizes.note(identity.size, look.mtime_ms);
    return true;
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
