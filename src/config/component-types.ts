/**
 * The types of inputs and outputs: schemas that are made only where a configuration has one of the type, and the types that
 * the configuration leaves out.
 */
import { z } from "zod";
import { isRecord } from "./document/place.ts";

/** A component's schema, made when a component of this type is read, or all are shown. */
export function ofType<Schema extends z.core.$ZodTypeDiscriminable>(
  type: string,
  make: () => Schema,
): z.ZodLazy<Schema> {
  const schema = z.lazy(make);
  // What a discriminated union chooses by: asking the schema for it would make it.
  const chosen_by = { type: new Set([type]) };
  Object.defineProperty(schema._zod, "propValues", { value: chosen_by });
  return schema;
}

/** Gives inputs without a type, in a configuration of whatever shape, the type `file`, and outputs `splunk_hec`; in place. */
export function fillTypes(value: unknown): void {
  if (!isRecord(value)) return;
  for (const input of valuesOf(value["inputs"])) fill(input, "file");
  for (const output of [value["output"], ...valuesOf(value["outputs"])]) fill(output, "splunk_hec");
}

function valuesOf(components: unknown): unknown[] {
  return isRecord(components) ? Object.values(components) : [];
}

function fill(component: unknown, type: string): void {
  if (isRecord(component) && !Object.hasOwn(component, "type")) component["type"] = type;
}
