/**
 * The entries in a frame's payload: written event by event straight into one buffer, and read back.
 *
 *     payload = entry* ;  entry = kind (1 byte), then what its kind has; see docs/formats/journal.md
 *
 * Metadata is defined where it is used first, and from then on named by its number within the frame.
 */
import type { Records, Truncation } from "../../event/block.ts";
import type { Verdict } from "../../event/event.ts";
import type { LogEvent } from "../../event/log-event.ts";
import type { KeptEvent } from "../../event/kept-event.ts";
import { time_length_max } from "../../event/time/timestamp-reader.ts";

export const entry_kinds = {
  metadata: 1,
  event: 2,
  truncated_event: 3,
  /** As quarantined, without what else is known. Is only read. */
  quarantined_text: 4,
  filtered: 5,
  dropped: 6,
  quarantined: 7,
  /** Which redact steps the frame's events have been through. */
  redaction: 8,
  /** How many of the frame's events a step made. */
  made: 9,
} as const;

const original_bytes_length = 6;
const sha256_bytes = 32;
export const original_length = original_bytes_length + sha256_bytes;
/** Kind, metadata number, length of the time and of the record. */
const event_fixed_bytes = 1 + 4 + 1 + 4;
/** The longest entry of an event without its record. */
export const event_overhead_max = event_fixed_bytes + time_length_max + original_length;
const length_bytes = 4;
const uint32_max = 2 ** 32 - 1;

/** Writes an event's entry; `target` has room for it. Returns where it ends. */
export function writeEvent(
  event: LogEvent<Records>,
  metadata: number,
  target: Buffer,
  at: number,
): number {
  const { truncation } = event;
  target[at] = truncation === undefined ? entry_kinds.event : entry_kinds.truncated_event;
  target.writeUInt32LE(metadata, at + 1);
  const time_start = at + 6;
  let to = event.writeTime(target, time_start);
  target[at + 5] = to - time_start;
  if (truncation !== undefined) to = writeOriginal(truncation, target, to);
  const end = event.copyTo(target, to + length_bytes);
  target.writeUInt32LE(end - to - length_bytes, to);
  return end;
}

/** The entry that says which redact steps the frame's events have been through: their ids, in hex. */
export function redactionEntry(steps: string): Buffer {
  const ids = Buffer.from(steps, "hex");
  const entry = Buffer.allocUnsafe(1 + length_bytes + ids.length);
  entry[0] = entry_kinds.redaction;
  writeBytes(ids, entry, 1);
  return entry;
}

/** The entry that defines the next metadata number. */
export function metadataEntry(json: Buffer): Buffer {
  const entry = Buffer.allocUnsafe(1 + length_bytes + json.length);
  entry[0] = entry_kinds.metadata;
  writeBytes(json, entry, 1);
  return entry;
}

/** The entry of an event that goes to quarantine. */
export function quarantinedEntry(
  verdict: Verdict,
  original: Truncation,
  { text, ...kept }: KeptEvent,
): Buffer {
  // Where there is no text, that is said beside it.
  const kept_json = JSON.stringify(text === null ? { ...kept, text } : kept);
  const texts = [verdict.reason, verdict.detail ?? "", kept_json, text ?? ""];
  const parts = texts.map((part) => Buffer.from(part));
  const texts_bytes = parts.reduce((sum, part) => sum + length_bytes + part.length, 0);
  const entry = Buffer.allocUnsafe(1 + original_length + texts_bytes);
  entry[0] = entry_kinds.quarantined;
  let at = writeOriginal(original, entry, 1);
  for (const part of parts) at = writeBytes(part, entry, at);
  return entry;
}

/** The entry of events that ended before they came here, and of which only the count is kept. */
export function endedEntry(fate: "filtered" | "dropped", reason: string, count: number): Buffer {
  return countEntry(entry_kinds[fate], reason, count);
}

/** The entry that says how many of the frame's events a step made. */
export function madeEntry(step: string, count: number): Buffer {
  return countEntry(entry_kinds.made, step, count);
}

function countEntry(kind: number, reason: string, count: number): Buffer {
  const text = Buffer.from(reason);
  const entry = Buffer.allocUnsafe(1 + 4 + length_bytes + text.length);
  entry[0] = kind;
  entry.writeUInt32LE(Math.min(count, uint32_max), 1);
  writeBytes(text, entry, 5);
  return entry;
}

function writeOriginal(original: Truncation, target: Buffer, at: number): number {
  target.writeUIntLE(original.original_bytes, at, original_bytes_length);
  target.write(original.original_sha256, at + original_bytes_length, sha256_bytes, "hex");
  return at + original_length;
}

function writeBytes(bytes: Buffer, target: Buffer, at: number): number {
  target.writeUInt32LE(bytes.length, at);
  return at + length_bytes + bytes.copy(target, at + length_bytes);
}

/** What `readEntries` finds, in the order of the payload. */
export interface EntryTarget {
  /** Says which redact steps the events of the frame have been through: their ids, in hex. */
  redaction(steps: string): void;
  /** Defines the next metadata number of the frame. */
  metadata(json: string): void;
  event(entry: EventEntry): void;
  quarantined(entry: QuarantinedEntry): void;
  end(fate: "filtered" | "dropped", reason: string, count: number): void;
  made(step: string, count: number): void;
}

export interface EventEntry {
  readonly metadata: number;
  readonly time: string;
  readonly truncation: Truncation | undefined;
  /** Where the record is in the bytes. */
  readonly start: number;
  readonly end: number;
}

export interface QuarantinedEntry {
  readonly reason: string;
  readonly detail: string | undefined;
  readonly original: Truncation;
  /** What else is known of it. */
  readonly kept: Partial<KeptEvent> | undefined;
  /** Where the masked text is in the bytes. */
  readonly start: number;
  readonly end: number;
}

/** Reads the entries of a payload whose checksum is right. Throws where they make no sense all the same. */
export function readEntries(bytes: Buffer, start: number, end: number, target: EntryTarget): void {
  let at = start;
  while (at < end) {
    const kind = bytes[at++]!;
    switch (kind) {
      case entry_kinds.metadata: {
        const json = spanAt(bytes, at);
        target.metadata(bytes.toString("utf8", json.start, json.end));
        at = json.end;
        break;
      }
      case entry_kinds.redaction: {
        const ids = spanAt(bytes, at);
        target.redaction(bytes.toString("hex", ids.start, ids.end));
        at = ids.end;
        break;
      }
      case entry_kinds.event:
      case entry_kinds.truncated_event:
        at = readEvent(bytes, at, kind === entry_kinds.truncated_event, target);
        break;
      case entry_kinds.quarantined:
      case entry_kinds.quarantined_text:
        at = readQuarantined(bytes, at, kind === entry_kinds.quarantined, target);
        break;
      case entry_kinds.filtered:
      case entry_kinds.dropped:
      case entry_kinds.made:
        at = readCount(bytes, at, kind, target);
        break;
      default:
        throw new RangeError(`unknown entry kind ${kind}`);
    }
  }
}

function readCount(bytes: Buffer, from: number, kind: number, target: EntryTarget): number {
  const count = bytes.readUInt32LE(from);
  const name = spanAt(bytes, from + 4);
  const text = textOf(bytes, name);
  if (kind === entry_kinds.made) target.made(text, count);
  else target.end(kind === entry_kinds.filtered ? "filtered" : "dropped", text, count);
  return name.end;
}

function readEvent(
  bytes: Buffer,
  from: number,
  is_truncated: boolean,
  target: EntryTarget,
): number {
  const time_start = from + 5;
  const time_end = time_start + bytes[from + 4]!;
  const truncation = is_truncated ? originalAt(bytes, time_end) : undefined;
  const { start, end } = spanAt(bytes, is_truncated ? time_end + original_length : time_end);
  const metadata = bytes.readUInt32LE(from);
  const time = bytes.toString("latin1", time_start, time_end);
  target.event({ metadata, time, truncation, start, end });
  return end;
}

function readQuarantined(
  bytes: Buffer,
  from: number,
  has_kept: boolean,
  target: EntryTarget,
): number {
  const reason = spanAt(bytes, from + original_length);
  const detail = spanAt(bytes, reason.end);
  const kept_span = has_kept ? spanAt(bytes, detail.end) : undefined;
  const { start, end } = spanAt(bytes, kept_span?.end ?? detail.end);
  target.quarantined({
    reason: textOf(bytes, reason),
    detail: detail.start === detail.end ? undefined : textOf(bytes, detail),
    original: originalAt(bytes, from),
    kept: kept_span && (JSON.parse(textOf(bytes, kept_span)) as Partial<KeptEvent>),
    start,
    end,
  });
  return end;
}

function originalAt(bytes: Buffer, at: number): Truncation {
  const sha256_start = at + original_bytes_length;
  return {
    original_bytes: bytes.readUIntLE(at, original_bytes_length),
    original_sha256: bytes.toString("hex", sha256_start, sha256_start + sha256_bytes),
  };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The bytes behind their length at `at`. */
function spanAt(bytes: Buffer, at: number): Span {
  const start = at + length_bytes;
  return { start, end: start + bytes.readUInt32LE(at) };
}

function textOf(bytes: Buffer, { start, end }: Span): string {
  return bytes.toString("utf8", start, end);
}
