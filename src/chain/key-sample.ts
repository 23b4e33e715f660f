/**
 * The keys that a few events have, in the order of their levels: enough to say which one a path is likely meant to name
 * that finds nothing. Values are not kept.
 */
import type { JsonValue } from "../event/event.ts";
import { type Path, pathOfKeys } from "../event/scan/path.ts";
import { event_name, isPlainName } from "./conditions/event-name.ts";
import { nearest } from "../platform/text/suggest.ts";

/** What is looked at of one event and kept of all. */
const text_length_max = 64 * 1024;
const depth_max = 12;
const keys_max = 1000;
/** A longer suggestion, or one with other characters, is not shown: keys are what a sender makes of them. */
const suggestion_length_max = 120;
const plain_key = /^[\x21-\x7e]+$/;

export class KeySample {
  /** Key by key, from the top. */
  readonly #places = new Map<string, readonly string[]>();

  /** The keys that the events have, each with those that it is in. */
  get places(): readonly (readonly string[])[] {
    return [...this.#places.values()];
  }

  /** Adds the keys of a record, and those of JSON in its strings. */
  add(text: string): void {
    if (text.length <= text_length_max) this.#addText(text, []);
  }

  /**
   * What the path is likely meant to be, as a path: a key of its last name elsewhere, or the key nearest to the first of
   * its names that is not there. Undefined where there is none that the `others` do not find already.
   */
  suggestionFor(path: Path, others: readonly Path[]): string | undefined {
    const names = path.segments.flatMap((each) => (each.kind === "key" ? [each.name] : []));
    const last = names.at(-1);
    if (last === undefined) return undefined;
    const open = [...this.#places.values()].filter(
      (keys) => !others.some((other) => other.covers(keys)),
    );
    const elsewhere = open.find((keys) => plain(keys.at(-1)!) === plain(last));
    const found = elsewhere ?? this.#nearest(path, names, open) ?? sameLetters(names, open);
    return found && suggestedPath(found, false);
  }

  #nearest(
    path: Path,
    names: readonly string[],
    open: readonly (readonly string[])[],
  ): readonly string[] | undefined {
    const is_anywhere = path.segments[0]?.kind === "deep";
    const known = is_anywhere ? 0 : this.#knownDepth(names);
    const name = names[known];
    if (name === undefined) return undefined;
    const candidates = is_anywhere
      ? open
      : open.filter((keys) => keys.length === known + 1 && startsWith(keys, names.slice(0, known)));
    const key = nearest(
      name,
      candidates.map((keys) => keys.at(-1)!),
    );
    return candidates.find((keys) => keys.at(-1) === key);
  }

  /** How many of the names lead from the top to a key that is there. */
  #knownDepth(names: readonly string[]): number {
    let depth = 0;
    while (depth < names.length && this.#places.has(placeOf(names.slice(0, depth + 1)))) depth += 1;
    return depth;
  }

  #addText(text: string, keys: readonly string[]): void {
    let value: JsonValue;
    try {
      value = JSON.parse(text) as JsonValue;
    } catch {
      return;
    }
    this.#add(value, keys);
  }

  #add(value: JsonValue, keys: readonly string[]): void {
    if (keys.length > depth_max) return;
    if (typeof value === "string" && /^\s*[{[]/.test(value)) this.#addText(value, [...keys]);
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      for (const item of value.slice(0, keys_max)) this.#add(item, keys);
      return;
    }
    for (const [key, each] of Object.entries(value)) {
      if (this.#places.size >= keys_max) return;
      const place = [...keys, key];
      this.#places.set(placeOf(place), place);
      this.#add(each, place);
    }
  }
}

/** The keys as a path, to be shown to somebody who did not write it; undefined where that is better not done. */
export function suggestedPath(keys: readonly string[], in_condition: boolean): string | undefined {
  if (!keys.every((key) => plain_key.test(key))) return undefined;
  const path = writtenPath(keys, in_condition);
  return path.length > suggestion_length_max ? undefined : path;
}

/** The keys as a path, or as conditions have it. */
export function writtenPath(keys: readonly string[], in_condition: boolean): string {
  return in_condition ? writtenInCondition(keys) : pathOfKeys(keys);
}

function writtenInCondition(keys: readonly string[]): string {
  const [first = ""] = keys;
  const parts = keys.map((key) => (isPlainName(key) ? `.${key}` : `[${JSON.stringify(key)}]`));
  return isPlainName(first) ? parts.join("").slice(1) : `${event_name}${parts.join("")}`;
}

function placeOf(keys: readonly string[]): string {
  return JSON.stringify(keys);
}

function startsWith(keys: readonly string[], start: readonly string[]): boolean {
  return start.every((key, at) => keys[at] === key);
}

function sameLetters(
  names: readonly string[],
  open: readonly (readonly string[])[],
): readonly string[] | undefined {
  const letters = lettersOf(names);
  return letters === "" ? undefined : open.find((keys) => lettersOf(keys) === letters);
}

/** The letters of the keys, one behind the other, whatever parts them: `a/b`, `a_b`, `["a.b"]`. */
function lettersOf(keys: readonly string[]): string {
  return keys
    .join("")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** The name without what people mistake in it most. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}
