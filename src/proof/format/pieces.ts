/**
 * The hashes of a lane's events: frames, leaves of up to 16 events, pieces of up to one block.
 *
 *     frame = length of the event's bytes, 32 bits, big-endian ‖ the bytes
 *     leaf  = SHA-256(0x00 ‖ the frames of the events from one multiple of 16 to the next, or to an end of the piece)
 *     sum   = SHA-256(0x01 ‖ the piece's leaves)
 *
 * The first bytes differ, so that no leaf can be taken for a sum. Everything here is computation; docs/formats/proof.md
 * describes it byte by byte.
 */
import { createHash } from "node:crypto";
import { block_events } from "./place.ts";

export const leaf_events = 16;
export const digest_bytes = 32;
/** What a seal has of a leaf, and of an event. */
export const locator_bytes = 8;

/** What the bytes of a leaf begin with. */
export const leaf_prefix = 0;
const sum_prefix = 1;
/** Of the length in a frame. */
export const length_bytes = 4;

/** What single events are named by: their leaf, or they themselves. */
export type Granularity = "leaf" | "event";

/** A piece as far as its events are known, with whole digests: what is kept of one that is not sealed. */
export interface PieceDigests {
  readonly first: number;
  readonly count: number;
  /** Those of the leaves, one behind the other. */
  readonly digests: Buffer;
  /** The locators of the events, one behind the other; undefined where only leaves are named. */
  readonly events?: Buffer | undefined;
}

/** A piece as a seal has it. */
export interface Piece {
  readonly first: number;
  readonly count: number;
  readonly sum: Buffer;
  /** The locators of the leaves, one behind the other. */
  readonly leaves: Buffer;
  readonly events?: Buffer | undefined;
}

/** The number after the block that `number` is in: no piece goes beyond it. */
export function blockEnd(number: number): number {
  return (Math.floor(number / block_events) + 1) * block_events;
}

/** The number after the leaf that `number` is in, in a piece that ends at `end`. */
export function leafEnd(number: number, end: number): number {
  return Math.min((Math.floor(number / leaf_events) + 1) * leaf_events, end);
}

/** How many leaves a piece has. */
export function leafCount(first: number, count: number): number {
  if (count === 0) return 0;
  return Math.floor((first + count - 1) / leaf_events) - Math.floor(first / leaf_events) + 1;
}

/** The sum and the locators that a seal has of these digests. */
export function pieceOf({ first, count, digests, events }: PieceDigests): Piece {
  const leaves = Buffer.allocUnsafe((digests.length / digest_bytes) * locator_bytes);
  for (let from = 0, to = 0; from < digests.length; from += digest_bytes, to += locator_bytes) {
    digests.copy(leaves, to, from, from + locator_bytes);
  }
  return { first, count, sum: sumOf(digests), leaves, ...(events === undefined ? {} : { events }) };
}

/** The sum over the digests of leaves. */
export function sumOf(digests: Uint8Array): Buffer {
  return createHash("sha256").update(Buffer.of(sum_prefix)).update(digests).digest();
}

/** The digest of a leaf with these events in their order. */
export function leafOf(events: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256").update(Buffer.of(leaf_prefix));
  for (const event of events) hash.update(frameLength(event)).update(event);
  return hash.digest();
}

/** What `granularity: event` has of an event. */
export function eventLocator(event: Uint8Array): Buffer {
  const digest = createHash("sha256").update(frameLength(event)).update(event).digest();
  return digest.subarray(0, locator_bytes);
}

function frameLength({ byteLength }: Uint8Array): Buffer {
  const length = Buffer.allocUnsafe(length_bytes);
  length.writeUInt32BE(byteLength);
  return length;
}
