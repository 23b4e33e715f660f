/**
 * A block: one buffer of whole records that were read from one stream, and the receipt for them.
 *
 *     bytes  [ ...record 0\n record 1\n ... record n-1\n ... ]
 *               ^starts[0]  ^ends[0] (the line end is not part of the record)
 */
import type { Receipt } from "../ledger/receipt.ts";
import type { Metadata } from "./event.ts";
import type { Path } from "./path.ts";

/** What all events of one stream have in common. */
export interface Origin {
  /** The input's name in the configuration. */
  readonly input: string;
  /** The stream's name for people: a file's path. */
  readonly stream: string;
  readonly metadata: Metadata;
  /** Where an event's own timestamp may stand; the first of them that holds one counts. */
  readonly time_paths: readonly Path[];
}

/** What is known of a record that was longer than `max_event_bytes` and was cut. */
export interface Truncation {
  readonly original_bytes: number;
  /** Of the whole record, in hex. */
  readonly original_sha256: string;
}

export interface BlockFacts {
  origin: Origin;
  receipt: Receipt;
  bytes: Buffer;
  starts: Int32Array;
  ends: Int32Array;
  count: number;
  /** Offset in the stream of `bytes[0]`. */
  offset: number;
  /** Wall-clock time of the read, milliseconds since the epoch: an event's time where it has none itself. */
  read_at_ms: number;
  /** By record number. */
  truncations?: ReadonlyMap<number, Truncation>;
  /** Gives the buffers back to whoever lent them. */
  release?: () => void;
}

export class Block {
  readonly origin: Origin;
  readonly receipt: Receipt;
  readonly bytes: Buffer;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
  readonly offset: number;
  readonly read_at_ms: number;
  readonly truncations: ReadonlyMap<number, Truncation> | undefined;
  readonly #release: (() => void) | undefined;

  constructor(facts: BlockFacts) {
    this.origin = facts.origin;
    this.receipt = facts.receipt;
    this.bytes = facts.bytes;
    this.starts = facts.starts;
    this.ends = facts.ends;
    this.count = facts.count;
    this.offset = facts.offset;
    this.read_at_ms = facts.read_at_ms;
    this.truncations = facts.truncations;
    this.#release = facts.release;
  }

  /** Says that no event of the block is looked at any more, so that its buffers may be used again. */
  release(): void {
    this.#release?.();
  }
}
