/**
 * The values that a condition names: of the event's record, by path, or of the metadata that is beside it.
 */
import type { Event, JsonValue } from "../../event/event.ts";
import type { Path } from "../../event/scan/path.ts";

const metadata_keys = ["host", "source", "sourcetype", "index"] as const;
type MetadataKey = (typeof metadata_keys)[number];
const field_prefix = "fields.";

/** A value that a condition names, with its path compiled. */
export type CompiledSlot =
  | { readonly kind: "get" | "has"; readonly path: Path }
  | { readonly kind: "metadata"; readonly name: string };

/** The value; undefined where the event does not have it. */
export function slotValue(slot: CompiledSlot, event: Event): JsonValue | undefined {
  if (slot.kind === "metadata") return metadataValue(slot.name, event);
  return slot.kind === "get" ? event.get(slot.path) : event.has(slot.path);
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
