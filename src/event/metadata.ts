/**
 * Changes to an event's metadata. Equal changes give the same object, so that whoever keeps something by
 * metadata (the output its envelope prefix) finds it again.
 */
import { StepFailure } from "../platform/step-failure.ts";
import type { FieldValue, Metadata } from "./event.ts";

export type MetadataKey = "host" | "source" | "sourcetype" | "index";
type ChangedKey = MetadataKey | "output";

/** What `time` takes: no sign, no exponent, at most nine decimals. */
const time_pattern = /^(?:0|[1-9]\d{0,9})(?:\.\d{1,9})?$/;

/** Changed objects kept. A step that sets a different host for each event must not fill the memory. */
const variants_max = 1024;

export class MetadataVariants {
  #variants = new WeakMap<Metadata, Map<string, Metadata>>();
  #count = 0;

  /** `base` with another value, or without one. */
  with(base: Metadata, key: ChangedKey, value: string | undefined): Metadata {
    if (base[key] === value) return base;
    if (value !== undefined && typeof value !== "string") {
      throw new StepFailure(`${key} must be a string, not ${typeof value}`);
    }
    let variants = this.#variants.get(base);
    if (variants === undefined) {
      variants = new Map();
      this.#variants.set(base, variants);
    }
    const change = value === undefined ? key : `${key}=${value}`;
    let changed = variants.get(change);
    if (changed === undefined) {
      changed = changeOf(base, key, value);
      if (this.#count >= variants_max) {
        this.#variants = new WeakMap();
        this.#count = 0;
      }
      variants.set(change, changed);
      this.#count += 1;
    }
    return changed;
  }
}

/** `base` with other indexed fields, or without any. Throws a StepFailure for what HEC refuses. */
export function withFields(base: Metadata, fields: Metadata["fields"]): Metadata {
  if (fields === undefined) return changeOf(base, "fields", undefined);
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new StepFailure("fields must be an object of indexed fields");
  }
  const entries = Object.entries(fields).map(([name, given]): [string, FieldValue] => {
    // Copied, since what a step does to its list later is not checked; and so that holes show as undefined.
    const value = Array.isArray(given) ? Array.from(given) : given;
    const is_flat = Array.isArray(value) ? value.every(isScalar) : isScalar(value);
    if (is_flat) return [name, value];
    // Its name is not in the text, as it may be taken from the event.
    throw new StepFailure(
      "each of fields must be a string, a finite number, a boolean or a list of those, not nested",
    );
  });
  return changeOf(base, "fields", Object.fromEntries(entries));
}

/** Throws a StepFailure for what a step may not set as the event's time. */
export function assertTime(time: unknown): void {
  const is_time = typeof time === "string" && time_pattern.test(time);
  if (is_time && Number.parseInt(time, 10) < 2 ** 31) return;
  throw new StepFailure(
    "time must be text of digits: epoch seconds, with up to nine decimals, before 2038",
  );
}

function isScalar(value: FieldValue): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "string" || typeof value === "boolean";
}

function changeOf<Key extends keyof Metadata>(
  base: Metadata,
  key: Key,
  value: Metadata[Key] | undefined,
): Metadata {
  const { [key]: _, ...rest } = base;
  return value === undefined ? rest : { ...rest, [key]: value };
}
