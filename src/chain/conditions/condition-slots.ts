/**
 * The values that a condition names: of the event's record, by path, or of the metadata that is beside it.
 */
import type { Event, JsonValue } from "../../event/event.ts";
import type { Path } from "../../event/scan/path.ts";
import type { Clock } from "../../platform/clock.ts";

const metadata_keys = ["host", "source", "sourcetype", "index"] as const;
type MetadataKey = (typeof metadata_keys)[number];
const field_prefix = "fields.";

/** A value that a condition names, with its path compiled. */
export type CompiledSlot =
  | { readonly kind: "get" | "has"; readonly path: Path }
  | { readonly kind: "metadata"; readonly name: string }
  | TimeSlot;

/** A time that a condition names: the event's, or the clock's. */
export type TimeSlot =
  { readonly kind: "time" } | { readonly kind: "now"; readonly clock: Pick<Clock, "now"> };

/** The value of a slot that is no time; undefined where the event does not have it. */
export function slotValue(
  slot: Exclude<CompiledSlot, TimeSlot>,
  event: Event,
): JsonValue | undefined {
  if (slot.kind === "metadata") return metadataValue(slot.name, event);
  return slot.kind === "get" ? event.get(slot.path) : event.has(slot.path);
}

export function isTimeSlot(slot: CompiledSlot): slot is TimeSlot {
  return slot.kind === "time" || slot.kind === "now";
}

/** The time in milliseconds since the epoch. */
export function slotTime(slot: TimeSlot, event: Event): number {
  return slot.kind === "now" ? slot.clock.now() : millisecondsOf(event.time);
}

/** Whether there is metadata of this name: one of the keys, or an indexed field as `fields.NAME`. */
export function isMetadataName(name: string): boolean {
  return isMetadataKey(name) || (name.startsWith(field_prefix) && name !== field_prefix);
}

function metadataValue(name: string, event: Event): JsonValue | undefined {
  if (isMetadataKey(name)) return event[name];
  const { fields } = event;
  const field = name.slice(field_prefix.length);
  return fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined;
}

function isMetadataKey(name: string): name is MetadataKey {
  return (metadata_keys as readonly string[]).includes(name);
}

/** Milliseconds of an event's time, which is text of seconds with decimals. */
function millisecondsOf(time: string): number {
  const dot = time.indexOf(".");
  if (dot < 0) return Number(time) * 1000;
  return Number(time.slice(0, dot)) * 1000 + Number(time.slice(dot + 1, dot + 4).padEnd(3, "0"));
}
