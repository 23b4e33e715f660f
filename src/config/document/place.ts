/**
 * Places: where in the configuration file each key and value is, so that a complaint can say it.
 */
import type { LineCounter } from "yaml";
import type { SecretOrigin } from "../../platform/secret.ts";

export type ConfigPath = readonly (string | number)[];

/** The last key of a path, that of the list for an item; undefined where there is none. */
export function keyOf(path: ConfigPath): string | undefined {
  return path.findLast((part) => typeof part === "string");
}

/** One value of the configuration, as it is in the file. Offsets count characters from 0. */
export interface Place {
  /** Of the value's key; where it has none (list items, the top), the value's own. */
  readonly key_offset: number;
  readonly value_offset: number;
  readonly children: Map<string | number, Place>;
  /** What was put in for `${…}`: not to be shown. Empty where the value is as it was written. */
  readonly inserted: readonly string[];
  /** What it was put in for, such as `credential:token`. */
  readonly references: readonly string[];
  /** Where the value can be read again; undefined where it comes from no file. */
  readonly origin: SecretOrigin | undefined;
  /** Whether a complaint is here already, so that what follows from it is not reported, too. */
  readonly mistaken: boolean;
}

/** The place at `path`, or the nearest above it, and whether it is the one at `path` itself. */
export function findPlace(top: Place, path: ConfigPath): { place: Place; exact: boolean } {
  let place = top;
  for (const part of path) {
    const child = place.children.get(part);
    if (child === undefined) return { place, exact: false };
    place = child;
  }
  return { place, exact: true };
}

/**
 * Line and column, from 1, to point at: the value, or its key where the value begins on a later line or
 * is the one above what is missing.
 */
export function pointAt(
  { place, exact }: { place: Place; exact: boolean },
  lines: LineCounter,
): { line: number; column: number } {
  const key = lines.linePos(place.key_offset);
  const value = lines.linePos(place.value_offset);
  const point = exact && value.line === key.line ? value : key;
  return { line: Math.max(point.line, 1), column: Math.max(point.col, 1) };
}

/** Everything that was put in at the place and below it. */
export function insertedBelow(place: Place): string[] {
  const inserted = [...place.inserted];
  for (const child of place.children.values()) inserted.push(...insertedBelow(child));
  return inserted;
}

/** What anything at the place or below it was put in for, and the paths of that. */
export function* referencesBelow(
  { references, children }: Place,
  path: ConfigPath = [],
): Generator<{ path: ConfigPath; reference: string }> {
  for (const reference of references) yield { path, reference };
  for (const [part, child] of children) yield* referencesBelow(child, [...path, part]);
}

/** The files that any of it came from: absolute paths. */
export function filesBelow({ origin, children }: Place): string[] {
  return [
    ...(origin?.files ?? []),
    ...[...children.values()].flatMap((child) => filesBelow(child)),
  ];
}

/** `inputs.s3_audit.paths[0]`: the path as a user reads it. */
export function pathText(path: ConfigPath): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^\w{1,64}$/.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${JSON.stringify(part.slice(0, 64))}]`;
  }
  return text;
}

/** The part of a plain value that a path names; undefined where there is none. */
export function valueAt(value: unknown, path: ConfigPath): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== "object" || current === null || !Object.hasOwn(current, part)) {
      return undefined;
    }
    current = (current as Record<string | number, unknown>)[part];
  }
  return current;
}

/** Whether a value is a map. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
