/**
 * From the body of a batch to the records in it: each points to the bytes of its event, with the metadata and the time that its
 * agent has given it. Every event becomes just what the agent would have sent to Splunk.
 */
import { gunzip, gunzipSync } from "node:zlib";
import { promisify } from "node:util";
import type { RecordInit, RecordsInit } from "../../event/block.ts";
import type { Metadata } from "../../event/event.ts";
import { MetadataVariants } from "../../event/metadata.ts";
import { depth_max, Walker } from "../../event/scan/walker.ts";
import { TimestampReader } from "../../event/time/timestamp-reader.ts";
import { foreign_stream, Lane, type Place } from "../../ledger/lanes/lane.ts";
import { sumOf, type BatchHead } from "../../platform/nats/batch-head.ts";
import { BodyValues } from "../hec/body/body-values.ts";
import { EnvelopeReader, type EnvelopeLimits } from "../hec/body/envelope.ts";
import type { RequestQuery } from "../hec/http/request-query.ts";
import type { Range } from "./ranges.ts";

const unzipAsync = promisify(gunzip);
/** Of what is compressed of nothing: a header, an end, and its length in the last four bytes. */
const gzip_bytes_min = 20;
const byte_quote = 0x22;
/** The number of the event's path in an envelope. */
const event_path = 0;

const nothing: Metadata = {};

/** All that an agent sends has to be taken: with one event of a batch all would be refused, each time that it comes. */
const limits_of_agents: EnvelopeLimits = { metadata_bytes_max: Infinity, depth_max: depth_max + 1 };

export type BatchRecords = Pick<
  RecordsInit,
  "bytes" | "starts" | "ends" | "count" | "known" | "offset" | "offsets"
>;

const faults = {
  sum: "its checksum is that of another body",
  packing: "it cannot be unpacked to what its headers say",
  bytes: "it does not have the bytes that its headers say",
} as const;

/** The body of a batch as it came, whose checksum is right, and whose length as far as it says; or what is wrong with it. */
export function packedBodyOf(data: Uint8Array, head: BatchHead): Buffer | string {
  if (sumOf(data) !== head.sum) return faults.sum;
  const packed = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (head.packing === "none") return packed.length === head.bytes ? packed : faults.bytes;
  if (packed.length < gzip_bytes_min) return faults.packing;
  return packed.readUInt32LE(packed.length - 4) === head.bytes ? packed : faults.bytes;
}

/** The same unpacked. Never rejects. */
export async function unpackedBody(packed: Buffer, head: BatchHead): Promise<Buffer | string> {
  if (head.packing === "none") return packed;
  try {
    return checked(await unzipAsync(packed, limitsOf(head)), head);
  } catch {
    return faults.packing;
  }
}

/** The same, for whoever cannot wait. */
export function unpackedHere(packed: Buffer, head: BatchHead): Buffer | string {
  if (head.packing === "none") return packed;
  try {
    return checked(gunzipSync(packed, limitsOf(head)), head);
  } catch {
    return faults.packing;
  }
}

function limitsOf({ bytes }: BatchHead): { maxOutputLength: number } {
  return { maxOutputLength: bytes + 1 };
}

function checked(body: Buffer, { bytes }: BatchHead): Buffer | string {
  return body.length === bytes ? body : faults.bytes;
}

export class BatchContentReader {
  readonly #envelope = new EnvelopeReader(
    new MetadataVariants(),
    new TimestampReader(),
    limits_of_agents,
  );
  readonly #values = new BodyValues(this.#envelope.walker);
  readonly #walker = new Walker([]);
  #query = queryOf(nothing);
  #decoded: Buffer[] = [];
  #decoded_start = 0;
  #start = 0;
  #end = 0;

  /** What is not in an envelope is taken from `metadata` from now on. */
  describe(metadata: Metadata): void {
    this.#query = queryOf(metadata);
  }

  /** The records of the events whose numbers are in `wanted`; or what is wrong with the batch. */
  read(body: Buffer, head: BatchHead, wanted: readonly Range[]): BatchRecords | string {
    const count = wanted.reduce((sum, [from, to]) => sum + to - from, 0);
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    const offsets: number[] = [];
    const known: (RecordInit | undefined)[] = [];
    const lane = head.placed ? laneOf(head) : undefined;
    this.#decoded = [];
    this.#decoded_start = body.length;
    this.#values.open(body, 0, "objects");
    let number = head.first;
    while (this.#values.next()) {
      const fault = this.#readEvent(body);
      if (fault !== undefined) return `its event ${number - head.first} ${fault}`;
      if (wanted.some(([from, to]) => number >= from && number < to)) {
        starts[known.length] = this.#start;
        ends[known.length] = this.#end;
        offsets.push(number);
        const place: Place | undefined = lane && { lane, number };
        known.push(place ? { ...this.#envelope.known, place } : this.#envelope.known);
      }
      number += 1;
    }
    if (number - head.first !== head.count)
      return "it does not have as many events as its headers say";
    const bytes = this.#decoded.length === 0 ? body : Buffer.concat([body, ...this.#decoded]);
    return { bytes, starts, ends, count, known, offset: 0, offsets };
  }

  /** Finds where the event's own bytes are. Returns what is wrong with it, in words that follow its number. */
  #readEvent(body: Buffer): string | undefined {
    const { kind, start, end } = this.#values;
    const envelope = this.#envelope;
    if (kind !== "object") return "is no JSON object";
    const fault = envelope.read(body, start, end, this.#query);
    // Any other object would be taken for the event itself.
    const is_bare = envelope.decoded === undefined && envelope.start === start;
    if (fault !== undefined || is_bare) return "has no envelope of Splunk's";
    const { spans } = envelope.walker;
    const row = spans.first(event_path);
    this.#start = spans.start(row);
    this.#end = spans.end(row);
    if (body[this.#start] === byte_quote) this.#readText(body);
    return undefined;
  }

  /** What was text is text again; what was a JSON string, or would be JSON as text, stays that string. */
  #readText(body: Buffer): void {
    const { decoded } = this.#envelope;
    const [start, end] = [this.#start, this.#end];
    if (decoded === undefined) {
      if (this.#isJson(body, start + 1, end - 1)) return;
      [this.#start, this.#end] = [start + 1, end - 1];
      return;
    }
    const is_spelled = JSON.stringify(decoded.toString()) === body.toString("utf8", start, end);
    if (!is_spelled || this.#isJson(decoded, 0, decoded.length)) return;
    this.#start = this.#decoded_start;
    this.#end = this.#decoded_start += decoded.length;
    this.#decoded.push(decoded);
  }

  #isJson(bytes: Buffer, start: number, end: number): boolean {
    return this.#walker.scan(bytes, start, end) === undefined;
  }
}

function queryOf(metadata: Metadata): RequestQuery {
  const known = { metadata };
  return { metadata, known, time: undefined, channel: undefined, has_token: false };
}

/** That of the agent, for the places of its events. */
function laneOf({ lane, epoch, index }: BatchHead): Lane {
  return new Lane(lane, epoch, { stream: foreign_stream, input: "", output: "", index }, 0);
}
