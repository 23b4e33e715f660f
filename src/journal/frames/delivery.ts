/**
 * A delivery: what one call of an input brings, on its way to be one frame of the journal.
 *
 *     bytes  [ room for the header | entry | entry | ... ]
 */
import { crc32 } from "node:zlib";
import type { Records } from "../../event/block.ts";
import type { Metadata, Verdict } from "../../event/event.ts";
import type { LogEvent } from "../../event/log-event.ts";
import { keptOf, originalOf } from "../../event/original.ts";
import {
  endedEntry,
  event_overhead_max,
  madeEntry,
  metadataEntry,
  quarantinedEntry,
  redactionEntry,
  writeEvent,
} from "./entries.ts";
import { encodeFrameHeader, frame_header_bytes } from "./format.ts";

/** Events that ended in the chain, of which the journal keeps the count. */
export interface EndedCount {
  readonly fate: "filtered" | "dropped";
  readonly reason: string;
  readonly count: number;
}

/** How many of the events a step made of others. */
export interface MadeCount {
  readonly step: string;
  readonly count: number;
}

/** Where a delivery borrows the bytes that it writes to. */
export interface ByteLender {
  take(bytes_min: number): Buffer;
  give(bytes: Buffer): void;
}

export class Delivery {
  readonly #lender: ByteLender;
  /** The entry that defines a metadata object, by object. */
  readonly #definitions: WeakMap<Metadata, Buffer>;
  #bytes: Buffer;
  #end = frame_header_bytes;
  #kept = 0;
  #record_bytes = 0;
  readonly #ended: EndedCount[] = [];
  readonly #made: MadeCount[] = [];
  #ended_events = 0;
  readonly #numbers = new Map<Metadata, number>();
  #metadata: Metadata | undefined;
  #number = 0;

  constructor(lender: ByteLender, definitions: WeakMap<Metadata, Buffer>) {
    this.#lender = lender;
    this.#definitions = definitions;
    this.#bytes = lender.take(frame_header_bytes);
  }

  /** How many events it is about, those included that ended. */
  get events(): number {
    return this.#kept + this.#ended_events;
  }

  /** How many of them are in it. */
  get kept(): number {
    return this.#kept;
  }

  /** Bytes of their records. */
  get record_bytes(): number {
    return this.#record_bytes;
  }

  get ended(): readonly EndedCount[] {
    return this.#ended;
  }

  get made(): readonly MadeCount[] {
    return this.#made;
  }

  /** Bytes of the frame. */
  get length(): number {
    return this.#end;
  }

  /** Copies an event as the chain has left it. */
  add(event: LogEvent<Records>): void {
    const number = this.#numberOf(event.metadata);
    this.#reserve(event.byteLength + event_overhead_max);
    const start = this.#end;
    this.#end = writeEvent(event, number, this.#bytes, start);
    this.#kept += 1;
    this.#record_bytes += event.byteLength;
  }

  /** Copies what is kept of an event that goes to quarantine: its text with known secrets masked. */
  quarantine(event: LogEvent<Records>, verdict: Verdict, mask: (text: string) => string): void {
    const original = originalOf(event);
    this.#append(quarantinedEntry(verdict, original, keptOf(event, mask)));
    this.#kept += 1;
    this.#record_bytes += original.original_bytes;
  }

  /** Takes note of events that ended in the chain, so that they are booked exactly once. */
  end(fate: "filtered" | "dropped", reason: string, count: number): void {
    this.#append(endedEntry(fate, reason, count));
    this.#ended.push({ fate, reason, count });
    this.#ended_events += count;
  }

  /**
   * Says, at its end, which redact steps all of its events have been through: their ids, in hex. Whoever reads it has the
   * others follow.
   */
  redactedBy(steps: string): void {
    if (steps !== "") this.#append(redactionEntry(steps));
  }

  /** Takes note of how many of its events a step made. */
  noteMade(step: string, count: number): void {
    this.#append(madeEntry(step, count));
    this.#made.push({ step, count });
  }

  /** Gives it its place in the journal, and the bytes of its frame. They are good until `free`. */
  frame(first: number, written_at_ms: number, tag: Buffer): Buffer {
    const payload = this.#bytes.subarray(frame_header_bytes, this.#end);
    const header = {
      payload_bytes: payload.length,
      first,
      events: this.events,
      written_at_ms,
      payload_crc: crc32(payload),
    };
    encodeFrameHeader(header, tag, this.#bytes, 0);
    return this.#bytes.subarray(0, this.#end);
  }

  /** Gives its bytes back. Nothing may be done with it any more. */
  free(): void {
    this.#lender.give(this.#bytes);
  }

  #numberOf(metadata: Metadata): number {
    if (metadata === this.#metadata) return this.#number;
    let number = this.#numbers.get(metadata);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(metadata, number);
      this.#append(this.#definitionOf(metadata));
    }
    this.#metadata = metadata;
    this.#number = number;
    return number;
  }

  #definitionOf(metadata: Metadata): Buffer {
    let definition = this.#definitions.get(metadata);
    if (definition === undefined) {
      definition = metadataEntry(Buffer.from(JSON.stringify(metadata)));
      this.#definitions.set(metadata, definition);
    }
    return definition;
  }

  #append(entry: Buffer): void {
    this.#reserve(entry.length);
    this.#end += entry.copy(this.#bytes, this.#end);
  }

  #reserve(count: number): void {
    const needed = this.#end + count;
    if (needed <= this.#bytes.length) return;
    const larger = this.#lender.take(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#lender.give(this.#bytes);
    this.#bytes = larger;
  }
}
