/**
 * From the body of one request to the records in it: each points to the bytes of its event in the body.
 *
 * Text that was sent as a string with escapes is decoded and put behind the body. What Splunk would refuse becomes a
 * record with a verdict, so that all of a body goes one way, and is kept as a whole or not at all.
 */
import { Records, type RecordInit, type Origin, type Truncation } from "../../../event/block.ts";
import type { MetadataVariants } from "../../../event/metadata.ts";
import type { TimestampReader } from "../../../event/time/timestamp-reader.ts";
import { skipSpace } from "../../../event/scan/json-text.ts";
import { BodyValues } from "./body-values.ts";
import { characterBoundary, knownOf, truncationOf } from "../../framing/contract/found.ts";
import type {
  Framed,
  FramingState,
  RecordPositions,
  WholeFramer,
} from "../../framing/contract/framer.ts";
import { beginningOf, textStart } from "../../framing/decoding/beginning.ts";
import { toUtf8 } from "../../framing/decoding/transcode.ts";
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

const open_brace = 0x7b;
const close_brace = 0x7d;

export interface ContentOptions {
  readonly origin: Origin;
  /** Finds the records in raw bodies. */
  readonly raw_framer: WholeFramer;
  readonly event_bytes_max: number;
  readonly variants: MetadataVariants;
  readonly timestamps: TimestampReader;
}

/** What a body holds. */
export interface BodyContent {
  /**
   * `blank`: nothing. `no_records`: documents without any. `probe`: one empty object, as senders ask whether they would be
   * heard. `too_many`: more than body_events_max, and no records.
   */
  readonly kind: "blank" | "no_records" | "probe" | "events" | "too_many";
  readonly records: Records;
  /** The first fault in it. */
  readonly fault: ContentFault | undefined;
}

export class BodyContentReader {
  /** Of all that is read from now on. */
  origin: Origin;
  readonly #options: Omit<ContentOptions, "origin">;
  readonly #envelope: EnvelopeReader;
  readonly #values: BodyValues;
  #starts = new Int32Array(first_capacity);
  #ends = new Int32Array(first_capacity);
  #count = 0;
  #known: (RecordInit | undefined)[] | undefined = undefined;
  #truncations: Map<number, Truncation> | undefined = undefined;
  #fault: ContentFault | undefined = undefined;
  #faults = 0;
  /** Decoded texts, which will be behind the body, and where the next one will. */
  #decoded: Buffer[] = [];
  #decoded_start = 0;

  constructor(options: ContentOptions) {
    this.origin = options.origin;
    this.#options = options;
    this.#envelope = new EnvelopeReader(options.variants, options.timestamps);
    this.#values = new BodyValues(this.#envelope.walker);
  }

  /** Reads a body of events in envelopes, or of raw ones. `now_ms` is when it was received. */
  read(
    received: Buffer,
    endpoint: "event" | "raw",
    query: RequestQuery,
    now_ms: number,
  ): BodyContent {
    const body = endpoint === "raw" ? textOf(received) : received;
    this.#count = 0;
    this.#known = undefined;
    this.#fault = undefined;
    this.#faults = 0;
    this.#decoded = [];
    this.#decoded_start = body.length;
    const kind = endpoint === "raw" ? this.#readRaw(body, query) : this.#readEvents(body, query);
    if (kind === "too_many") {
      this.#count = 0;
      this.#truncations = undefined;
    }
    const fault = kind === "too_many" ? undefined : this.#fault;
    return { kind, records: this.#records(body, now_ms), fault };
  }

  /** The whole body as one record without a meaning. */
  whole(body: Buffer, now_ms: number): Records {
    this.#count = 0;
    this.#known = undefined;
    this.#decoded = [];
    this.#add(0, body.length, undefined);
    return this.#records(body, now_ms);
  }

  #readEvents(body: Buffer, query: RequestQuery): BodyContent["kind"] {
    const values = this.#values;
    // Some libraries write a mark before their JSON, and files that are posted as they are may have one.
    values.open(body, textStart(body), "objects");
    let empty_objects = 0;
    while (values.next()) {
      if (this.#count === body_events_max) return "too_many";
      if (this.#faults === body_faults_max) {
        this.#addRest(body, values.start, query);
        break;
      }
      if (isEmptyObject(body, values.start, values.end)) empty_objects += 1;
      this.#addObject(body, query);
    }
    const count = this.#count;
    return count === 0 ? "blank" : count === 1 && empty_objects === 1 ? "probe" : "events";
  }

  #readRaw(body: Buffer, { known }: RequestQuery): BodyContent["kind"] {
    let from = textStart(body);
    let state: FramingState = undefined;
    let members = 0;
    for (;;) {
      const window = { bytes: body, from, is_last: true, state };
      const framed = this.#options.raw_framer.frame(window, this.#room());
      this.#addFramed(framed, known);
      members += framed.members;
      if (this.#count > body_events_max) return "too_many";
      if (this.#count < this.#starts.length) break;
      this.#grow();
      ({ end: from, state } = framed);
    }
    const count = this.#count;
    if (count === 0) return members === 0 ? "blank" : "no_records";
    const start = this.#starts[0]!;
    const end = start + (this.#truncations?.get(0)?.original_bytes ?? this.#ends[0]! - start);
    return count === 1 && isEmptyObject(body, start, end) ? "probe" : "events";
  }

  /** Where a framer notes what it finds behind what is noted already. */
  #room(): RecordPositions {
    return {
      starts: this.#starts.subarray(this.#count),
      ends: this.#ends.subarray(this.#count),
      event_bytes_max: this.#options.event_bytes_max,
    };
  }

  /** `known` is what the request says of all that is in it. */
  #addFramed(framed: Framed, known: RecordInit | undefined): void {
    const { count, truncations, verdicts, made } = framed;
    for (const [number, truncation] of truncations ?? []) {
      this.#truncations ??= new Map();
      this.#truncations.set(this.#count + number, truncation);
    }
    if (verdicts !== undefined) this.#fault ??= contentFaults.not_json;
    if (made !== undefined) this.#moveBehind(made.bytes, count);
    // A body is whole: what its last line has no end for is not missing.
    const each = knownOf({ ...framed, is_unfinished: false });
    if (this.#known === undefined && (known ?? each) !== undefined)
      this.#known = Array.from({ length: this.#count }, () => known);
    for (let number = 0; number < count; number += 1)
      this.#known?.push(each?.[number] ? { ...known, ...each[number] } : known);
    this.#count += count;
  }

  /** Puts content that a framer made behind the body; the last `count` records are in it. */
  #moveBehind(made: Buffer, count: number): void {
    const shift = this.#decoded_start;
    for (let number = this.#count; number < this.#count + count; number += 1) {
      this.#starts[number]! += shift;
      this.#ends[number]! += shift;
    }
    this.#decoded.push(made);
    this.#decoded_start += made.length;
  }

  #addObject(body: Buffer, query: RequestQuery): void {
    const { kind, start, end } = this.#values;
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
    const { event_bytes_max } = this.#options;
    const truncations = this.#truncations ?? cutLongEvents(bytes, starts, ends, event_bytes_max);
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
    this.#truncations = undefined;
    this.#decoded = [];
    if (this.#starts.length > capacity_kept_max) {
      this.#starts = new Int32Array(first_capacity);
      this.#ends = new Int32Array(first_capacity);
    }
    return records;
  }

  #grow(): void {
    // One more than are taken, to find out that there are more.
    const capacity = Math.min(this.#starts.length * 2, body_events_max + 1);
    const starts = new Int32Array(capacity);
    const ends = new Int32Array(capacity);
    starts.set(this.#starts);
    ends.set(this.#ends);
    this.#starts = starts;
    this.#ends = ends;
  }
}

/** A raw body in UTF-8. */
function textOf(body: Buffer): Buffer {
  const { encoding, text_start } = beginningOf(body, "auto", true)!;
  return encoding === "utf-8" ? body : toUtf8(body.subarray(text_start), encoding);
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
    if (ends[number]! - start <= bytes_max) continue;
    truncations ??= new Map();
    truncations.set(number, truncationOf(bytes, start, ends[number]!));
    ends[number] = characterBoundary(bytes, start, start + bytes_max);
  }
  return truncations;
}

function isEmptyObject(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start] !== open_brace || bytes[end - 1] !== close_brace) return false;
  return skipSpace(bytes, start + 1, end) === end - 1;
}
