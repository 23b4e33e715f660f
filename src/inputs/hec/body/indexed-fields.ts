/**
 * The `fields` of an envelope: a flat object, whose numbers keep the digits that they were sent with.
 */
import type { FieldValue, Metadata } from "../../../event/event.ts";

/** Objects kept. */
const kept_max = 1024;
/** Longer ones are not likely to come again. */
const kept_bytes_max = 4096;

export class FieldsReader {
  #kept = new WeakMap<Metadata, Map<string, Metadata | null>>();
  #count = 0;

  /**
   * `base` with the fields of the JSON object `bytes[start, end)` added to its own; null where it is not flat. The
   * same fields give the same object.
   */
  add(base: Metadata, bytes: Buffer, start: number, end: number): Metadata | null {
    const text = bytes.toString("utf8", start, end);
    if (end - start > kept_bytes_max) return withFieldsOf(base, text);
    const known = this.#kept.get(base)?.get(text);
    if (known !== undefined) return known;
    const metadata = withFieldsOf(base, text);
    this.#keep(base, text, metadata);
    return metadata;
  }

  #keep(base: Metadata, text: string, metadata: Metadata | null): void {
    if (this.#count >= kept_max) {
      this.#kept = new WeakMap();
      this.#count = 0;
    }
    const kept = this.#kept.get(base);
    if (kept === undefined) this.#kept.set(base, new Map([[text, metadata]]));
    else kept.set(text, metadata);
    this.#count += 1;
  }
}

function withFieldsOf(base: Metadata, text: string): Metadata | null {
  const fields: unknown = JSON.parse(text, keepDigits);
  if (!isFlat(fields)) return null;
  if (Object.keys(fields).length === 0) return base;
  return { ...base, fields: { ...base.fields, ...fields } };
}

/** An indexed field is text in Splunk, so what a number cannot hold is kept as the text that it was. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || context?.source === undefined) return value;
  return String(value) === context.source ? value : context.source;
}

function isFlat(value: unknown): value is Record<string, FieldValue> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) =>
    Array.isArray(each) ? each.every((item) => isScalar(item)) : isScalar(each),
  );
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
