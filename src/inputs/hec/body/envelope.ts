/**
 * Splunk's envelope around an event, read by the spans of its keys, so that the event keeps its bytes.
 *
 *     {"time":1742539047.915,"host":"h","source":"s","sourcetype":"t","index":"i","fields":{...},"event":...}
 *
 * An object is an envelope only if it has none but these keys, and each at most once. Any other object is the
 * event itself: what a webhook sends may well have a key `event`, as that of MinIO does, and Splunk loses an
 * envelope with a foreign key without saying so (measured).
 */
import type { RecordInit } from "../../../event/block.ts";
import type { Metadata } from "../../../event/event.ts";
import { readJson } from "../../../event/scan/json-value.ts";
import type { MetadataKey, MetadataVariants } from "../../../event/metadata.ts";
import { parsePath } from "../../../event/scan/path.ts";
import type { TimestampReader } from "../../../event/time/timestamp-reader.ts";
import { depth_max, Walker } from "../../../event/scan/walker.ts";
import { contentFaults, type ContentFault } from "./content-fault.ts";
import { FieldsReader } from "./indexed-fields.ts";
import type { RequestQuery } from "../http/request-query.ts";

/** The numbers of the paths that the walker looks for. */
const path = { event: 0, time: 1, fields: 2, host: 3, source: 4, sourcetype: 5, index: 6 } as const;
const known_paths = Object.keys(path);
const any_path = known_paths.length;
const metadata_keys: readonly MetadataKey[] = ["host", "source", "sourcetype", "index"];

/** What is kept of metadata is bounded in number, and so in size. */
const kept_bytes_max = 1024;

export interface EnvelopeLimits {
  /** Of each of host, source, sourcetype and index, as it is spelled. */
  readonly metadata_bytes_max: number;
  /** With the envelope's own level. */
  readonly depth_max: number;
}

const limits_of_senders: EnvelopeLimits = { metadata_bytes_max: kept_bytes_max, depth_max };

const quote = 0x22;
const backslash = 0x5c;
const open_brace = 0x7b;
const n_of_null = 0x6e;

export class EnvelopeReader {
  /** To scan an object with, before it is read here. */
  readonly walker: Walker;
  /** Where the event's own bytes start and end, in `decoded` where there is such. */
  start = 0;
  end = 0;
  /** The event's text, where it was sent as a string with escapes. */
  decoded: Buffer | undefined = undefined;
  /** What is known of the event; undefined where nothing is. */
  known: RecordInit | undefined = undefined;
  readonly #variants: MetadataVariants;
  readonly #timestamps: TimestampReader;
  readonly #fields = new FieldsReader();
  readonly #metadata_bytes_max: number;

  constructor(
    variants: MetadataVariants,
    timestamps: TimestampReader,
    limits: EnvelopeLimits = limits_of_senders,
  ) {
    const paths = [...known_paths, "*"].map((text) => parsePath(text));
    this.walker = new Walker(paths, undefined, limits.depth_max);
    this.#variants = variants;
    this.#timestamps = timestamps;
    this.#metadata_bytes_max = limits.metadata_bytes_max;
  }

  /** Reads the object `bytes[start, end)`, which the walker has scanned last. Returns what is wrong with it. */
  read(bytes: Buffer, start: number, end: number, query: RequestQuery): ContentFault | undefined {
    this.decoded = undefined;
    this.known = query.known;
    this.start = start;
    this.end = end;
    return this.#isEnvelope() ? this.#readEnvelope(bytes, query) : undefined;
  }

  #isEnvelope(): boolean {
    const { spans } = this.walker;
    let members = 0;
    for (let row = spans.first(any_path); row >= 0; row = spans.next(row)) members += 1;
    for (let number = 0; number < any_path; number += 1) {
      const row = spans.first(number);
      if (row < 0) continue;
      if (spans.next(row) >= 0) return false;
      members -= 1;
    }
    return members === 0;
  }

  #readEnvelope(bytes: Buffer, query: RequestQuery): ContentFault | undefined {
    const fault = this.#readEvent(bytes);
    if (fault !== undefined) return fault;
    const time = this.#readTime(bytes, query.time);
    if (time === null) return contentFaults.time;
    const metadata = this.#readMetadata(bytes, query.metadata);
    if (!("metadata" in metadata)) return metadata;
    if (metadata.metadata !== query.metadata || time !== query.time) {
      this.known = { metadata: metadata.metadata, time };
    }
    return undefined;
  }

  #readEvent(bytes: Buffer): ContentFault | undefined {
    const { spans } = this.walker;
    const row = spans.first(path.event);
    if (row < 0) return contentFaults.no_event;
    this.start = spans.start(row);
    this.end = spans.end(row);
    const first = bytes[this.start];
    if (first === n_of_null) return contentFaults.no_event;
    if (first !== quote) return undefined;
    this.start += 1;
    this.end -= 1;
    let text = bytes;
    if (!spans.plain(row) && bytes.subarray(this.start, this.end).includes(backslash)) {
      text = Buffer.from(readJson(bytes, this.start - 1, this.end + 1, false) as string);
      this.decoded = text;
      this.start = 0;
      this.end = text.length;
    }
    return isBlank(text, this.start, this.end) ? contentFaults.blank_event : undefined;
  }

  /** The envelope's time in digits, or the request's where it has none; null where it cannot be used. */
  #readTime(bytes: Buffer, request_time: string | undefined): string | undefined | null {
    const { spans } = this.walker;
    const row = spans.first(path.time);
    if (row < 0) return request_time;
    const start = spans.start(row);
    const first = bytes[start];
    if (first === n_of_null) return request_time;
    const inset = spans.plain(row) ? 1 : 0;
    const timestamps = this.#timestamps;
    return timestamps.read(bytes, start + inset, spans.end(row) - inset) ? timestamps.text : null;
  }

  #readMetadata(bytes: Buffer, base: Metadata): { metadata: Metadata } | ContentFault {
    const { spans } = this.walker;
    let metadata = base;
    for (const key of metadata_keys) {
      const row = spans.first(path[key]);
      if (row < 0) continue;
      const start = spans.start(row);
      const end = spans.end(row);
      if (bytes[start] === n_of_null) continue;
      const is_text = bytes[start] === quote && end - start <= this.#metadata_bytes_max;
      if (!is_text) return contentFaults.metadata;
      const value = readJson(bytes, start, end, spans.plain(row)) as string;
      if (value === "") continue;
      const is_kept = end - start <= kept_bytes_max;
      metadata = is_kept
        ? this.#variants.with(metadata, key, value)
        : { ...metadata, [key]: value };
    }
    const row = spans.first(path.fields);
    if (row < 0 || bytes[spans.start(row)] === n_of_null) return { metadata };
    if (bytes[spans.start(row)] !== open_brace) return contentFaults.fields;
    const with_fields = this.#fields.add(metadata, bytes, spans.start(row), spans.end(row));
    return with_fields === null ? contentFaults.fields : { metadata: with_fields };
  }
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && bytes[at]! <= 0x20) at += 1;
  return at >= end;
}
