/**
 * Event mode: each event in Splunk's envelope, one JSON object a line.
 *
 *     {"host":"h","source":"s","sourcetype":"t","index":"i","fields":{...},"time":1742539047.915,"event":...}\n
 *     '------------------------ by metadata, cached ------------------------'
 *
 * The keys are exactly Splunk's: an unknown one makes it answer 200 and drop that event and all after it (measured).
 */
import type { Metadata } from "../../event/event.ts";
import type { Place } from "../../ledger/lanes/lane.ts";
import {
  isBlankJson,
  isBlankText,
  skipBlanks,
  type DecodedEvent,
  type EncodableEvent,
  type Encoder,
  type RecoveredEvent,
} from "./encoder.ts";
import { number_bytes_max, Prefix, readHead, writeNumber } from "./prefix.ts";

/** Path that envelopes are posted to. */
export const event_path = "/services/collector/event";

const event_key = Buffer.from(',"event":');
const byte_quote = 0x22;
const byte_close = 0x7d;
const byte_line_feed = 0x0a;
/** Digits of seconds, a point, nine decimals, and some. */
const time_bytes_max = 32;
const frame_bytes_max = time_bytes_max + event_key.length + 2;

export class EventEncoder implements Encoder {
  readonly content_type = "application/json";
  readonly sends_places = true;
  readonly #prefixes = new WeakMap<Metadata, Prefix>();
  /** The metadata of the last event, and its prefix: events come in runs of one stream. */
  #metadata: Metadata | undefined;
  #prefix = new Prefix({}, {});
  readonly #writes_places: boolean;

  /** With `places` beside them, envelopes do not have the places: whoever gets them knows where they begin in their lane. */
  constructor(places: "within" | "beside" = "within") {
    this.#writes_places = places === "within";
  }

  pathOf(): string {
    return event_path;
  }

  sizeMax(event: EncodableEvent): number {
    const { byteLength, invalid } = event;
    // A byte becomes at most `\u0000`, and `\\u0000` where a blank text is written as its spelling; in a
    // blank JSON string only quotes and backslashes are escaped.
    const value_max = (invalid === undefined ? 2 : 7) * byteLength + 8;
    const prefix = this.#prefixOf(event);
    const place = this.#writes_places ? event.place : undefined;
    const head = place === undefined ? prefix.plain.length : placedLength(prefix, place);
    return head + frame_bytes_max + value_max;
  }

  encode(event: EncodableEvent, target: Buffer, at: number): number {
    const prefix = this.#prefixOf(event);
    const { byteLength, invalid, place } = event;
    const rest_max = frame_bytes_max + byteLength;
    let end: number;
    if (place === undefined || !this.#writes_places) {
      if (at + prefix.plain.length + rest_max > target.length) return -1;
      target.set(prefix.plain, at);
      end = event.writeTime(target, at + prefix.plain.length);
    } else {
      if (at + placedLength(prefix, place) + rest_max > target.length) return -1;
      target.set(prefix.placed, at);
      end = event.writeTime(target, at + prefix.placed.length);
      const fields = prefix.fieldsAt(place);
      target.set(fields, end);
      end = writeNumber(place, target, end + fields.length);
    }
    for (let byte = 0; byte < event_key.length; byte += 1) target[end++] = event_key[byte]!;
    const start = end;
    if (invalid === undefined) {
      end = event.copyTo(target, start);
      if (isBlankJson(target, start, end)) {
        end = writeText(target.toString("utf8", start, end), target, start);
      }
    } else {
      end = writeText(event.text, target, end);
    }
    if (end === -1) return -1;
    if (place?.lane.recorder !== undefined) showRecord(place, target, start, end);
    target[end] = byte_close;
    target[end + 1] = byte_line_feed;
    return end + 2;
  }

  decode(encoded: Buffer): DecodedEvent {
    const envelope = encoded.toString("utf8", 0, encoded.length - 2);
    const { head, time, length } = readHead(envelope);
    const value = envelope.slice(length + event_key.length);
    return {
      // What was no JSON is there as a string, and is text again.
      text: value.startsWith('"') ? (JSON.parse(value) as string) : value,
      metadata: {
        ...(JSON.parse(`${head}0}`) as Record<string, unknown>),
        // As a number it would lose digits.
        time,
      },
    };
  }

  recover(encoded: Buffer): RecoveredEvent {
    // One character a byte, so that places in the text are places in the bytes.
    const { head, time, length } = readHead(encoded.toString("latin1"));
    const record = encoded.subarray(length + event_key.length, encoded.length - 2);
    const text = record[0] === byte_quote ? spelledBy(record.toString()) : undefined;
    return { head, time, record, text };
  }

  metadataOf(head: string): Metadata {
    const envelope = `${Buffer.from(head, "latin1").toString()}0}`;
    const { time: _, ...metadata } = JSON.parse(envelope) as Metadata & { time: number };
    return metadata;
  }

  #prefixOf(event: EncodableEvent): Prefix {
    const { metadata, truncation } = event;
    if (truncation !== undefined) {
      const { original_bytes, original_sha256 } = truncation;
      return new Prefix(metadata, {
        tallyman_original_bytes: original_bytes,
        tallyman_original_sha256: original_sha256,
      });
    }
    if (metadata === this.#metadata) return this.#prefix;
    let prefix = this.#prefixes.get(metadata);
    if (prefix === undefined) {
      prefix = new Prefix(metadata, {});
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

function placedLength(prefix: Prefix, place: Place): number {
  return prefix.placed.length + prefix.fieldsAt(place).length + number_bytes_max;
}

/** Shows the bytes that the receiver will have of the event to who looks at its lane: of a string those of its text. */
function showRecord({ lane, number }: Place, target: Buffer, start: number, end: number): void {
  const { recorder } = lane;
  if (target[skipBlanks(target, start, end)] !== byte_quote) {
    recorder!.record(number, target, start, end);
    return;
  }
  const text = Buffer.from(JSON.parse(target.toString("utf8", start, end)) as string);
  recorder!.record(number, text, 0, text.length);
}
