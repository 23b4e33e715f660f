/**
 * Event mode: each event in Splunk's envelope, one JSON object a line.
 *
 *     {"host":"h","source":"s","sourcetype":"t","index":"i","fields":{...},"time":1742539047.915,"event":...}\n
 *     '------------------------ by metadata, cached ------------------------'
 *
 * The keys are exactly Splunk's: an unknown one makes it answer 200 and drop that event and all after it (measured).
 */
import type { FieldValue, Metadata } from "../../event/event.ts";
import {
  isBlankJson,
  isBlankText,
  type DecodedEvent,
  type EncodableEvent,
  type Encoder,
  type RecoveredEvent,
} from "./encoder.ts";

const event_key = Buffer.from(',"event":');
const byte_quote = 0x22;
const byte_close = 0x7d;
const byte_line_feed = 0x0a;
/** Digits of seconds, a point, nine decimals, and some. */
const time_bytes_max = 32;
const frame_bytes_max = time_bytes_max + event_key.length + 2;

/** An envelope up to the event: strings, and fields that are scalars or flat lists. */
const envelope_head =
  /^\{(?:"[a-z]+":"(?:[^"\\]|\\.)*",)*(?:"fields":\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\},)?"time":[\d.]+(?=,"event":)/;

export class EventEncoder implements Encoder {
  readonly content_type = "application/json";
  readonly #prefixes = new WeakMap<Metadata, Buffer>();
  /** The metadata of the last event, and its prefix: events come in runs of one stream. */
  #metadata: Metadata | undefined;
  #prefix: Buffer = Buffer.alloc(0);

  pathOf(): string {
    return "/services/collector/event";
  }

  sizeMax(event: EncodableEvent): number {
    const { byteLength, invalid } = event;
    // A byte becomes at most `\u0000`, and `\\u0000` where a blank text is written as its spelling; in a
    // blank JSON string only quotes and backslashes are escaped.
    const value_max = (invalid === undefined ? 2 : 7) * byteLength + 8;
    return this.#prefixOf(event).length + frame_bytes_max + value_max;
  }

  encode(event: EncodableEvent, target: Buffer, at: number): number {
    const prefix = this.#prefixOf(event);
    const { byteLength, invalid } = event;
    if (at + prefix.length + frame_bytes_max + byteLength > target.length) return -1;
    target.set(prefix, at);
    let end = event.writeTime(target, at + prefix.length);
    for (let byte = 0; byte < event_key.length; byte += 1) target[end++] = event_key[byte]!;
    if (invalid === undefined) {
      const start = end;
      end = event.copyTo(target, start);
      if (isBlankJson(target, start, end)) {
        end = writeText(target.toString("utf8", start, end), target, start);
      }
    } else {
      end = writeText(event.text, target, end);
    }
    if (end === -1) return -1;
    target[end] = byte_close;
    target[end + 1] = byte_line_feed;
    return end + 2;
  }

  decode(encoded: Buffer): DecodedEvent {
    const envelope = encoded.toString("utf8", 0, encoded.length - 2);
    const head = envelope_head.exec(envelope)![0];
    const value = envelope.slice(head.length + event_key.length);
    return {
      // What was no JSON is there as a string, and is text again.
      text: value.startsWith('"') ? (JSON.parse(value) as string) : value,
      metadata: {
        ...(JSON.parse(`${head}}`) as Record<string, unknown>),
        // As a number it would lose digits.
        time: /[\d.]+$/.exec(head)![0],
      },
    };
  }

  recover(encoded: Buffer): RecoveredEvent {
    // One character a byte, so that places in the text are places in the bytes.
    const head = envelope_head.exec(encoded.toString("latin1"))![0];
    const time = /[\d.]+$/.exec(head)![0];
    const record = encoded.subarray(head.length + event_key.length, encoded.length - 2);
    const text = record[0] === byte_quote ? spelledBy(record.toString()) : undefined;
    return { head: head.slice(0, -time.length), time, record, text };
  }

  metadataOf(head: string): Metadata {
    const envelope = `${Buffer.from(head, "latin1").toString()}0}`;
    const { time: _, ...metadata } = JSON.parse(envelope) as Metadata & { time: number };
    return metadata;
  }

  #prefixOf(event: EncodableEvent): Buffer {
    const { metadata, truncation } = event;
    if (truncation !== undefined) {
      const { original_bytes, original_sha256 } = truncation;
      return prefixFor(metadata, {
        tallyman_original_bytes: original_bytes,
        tallyman_original_sha256: original_sha256,
      });
    }
    if (metadata === this.#metadata) return this.#prefix;
    let prefix = this.#prefixes.get(metadata);
    if (prefix === undefined) {
      prefix = prefixFor(metadata, {});
      this.#prefixes.set(metadata, prefix);
    }
    this.#metadata = metadata;
    this.#prefix = prefix;
    return prefix;
  }
}

/** Writes the text as a JSON string, and leaves room for the end of the envelope; -1 where it does not fit. */
function writeText(text: string, target: Buffer, at: number): number {
  // Decoding has made U+FFFD of what is not UTF-8, so there is no lone surrogate either.
  let value = JSON.stringify(text);
  // Splunk refuses a blank event. Its spelling as a JSON string is not blank, and says exactly what it was.
  if (isBlankText(text)) value = JSON.stringify(value);
  if (at + Buffer.byteLength(value) + 2 > target.length) return -1;
  return at + target.write(value, at);
}

/** The text that `writeText` would write just so; undefined where there is none. */
function spelledBy(value: string): Buffer | undefined {
  const text = JSON.parse(value) as string;
  return text.isWellFormed() && JSON.stringify(text) === value ? Buffer.from(text) : undefined;
}

/** An envelope up to and including `"time":`. */
function prefixFor(metadata: Metadata, more_fields: Record<string, FieldValue>): Buffer {
  let text = "{";
  for (const key of ["host", "source", "sourcetype", "index"] as const) {
    const value = metadata[key];
    // Splunk takes its own default for a key that is missing, and refuses one that is null.
    if (value !== undefined && value !== "") text += `"${key}":${quoted(value)},`;
  }
  const fields = Object.entries({ ...metadata.fields, ...more_fields });
  if (fields.length > 0) {
    const members = fields.map(([name, value]) => `${quoted(name)}:${fieldValue(value)}`);
    text += `"fields":{${members.join(",")}},`;
  }
  const prefix = `${text}"time":`;
  // In memory of its own: a part of what Node shares among small buffers would keep all of that.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(prefix));
  bytes.write(prefix);
  return bytes;
}

/** A nested field value would cost the whole batch (code 15), so what is neither scalar nor a flat list becomes text. */
function fieldValue(value: unknown): string {
  if (!Array.isArray(value)) return scalar(value);
  return `[${value.map((item) => scalar(item)).join(",")}]`;
}

function scalar(value: unknown): string {
  if (typeof value === "boolean" || Number.isFinite(value)) return String(value);
  if (typeof value === "object" && value !== null) return quoted(JSON.stringify(value));
  return quoted(String(value));
}

function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed());
}
