/**
 * Hashes the events of a piece as they come. A hash has a price for each call, so frames are put together first, and a leaf
 * takes about one call; many builders may be open, so they share the buffer for that.
 */
import { createHash, type Hash } from "node:crypto";
import {
  blockEnd,
  digest_bytes,
  eventLocator,
  leaf_events,
  leaf_prefix,
  leafEnd,
  length_bytes,
  locator_bytes,
  pieceOf,
  type Granularity,
  type Piece,
  type PieceDigests,
} from "./pieces.ts";

const scratch_bytes = 64 * 1024;
const leaves_at_first = 4;

/** The frames of the builder that was the last to add an event. */
const scratch: { readonly bytes: Buffer; used: number; owner: PieceBuilder | undefined } = {
  bytes: Buffer.allocUnsafeSlow(scratch_bytes),
  used: 0,
  owner: undefined,
};

export class PieceBuilder {
  readonly first: number;
  readonly #end: number;
  #next: number;
  /** The number after the leaf that is open. */
  #leaf_end: number;
  /** The open leaf as far as it is not in the scratch. */
  #hash: Hash | undefined;
  readonly #digests = new Bytes(leaves_at_first * digest_bytes);
  readonly #events: Bytes | undefined;

  constructor(first: number, granularity: Granularity) {
    this.first = first;
    this.#next = first;
    this.#end = blockEnd(first);
    this.#leaf_end = leafEnd(first, this.#end);
    if (granularity === "event") this.#events = new Bytes(leaf_events * locator_bytes);
  }

  get count(): number {
    return this.#next - this.first;
  }

  /** The number of the next event. */
  get next(): number {
    return this.#next;
  }

  /** Whether the next event needs a new piece. */
  get is_full(): boolean {
    return this.#next === this.#end;
  }

  /** Adds the next event: what of `bytes` is from `start` to `end`. The piece must not be full. */
  add(bytes: Uint8Array, start: number, end: number): void {
    if (this.is_full) throw new RangeError(`the piece that begins at ${this.first} is full`);
    const event = bytes.subarray(start, end);
    this.#own();
    if (scratch.used + length_bytes + event.length > scratch_bytes) this.#pour();
    scratch.used = scratch.bytes.writeUInt32BE(event.length, scratch.used);
    if (scratch.used + event.length > scratch_bytes) {
      this.#pour();
      this.#hash!.update(event);
    } else {
      scratch.bytes.set(event, scratch.used);
      scratch.used += event.length;
    }
    this.#events?.add(eventLocator(event));
    this.#next += 1;
    if (this.#next === this.#leaf_end) this.#endLeaf();
  }

  /** The piece as it would be if it ended here. The builder goes on as before. */
  digests(): PieceDigests {
    const full = this.#digests.all;
    const is_open = this.#next > this.first && this.#next % leaf_events !== 0;
    const digests = is_open ? Buffer.concat([full, this.#openDigest()]) : Buffer.from(full);
    const { first, count } = this;
    if (this.#events === undefined) return { first, count, digests };
    return { first, count, digests, events: Buffer.from(this.#events.all) };
  }

  #openDigest(): Buffer {
    this.#own();
    const hash = this.#hash?.copy() ?? createHash("sha256");
    return hash.update(scratch.bytes.subarray(0, scratch.used)).digest();
  }

  #endLeaf(): void {
    this.#digests.add(this.#openDigest());
    this.#leaf_end = leafEnd(this.#next, this.#end);
    this.#hash = undefined;
    scratch.owner = undefined;
  }

  /** Makes the scratch this builder's: what another has in it goes into that one's hash. */
  #own(): void {
    if (scratch.owner === this) return;
    if (scratch.owner !== undefined) scratch.owner.#pour();
    scratch.owner = this;
    scratch.used = 0;
    if (this.#hash === undefined) scratch.used = scratch.bytes.writeUInt8(leaf_prefix, 0);
  }

  #pour(): void {
    this.#hash ??= createHash("sha256");
    this.#hash.update(scratch.bytes.subarray(0, scratch.used));
    scratch.used = 0;
  }
}

/** Computes the piece that begins at `first` and has these events. They must not go beyond a block. */
export function pieceOfEvents(
  first: number,
  events: readonly Uint8Array[],
  granularity: Granularity = "leaf",
): Piece {
  const builder = new PieceBuilder(first, granularity);
  for (const event of events) builder.add(event, 0, event.length);
  return pieceOf(builder.digests());
}

/** Bytes that become more. */
class Bytes {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
  }

  get all(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  add(more: Buffer): void {
    if (this.#length + more.length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(2 * this.#bytes.length);
      this.#bytes.copy(grown);
      this.#bytes = grown;
    }
    more.copy(this.#bytes, this.#length);
    this.#length += more.length;
  }
}
