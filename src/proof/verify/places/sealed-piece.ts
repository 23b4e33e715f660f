/** A piece as the seals have it, and what of it was found. */
import { digest_bytes, leaf_events, leafCount, locator_bytes, sumOf } from "../../format/pieces.ts";
import type { Span } from "../findings/finding.ts";
import { countBits, hasBit, setBit } from "./bits.ts";

/** One bit for each leaf of a block. */
const settled_bytes = 8;

/** What a seal says of it, as bytes. */
export interface PieceBytes {
  readonly first: number;
  readonly count: number;
  /** From when to when it was sealed, in milliseconds. */
  readonly from_ms: number;
  readonly to_ms: number;
  readonly sum: Buffer;
  /** The locators of its leaves. */
  readonly leaves: Buffer;
  /** Of its events, where the seal has them. */
  readonly events: Buffer | undefined;
}

export class SealedPiece {
  readonly first: number;
  readonly end: number;
  readonly #bytes: PieceBytes;
  /** The whole digests of the leaves that hold, while others are still to come. */
  #digests: Buffer | undefined;
  #settled = new Uint8Array(settled_bytes);
  #leaves_left: number;

  constructor(bytes: PieceBytes) {
    this.#bytes = bytes;
    this.first = bytes.first;
    this.end = bytes.first + bytes.count;
    this.#leaves_left = this.#leaf_count;
  }

  /** When it was sealed. */
  get span(): Span {
    const { from_ms, to_ms } = this.#bytes;
    return { from: new Date(from_ms).toISOString(), to: new Date(to_ms).toISOString() };
  }

  /** Whether the seal names single events. */
  get names_events(): boolean {
    return this.#bytes.events !== undefined;
  }

  /** About how much memory it takes. */
  get held_bytes(): number {
    const { leaves, events } = this.#bytes;
    return 600 + leaves.length + (events?.length ?? 0) + this.saved_bytes;
  }

  /** The number of the leaf in the piece that begins at this number or before. */
  leafAt(number: number): number {
    return Math.floor(number / leaf_events) - Math.floor(this.first / leaf_events);
  }

  /** Whether the digest is that of this leaf, as far as the seal says it of one leaf. */
  isLeaf(leaf: number, digest: Buffer): boolean {
    return hasLocator(this.#bytes.leaves, leaf, digest);
  }

  /** Takes the digest of a leaf that holds, once. Gives whether all together are what was sealed, with the last of them. */
  settle(leaf: number, digest: Buffer): boolean | undefined {
    if (hasBit(this.#settled, leaf)) return undefined;
    this.#digests ??= Buffer.alloc(this.#leaf_count * digest_bytes);
    setBit(this.#settled, leaf);
    digest.copy(this.#digests, leaf * digest_bytes);
    this.#leaves_left -= 1;
    if (this.#leaves_left > 0) return undefined;
    const is_same = sumOf(this.#digests).equals(this.#bytes.sum);
    this.#digests = undefined;
    return is_same;
  }

  /** Whether the locator is that of the event with this number; undefined where the seal does not say it. */
  isEvent(number: number, locator: Buffer): boolean | undefined {
    const { events } = this.#bytes;
    return events && hasLocator(events, number - this.first, locator);
  }

  /** The locator of the event with this number, in hexadecimal digits, where the seal has it. */
  eventAt(number: number): string | undefined {
    const start = (number - this.first) * locator_bytes;
    return this.#bytes.events?.toString("hex", start, start + locator_bytes);
  }

  /** How many bytes `save` writes. */
  get saved_bytes(): number {
    return settled_bytes + this.#leaf_count * digest_bytes;
  }

  /** Writes down what was found of it. */
  save(bytes: Buffer, at: number): void {
    bytes.set(this.#settled, at);
    this.#digests?.copy(bytes, at + settled_bytes);
  }

  /** Goes on from what `save` has written. */
  restore(bytes: Buffer, at: number): void {
    this.#settled = Uint8Array.from(bytes.subarray(at, at + settled_bytes));
    const count = this.#leaf_count;
    const settled = countBits(this.#settled);
    this.#leaves_left = count - settled;
    if (settled === 0 || settled === count) return;
    const start = at + settled_bytes;
    this.#digests = Buffer.from(bytes.subarray(start, start + count * digest_bytes));
  }

  get #leaf_count(): number {
    return leafCount(this.first, this.end - this.first);
  }
}

function hasLocator(locators: Buffer, at: number, digest: Buffer): boolean {
  const start = at * locator_bytes;
  return digest.compare(locators, start, start + locator_bytes, 0, locator_bytes) === 0;
}
