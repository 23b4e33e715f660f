/** What verify looks at in a row of Splunk's, whether that is JSON or CSV: read out of its bytes, without text for what stands in each row. */
import { isDigit } from "../../../platform/text/digits.ts";
import { block_events, isLane, place_fields, signature_field } from "../../format/place.ts";
import { KnownTexts } from "./known-texts.ts";
import { no_places, type ExportRecord, type Place } from "./record.ts";

export const field_names: readonly string[] = [
  "_raw",
  "_time",
  "index",
  "sourcetype",
  place_fields.lane,
  place_fields.block,
  place_fields.place_in_block,
  signature_field,
];
/** Where they are in that list. */
export const raw_key = 0;
export const time_key = 1;
export const index_key = 2;
export const sourcetype_key = 3;
export const lane_key = 4;
const block_key = 5;
const at_key = 6;
export const signature_key = 7;

const place_keys = (1 << lane_key) | (1 << block_key) | (1 << at_key);
const zero = 0x30;
/** More digits than these are left to the other way, which knows what is too large. */
const digits_max = 12;

/** One row. What it says holds until the next. */
export class RowFields implements ExportRecord {
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  place: Place | undefined;
  /** What says an impossible place is not read here. */
  readonly is_impossible = false;
  index: string | undefined;
  sourcetype: string | undefined;
  signature: string | undefined;
  readonly #texts = new KnownTexts((text) => (text === "" ? undefined : text));
  readonly #lanes = new KnownTexts((text) => (isLane(text) ? text : undefined));
  readonly #place = { lane: "", number: 0, others: no_places };
  #lane: string | undefined;
  #block = 0;
  #place_in_block = 0;
  #time: Buffer | undefined;
  #time_start = 0;
  #time_end = 0;

  get time(): string | undefined {
    return this.#time?.toString("utf8", this.#time_start, this.#time_end);
  }

  clear(): void {
    this.index = this.sourcetype = this.signature = this.#time = undefined;
  }

  /** Takes the value of a field that is neither the event's text nor a signature. Says whether it is in the usual form. */
  takeField(key: number, bytes: Buffer, [start, end]: readonly [number, number]): boolean {
    switch (key) {
      case time_key:
        this.#time = bytes;
        this.#time_start = start;
        this.#time_end = end;
        return true;
      case index_key:
        this.index = this.#texts.of(bytes, start, end);
        return true;
      case sourcetype_key:
        this.sourcetype = this.#texts.of(bytes, start, end);
        return true;
      case lane_key:
        this.#lane = this.#lanes.of(bytes, start, end);
        return true;
      case block_key:
        this.#block = numberIn(bytes, start, end);
        return this.#block >= 0;
      default:
        this.#place_in_block = numberIn(bytes, start, end);
        return this.#place_in_block >= 0;
    }
  }

  /** `seen` has a bit for each field that was there. Says whether it is clear which place they mean, or that they mean none. */
  findPlace(seen: number): boolean {
    this.place = undefined;
    const of_place = seen & place_keys;
    if (of_place === 0) return true;
    const lane = this.#lane;
    if (of_place !== place_keys || lane === undefined || this.#place_in_block >= block_events)
      return false;
    const place = this.#place;
    place.lane = lane;
    place.number = this.#block * block_events + this.#place_in_block;
    this.place = place;
    return true;
  }
}

/** The number that the digits say; -1 for what is none, or too long for this. */
export function numberIn(bytes: Buffer, start: number, end: number): number {
  if (end === start || end - start > digits_max) return -1;
  let number = 0;
  for (let at = start; at < end; at += 1) {
    if (!isDigit(bytes[at])) return -1;
    number = number * 10 + bytes[at]! - zero;
  }
  return number;
}
