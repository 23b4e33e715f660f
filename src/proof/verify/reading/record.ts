/**
 * One event of an export, whatever form that has: its bytes, and the fields that verify looks at.
 */
import { block_events, isLane, place_fields, signature_field } from "../../format/place.ts";

export interface ExportRecord {
  /** What Splunk calls `_raw`, in UTF-8. It holds until the next record is taken: who keeps it copies it. */
  readonly raw: Buffer;
  /** The lane with its epoch, and the number; undefined for an event that has no place. */
  readonly place: Place | undefined;
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

/** A value as an export has it: several values are an array. */
type Value = unknown;

/** Of a place that is the only one possible. */
export const no_places: readonly Place[] = [];
/** One field may have values of the event's own beside the indexed one. */
const places_max = 16;
const number_max = 2 ** 43;

/** The record with these fields; undefined where it has no text. */
export function recordOf(fields: Readonly<Record<string, Value>>): ExportRecord | undefined {
  const raw = fields["_raw"];
  if (typeof raw !== "string") return undefined;
  return {
    raw: Buffer.from(raw),
    place: placeOf(fields),
    index: textOf(fields["index"]),
    sourcetype: textOf(fields["sourcetype"]),
    time: timeOf(fields["_time"]),
    signature: textOf(fields[signature_field]),
  };
}

/** The place that the three fields say. */
export function placeOf(fields: Readonly<Record<string, Value>>): Place | undefined {
  const lane = fields[place_fields.lane];
  const block = fields[place_fields.block];
  const at = fields[place_fields.place_in_block];
  if (lane === undefined || block === undefined || at === undefined) return undefined;
  if (typeof lane === "string" && typeof block === "string" && typeof at === "string") {
    return simplePlace(lane, block, at, no_places);
  }
  const places: Place[] = [];
  for (const each_lane of valuesOf(lane)) {
    for (const each_block of valuesOf(block)) {
      for (const each_at of valuesOf(at)) {
        const place = simplePlace(each_lane, each_block, each_at, no_places);
        if (place !== undefined && places.length < places_max) places.push(place);
      }
    }
  }
  const [first, ...others] = places;
  return first && { ...first, others };
}

function simplePlace(
  lane: string,
  block: string,
  at: string,
  others: readonly Place[],
): Place | undefined {
  const number = numberOf(block) * block_events + numberOf(at);
  // Not a number is not below, either.
  if (!(number < number_max) || Number(at) >= block_events || !isLane(lane)) return undefined;
  return { lane, number, others };
}

function numberOf(text: string): number {
  return /^\d{1,13}$/.test(text) ? Number(text) : NaN;
}

function valuesOf(value: Value): string[] {
  const values = Array.isArray(value) ? (value as Value[]) : [value];
  return [...new Set(values.map(String))];
}

function textOf(value: Value): string | undefined {
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
