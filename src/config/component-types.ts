/**
 * The types of inputs and outputs where the configuration leaves them out.
 */

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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
