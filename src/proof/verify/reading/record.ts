/**
 * One event of an export, whatever form that has: its bytes, and the fields that verify looks at.
 */
import {
  block_events,
  isLane,
  number_end,
  place_fields,
  signature_field,
} from "../../format/place.ts";

export interface ExportRecord {
  /** What Splunk calls `_raw`, in UTF-8, is what of `bytes` is from `start` to `end`. It holds until the next record is taken. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** The lane with its epoch, and the number; undefined for an event that has no place. */
  readonly place: Place | undefined;
  /** Whether the fields say a place that there cannot be, or only part of one. */
  readonly is_impossible: boolean;
  readonly index: string | undefined;
  readonly sourcetype: string | undefined;
  /** As the export has it. */
  readonly time: string | number | undefined;
  readonly signature: string | undefined;
}

export interface Place {
  readonly lane: string;
  readonly number: number;
  /** Whether the fields had more than one value, and another place is possible. */
  readonly others: readonly Place[];
}

/** The text of a record. It holds until the next record is taken: who keeps it copies it. */
export function rawOf({ bytes, start, end }: ExportRecord): Buffer {
  return bytes.subarray(start, end);
}

/** A value as an export has it: several values are an array. */
type Value = unknown;

/** Of a place that is the only one possible. */
export const no_places: readonly Place[] = [];
/** One field may have values of the event's own beside the indexed one. */
const places_max = 16;
/** Of each field so many different values are looked at. */
const values_max = 16;

/** The record with these fields; undefined where it has no text. */
export function recordOf(fields: Readonly<Record<string, Value>>): ExportRecord | undefined {
  const text = fields["_raw"];
  if (typeof text !== "string") return undefined;
  const bytes = Buffer.from(text);
  return {
    bytes,
    start: 0,
    end: bytes.length,
    ...placeOf(fields),
    index: textOf(fields["index"]),
    sourcetype: textOf(fields["sourcetype"]),
    time: timeOf(fields["_time"]),
    signature: textOf(fields[signature_field]),
  };
}

/** The place that the three fields say. */
export function placeOf(
  fields: Readonly<Record<string, Value>>,
): Pick<ExportRecord, "place" | "is_impossible"> {
  const lanes = valuesOf(fields[place_fields.lane]);
  const blocks = valuesOf(fields[place_fields.block]);
  const all_at = valuesOf(fields[place_fields.place_in_block]);
  if (lanes.length + blocks.length + all_at.length === 0) {
    return { place: undefined, is_impossible: false };
  }
  const [first, ...others] = placesOf(lanes, blocks, all_at);
  const place = first && { ...first, others: others.length === 0 ? no_places : others };
  return { place, is_impossible: place === undefined };
}

/** Each field may have several values: what is possible of all their combinations. */
function placesOf(
  lanes: readonly string[],
  blocks: readonly string[],
  all_at: readonly string[],
): Place[] {
  const places: Place[] = [];
  for (const lane of lanes) {
    for (const block of blocks) {
      for (const at of all_at) {
        const number = numberOf(block) * block_events + numberOf(at);
        // Not a number is not below, either.
        const is_possible = number < number_end && Number(at) < block_events && isLane(lane);
        if (is_possible) places.push({ lane, number, others: no_places });
        if (places.length === places_max) return places;
      }
    }
  }
  return places;
}

function numberOf(text: string): number {
  return /^\d{1,13}$/.test(text) ? Number(text) : NaN;
}

function valuesOf(value: Value): string[] {
  if (value === undefined || value === null || value === "") return [];
  if (typeof value === "string") return [value];
  const values = Array.isArray(value) ? (value as Value[]) : [value];
  const texts = values.slice(0, values_max).map((each) => {
    return typeof each === "string" || typeof each === "number" ? String(each) : "";
  });
  return [...new Set(texts)];
}

/** Of several values the first. */
export function textOf(value: Value): string | undefined {
  if (Array.isArray(value)) return textOf((value as Value[])[0]);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function timeOf(value: Value): string | number | undefined {
  const one: Value = Array.isArray(value) ? (value as Value[])[0] : value;
  return typeof one === "number" || typeof one === "string" ? one : undefined;
}

/** A time of an export in milliseconds; undefined for one that cannot be read. */
export function timeIn(time: string | number | undefined): number | undefined {
  if (time === undefined) return undefined;
  const seconds = Number(time);
  if (Number.isFinite(seconds)) return Math.round(seconds * 1000);
  const ms = Date.parse(String(time));
  return Number.isNaN(ms) ? undefined : ms;
}
