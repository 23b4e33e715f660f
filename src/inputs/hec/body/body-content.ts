/**
 * From the body of one request to the records in it: each points to the bytes of its event in the body.
 *
 * Text that was sent as a string with escapes is decoded and put behind the body. What Splunk would refuse becomes a
 * record with a verdict, so that all of a body goes one way, and is kept as a whole or not at all.
 */
import { createHash } from "node:crypto";
import { Records, type RecordInit, type Origin, type Truncation } from "../../../event/block.ts";
import type { MetadataVariants } from "../../../event/metadata.ts";
import type { TimestampReader } from "../../../event/timestamp.ts";
import { BodyFramer } from "./body-framer.ts";
import { characterBoundary } from "../../lines/framer.ts";
import { contentFaults, type ContentFault } from "./content-fault.ts";
import { EnvelopeReader } from "./envelope.ts";
import type { RequestQuery } from "../http/request-query.ts";

const first_capacity = 1024;
/** Events in a body. Each takes some hundred bytes of memory on its way, and is not let wait by those of others. */
export const body_events_max = 1024 * 1024;
/** Faulty events of a body that get records of their own: one of two bytes costs what a whole event costs. */
export const body_faults_max = 1000;
/** A body of more events makes the tables grow; they are cut back to this after it. */
const capacity_kept_max = 64 * 1024;

export interface ContentOptions {
  readonly origin: Origin;
  readonly event_bytes_max: number;
  readonly variants: MetadataVariants;
  readonly timestamps: TimestampReader;
}

/** What a body holds. */
export interface BodyContent {
  /**
   * `blank`: nothing. `probe`: one empty object, as senders ask whether they would be heard. `too_many`: more than
   * body_events_max, and no records.
   */
  readonly kind: "blank" | "probe" | "events" | "too_many";
  readonly records: Records;
  /** The first fault in it. */
  readonly fault: ContentFault | undefined;
}

export class BodyContentReader {
  /** Of all that is read from now on. */
  origin: Origin;
  readonly #options: Omit<ContentOptions, "origin">;
  readonly #envelope: EnvelopeReader;
  readonly #framer: BodyFramer;
  #starts = new Int32Array(first_capacity);
  #ends = new Int32Array(first_capacity);
  #count = 0;
  #known: (RecordInit | undefined)[] | undefined = undefined;
  #fault: ContentFault | undefined = undefined;
  #faults = 0;
  /** Decoded texts, which will be behind the body, and where the next one will. */
  #decoded: Buffer[] = [];
  #decoded_start = 0;

  constructor(options: ContentOptions) {
    this.origin = options.origin;
    this.#options = options;
    this.#envelope = new EnvelopeReader(options.variants, options.timestamps);
    this.#framer = new BodyFramer(this.#envelope.walker);
  }

  /** Reads a body of events in envelopes, or of raw ones. `now_ms` is when it was received. */
  read(body: Buffer, endpoint: "event" | "raw", query: RequestQuery, now_ms: number): BodyContent {
    const framer = this.#framer;
    this.#count = 0;
    this.#known = undefined;
    this.#fault = undefined;
    this.#faults = 0;
    this.#decoded = [];
    this.#decoded_start = body.length;
    framer.open(body, endpoint === "event" ? "objects" : "text");
    let empty_objects = 0;
    while (framer.next()) {
      if (this.#count === body_events_max) {
        this.#count = 0;
        return { kind: "too_many", records: this.#records(body, now_ms), fault: undefined };
      }
      if (this.#faults === body_faults_max) {
        this.#addRest(body, framer.start, query);
        break;
      }
      if (framer.kind === "object" && isEmptyObject(body, framer.start, framer.end)) {
        empty_objects += 1;
      }
      if (endpoint === "raw") this.#add(framer.start, framer.end, query.known);
      else this.#addObject(body, query);
    }
    const count = this.#count;
    const is_probe = count === 1 && empty_objects === 1;
    const kind = count === 0 ? "blank" : is_probe ? "probe" : "events";
    return { kind, records: this.#records(body, now_ms), fault: this.#fault };
  }

  /** The whole body as one record without a meaning. */
  whole(body: Buffer, now_ms: number): Records {
    this.#count = 0;
    this.#known = undefined;
    this.#decoded = [];
    this.#add(0, body.length, undefined);
    return this.#records(body, now_ms);
  }

  #addObject(body: Buffer, query: RequestQuery): void {
    const { kind, start, end } = this.#framer;
    const envelope = this.#envelope;
    const fault =
      kind === "object" ? envelope.read(body, start, end, query) : contentFaults.not_json;
    if (fault !== undefined) {
      this.#fault ??= fault;
      this.#faults += 1;
      this.#add(start, end, { metadata: query.metadata, verdict: fault.verdict });
    } else if (envelope.decoded === undefined) {
      this.#add(envelope.start, envelope.end, envelope.known);
    } else {
      const at = this.#decoded_start;
      this.#decoded.push(envelope.decoded);
      this.#decoded_start += envelope.decoded.length;
      this.#add(at, this.#decoded_start, envelope.known);
    }
  }

  /** Has all from `from` on quarantined as it is, in pieces as long as an event may be. */
  #addRest(body: Buffer, from: number, { metadata }: RequestQuery): void {
    const { verdict } = contentFaults.behind_faults;
    const { event_bytes_max } = this.#options;
    for (let start = from; start < body.length;) {
      const limit = Math.min(start + event_bytes_max, body.length);
      const end = limit === body.length ? limit : characterBoundary(body, start, limit);
      this.#add(start, end, { metadata, verdict });
      start = end;
    }
  }

  #add(start: number, end: number, known: RecordInit | undefined): void {
    const number = this.#count;
    if (number === this.#starts.length) this.#grow();
    this.#starts[number] = start;
    this.#ends[number] = end;
    this.#count += 1;
    if (known !== undefined && this.#known === undefined) {
      this.#known = Array.from({ length: number }, () => undefined);
    }
    this.#known?.push(known);
  }

  #records(body: Buffer, now_ms: number): Records {
    const count = this.#count;
    const bytes = this.#decoded.length === 0 ? body : Buffer.concat([body, ...this.#decoded]);
    const starts = this.#starts.slice(0, count);
    const ends = this.#ends.slice(0, count);
    const truncations = cutLongEvents(bytes, starts, ends, this.#options.event_bytes_max);
    const records = new Records({
      origin: this.origin,
      bytes,
      starts,
      ends,
      count,
      offset: 0,
      read_at_ms: now_ms,
      ...(truncations === undefined ? {} : { truncations }),
      ...(this.#known === undefined ? {} : { known: this.#known }),
    });
    this.#known = undefined;
    this.#decoded = [];
    if (this.#starts.length > capacity_kept_max) {
      this.#starts = new Int32Array(first_capacity);
      this.#ends = new Int32Array(first_capacity);
    }
    return records;
  }

  #grow(): void {
    const starts = new Int32Array(this.#starts.length * 2);
    const ends = new Int32Array(this.#ends.length * 2);
    starts.set(this.#starts);
    ends.set(this.#ends);
    this.#starts = starts;
    this.#ends = ends;
  }
}

/** Moves the ends of records that are too long, and says what they were. */
function cutLongEvents(
  bytes: Buffer,
  starts: Int32Array,
  ends: Int32Array,
  bytes_max: number,
): Map<number, Truncation> | undefined {
  let truncations: Map<number, Truncation> | undefined;
  for (let number = 0; number < starts.length; number += 1) {
    const start = starts[number]!;
    const original_bytes = ends[number]! - start;
    if (original_bytes <= bytes_max) continue;
    const original = bytes.subarray(start, start + original_bytes);
    const original_sha256 = createHash("sha256").update(original).digest("hex");
    truncations ??= new Map();
    truncations.set(number, { original_bytes, original_sha256 });
    ends[number] = characterBoundary(bytes, start, start + bytes_max);
  }
  return truncations;
}

function isEmptyObject(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start + 1; at < end - 1; at += 1) if (bytes[at]! > 0x20) return false;
  return true;
}
