/**
 * What stands in an envelope before and after the time, by metadata; envelope-head.ts shows both forms. Where an event has a place in a
 * lane, all but the time and the last number is made once for many events.
 */
import type { FieldValue, Metadata } from "../../event/event.ts";
import { readEnvelopeHead } from "../../proof/format/envelope-head.ts";
import { block_events, reserved_fields } from "../../proof/format/place.ts";
import type { Lane, Place } from "../../ledger/lanes/lane.ts";

/** `1023"}`. */
export const number_bytes_max = 6;

const byte_quote = 0x22;
const byte_close = 0x7d;
const byte_zero = 0x30;

/** The last three of the fields of an event with a place. */
const place_fields = /,?"tally_lane":"[^"]*","tally_block":"\d+","tally_i":"\d+"$/;

/** What an envelope says before its event. */
export interface EnvelopeHead {
  /** Up to the time, without a place: the same for events that have the same metadata. */
  readonly head: string;
  /** Epoch seconds in digits. */
  readonly time: string;
  readonly length: number;
}

/** `envelope` has at least all before its event. */
export function readHead(envelope: string): EnvelopeHead {
  const { text, strings, before, time, behind } = readEnvelopeHead(envelope)!;
  const { length } = text;
  if (behind === undefined) return { head: `${strings}${before}"time":`, time, length };
  const own = behind.replace(place_fields, "");
  const fields = own === "" ? "" : `"fields":{${own}},`;
  return { head: `${strings}${fields}"time":`, time, length };
}

const no_bytes = Buffer.alloc(0);

/** What is of events with a place alone. */
interface PlacedPrefix {
  /** All that is before the time. */
  readonly bytes: Buffer;
  /** The members of `fields`, each with a comma behind it, without those that are ours: an agent before this one may have sent them. */
  readonly members: string;
}

export class Prefix {
  /** All that is before the time of an event without a place. */
  readonly plain: Buffer;
  readonly #metadata: Metadata;
  readonly #more_fields: Record<string, FieldValue>;
  /** Made with the first event that has a place: there is a prefix for each file. */
  #placed: PlacedPrefix | undefined = undefined;
  #lane: Lane | undefined = undefined;
  #block = -1;
  #fields = no_bytes;

  constructor(metadata: Metadata, more_fields: Record<string, FieldValue>) {
    this.#metadata = metadata;
    this.#more_fields = more_fields;
    const members = this.#members().map(({ text }) => text);
    const fields = members.length === 0 ? "" : `"fields":{${members.join(",")}},`;
    this.plain = bytesOf(`${this.#strings}${fields}"time":`);
  }

  /** All that is before the time of an event with a place. */
  get placed(): Buffer {
    return this.#ofPlaces.bytes;
  }

  /** The fields up to the event's number in its block, which `writeNumber` writes. */
  fieldsAt({ lane, number }: Place): Buffer {
    // Numbers go beyond what bits hold.
    const block = Math.floor(number / block_events);
    if (lane !== this.#lane || block !== this.#block) {
      this.#lane = lane;
      this.#block = block;
      const of = `"tally_lane":"${lane.name}","tally_block":"${block}","tally_i":"`;
      this.#fields = Buffer.from(`,"fields":{${this.#ofPlaces.members}${of}`);
    }
    return this.#fields;
  }

  get #ofPlaces(): PlacedPrefix {
    if (this.#placed !== undefined) return this.#placed;
    const members = this.#members().filter(({ name }) => !reserved_fields.has(name));
    this.#placed = {
      bytes: bytesOf(`${this.#strings}"time":`),
      members: members.map(({ text }) => `${text},`).join(""),
    };
    return this.#placed;
  }

  get #strings(): string {
    let text = "{";
    for (const key of ["host", "source", "sourcetype", "index"] as const) {
      const value = this.#metadata[key];
      // Splunk takes its own default for a key that is missing, and refuses one that is null.
      if (value !== undefined && value !== "") text += `"${key}":${quoted(value)},`;
    }
    return text;
  }

  #members(): { name: string; text: string }[] {
    const fields = Object.entries({ ...this.#metadata.fields, ...this.#more_fields });
    return fields.map(([name, value]) => ({ name, text: `${quoted(name)}:${fieldValue(value)}` }));
  }
}

/** In memory of its own: a part of what Node shares among small buffers would keep all of that. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** Writes the event's number in its block, and the end of the fields; returns where they end. */
export function writeNumber({ number }: Place, target: Buffer, at: number): number {
  const digits = number % block_events;
  let end = at;
  for (let unit = digits >= 1000 ? 1000 : digits >= 100 ? 100 : digits >= 10 ? 10 : 1; ;) {
    target[end++] = byte_zero + (Math.floor(digits / unit) % 10);
    if (unit === 1) break;
    unit /= 10;
  }
  target[end] = byte_quote;
  target[end + 1] = byte_close;
  return end + 2;
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
