/**
 * The parts of a path, and what a key with dots in it is to them.
 *
 * Many senders write `{"request.body": …}` for `{"request": {"body": …}}`, and senders over HTTP do so in the names of
 * indexed fields. A path to a secret takes both.
 */

import { foldCase, type KeyGlob } from "./key-glob.ts";

export type Segment =
  | { readonly kind: "key"; readonly name: string }
  /** All keys of such names. */
  | { readonly kind: "glob"; readonly glob: KeyGlob }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "any" }
  /** Any number of levels. */
  | { readonly kind: "deep" }
  /** Levels that a sender may put around an event: arrays, and the keys of an envelope. */
  | { readonly kind: "top" };

/** The keys under which an envelope has its event and its indexed fields. */
export const envelope_keys: readonly string[] = ["event", "fields"];

/** A key with more parts is taken for a secret: only an attack on the time it takes has one. */
const key_parts_max = 64;

/** The segments of a path and how they match. */
export interface Segments {
  readonly segments: readonly Segment[];
  readonly ignore_case: boolean;
}

/**
 * Where a path is after a key whose dots may stand for levels, from its segment `from` on: numbers of segments, of
 * which the first beyond the last is the end. What lies below the end of the path belongs to its value.
 */
export function throughKey(path: Segments, from: number, key: string): readonly number[] {
  const { segments, ignore_case } = path;
  const text = ignore_case ? foldCase(key) : key;
  const starts = partStarts(text);
  if (starts === undefined) return [segments.length];
  /** By the start of a part: where the path may be there. */
  const places = new Map(starts.map((start) => [start, new Set<number>()]));
  places.get(0)!.add(from);
  /** Segments that stand for any key and were met: what ends behind a later part ends behind the first, too. */
  const met = new Set<number>();
  for (const [part, start] of starts.entries()) {
    const next = starts[part + 1];
    if (next === undefined) return [...places.get(start)!];
    // Goes over those that are added meanwhile, too.
    for (const number of places.get(start)!) {
      const segment = segments[number];
      if (segment === undefined) return [number];
      if (segment.kind === "key") {
        const name = ignore_case ? foldCase(segment.name) : segment.name;
        // Undefined where it ends within a part.
        if (text.startsWith(name, start)) places.get(start + name.length + 1)?.add(number + 1);
      } else if (segment.kind === "glob") {
        // Behind a part alone, or behind the whole key.
        const { glob } = segment;
        const is_meant = !glob.is_last || next === starts.at(-1);
        if (is_meant && glob.matchesFolded(text.slice(start, next - 1)))
          places.get(next)!.add(number + 1);
        if (start === 0 && glob.matchesFolded(text)) places.get(text.length + 1)!.add(number + 1);
      } else if (segment.kind === "any") {
        if (met.has(number)) continue;
        met.add(number);
        for (const later of starts.slice(part + 1)) places.get(later)!.add(number + 1);
      } else if (segment.kind !== "index") {
        places.get(start)!.add(number + 1);
        const stays =
          segment.kind === "deep" || envelope_keys.includes(text.slice(start, next - 1));
        if (stays) places.get(next)!.add(number);
      }
    }
  }
  return [];
}

/**
 * The same for a key without dots, in the one case that stands for all where the path ignores case. Keys of an attack all differ,
 * so that each costs this much for each path.
 */
export function throughPlainKey(path: Segments, from: number, text: string): readonly number[] {
  const { segments, ignore_case } = path;
  const behind: number[] = [];
  for (let number = from; ; number += 1) {
    const segment = segments[number];
    if (segment === undefined) return [number];
    if (segment.kind === "deep" || segment.kind === "top") {
      if (segment.kind === "deep" || envelope_keys.includes(text)) behind.push(number);
      continue;
    }
    if (isTaken(segment, text, ignore_case)) behind.push(number + 1);
    return behind;
  }
}

function isTaken(segment: Segment, text: string, ignore_case: boolean): boolean {
  if (segment.kind === "key") return (ignore_case ? foldedName(segment) : segment.name) === text;
  if (segment.kind === "glob") return segment.glob.matchesFolded(text);
  return segment.kind === "any";
}

const folded_names = new WeakMap<Segment, string>();

function foldedName(segment: Segment & { readonly kind: "key" }): string {
  let name = folded_names.get(segment);
  if (name === undefined) {
    name = foldCase(segment.name);
    folded_names.set(segment, name);
  }
  return name;
}

/** Where the parts between the dots start, and where one behind the end would; undefined where there are too many. */
function partStarts(text: string): number[] | undefined {
  const starts = [0];
  for (let dot = text.indexOf("."); dot >= 0; dot = text.indexOf(".", dot + 1)) {
    if (starts.length === key_parts_max) return undefined;
    starts.push(dot + 1);
  }
  starts.push(text.length + 1);
  return starts;
}
