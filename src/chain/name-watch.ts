/**
 * Watches the values that one step names by exact paths, in its conditions and elsewhere: a name that finds nothing while the
 * events have such a key is most likely mistaken, and so is a comparison with a value of another kind.
 *
 * It looks at the first hundred events, and after that only while something is wrong, so it costs nothing where all is well.
 */
import type { LogEvent } from "../event/log-event.ts";
import type { Records } from "../event/block.ts";
import type { Path } from "../event/scan/path.ts";
import { nearest } from "../platform/text/suggest.ts";
import { kindOfValue, type ValueKind } from "./conditions/expected-kinds.ts";
import { KeySample, suggestedPath, writtenPath } from "./key-sample.ts";

/** Events after which it is decided, and how many of them have their keys read. */
const events_min = 100;
const sampled_max = 20;

/** A value that a step names. */
export interface NamedValue {
  readonly path: Path;
  /** Where it is named: conditions have a spelling of their own. */
  readonly by: "condition" | "path";
  /** Of what kind a condition takes it to be. */
  readonly expected?: ValueKind | undefined;
}

/** What is wrong with a name, most likely. */
export interface NameDoubt {
  readonly path: string;
  /**
   * It finds nothing, and the events have a key that is written like it, or nearly so, or at another level; or what it finds is
   * of another kind.
   */
  readonly kind: "dotted_key" | "near_key" | "other_kind";
  /** In a sentence. */
  readonly message: string;
}

interface Watched extends NamedValue {
  is_found: boolean;
  readonly kinds: Set<ValueKind | undefined>;
  doubt: NameDoubt | undefined;
}

export class NameWatch {
  readonly #named: readonly Watched[];
  #events = 0;
  /** Let go of when it is decided. */
  #sample: KeySample | undefined = new KeySample();
  #sampled = 0;

  constructor(named: readonly NamedValue[]) {
    const distinct = new Map(named.map((each) => [`${each.by} ${each.path.key}`, each]));
    this.#named = [...distinct.values()].map((each) => ({
      ...each,
      is_found: false,
      kinds: new Set(),
      doubt: undefined,
    }));
  }

  get doubts(): readonly NameDoubt[] {
    return this.#named.flatMap(({ doubt }) => doubt ?? []);
  }

  /** The same by the events that were seen so far, where it is not decided yet. */
  doubtsNow(): readonly NameDoubt[] {
    const sample = this.#sample;
    if (sample === undefined || this.#events === 0) return this.doubts;
    return this.#named.flatMap((each) => this.#doubtOf(each, sample) ?? []);
  }

  /** Takes the place of one with the same names. */
  continueFrom(former: NameWatch): void {
    this.#events = former.#events;
    this.#sample = former.#sample;
    this.#sampled = former.#sampled;
    for (const [number, each] of this.#named.entries()) {
      const before = former.#named[number];
      if (before === undefined) continue;
      each.is_found = before.is_found;
      each.doubt = before.doubt;
      for (const kind of before.kinds) each.kinds.add(kind);
    }
  }

  /** Looks at an event, before the step. Says whether there is nothing to look for any more, or that it was decided now. */
  see(event: LogEvent<Records>): "watching" | "decided" | "done" {
    if (event.is_text) return "watching";
    if (this.#sample === undefined) return this.#clear(event);
    this.#events += 1;
    let is_missing = false;
    for (const each of this.#named) {
      const value = event.get(each.path);
      if (value === undefined) is_missing = true;
      else {
        each.is_found = true;
        if (each.expected !== undefined) each.kinds.add(kindOfValue(value));
      }
    }
    if (is_missing && this.#sampled < sampled_max) {
      this.#sampled += 1;
      this.#sample.add(event.text);
    }
    if (this.#events < events_min) return "watching";
    for (const each of this.#named) each.doubt = this.#doubtOf(each, this.#sample);
    this.#sample = undefined;
    return this.doubts.length > 0 ? "decided" : "done";
  }

  /** Takes back what an event shows to be right. */
  #clear(event: LogEvent<Records>): "watching" | "done" {
    let is_open = false;
    for (const each of this.#named) {
      if (each.doubt === undefined) continue;
      const value = event.get(each.path);
      const is_right =
        each.doubt.kind === "other_kind"
          ? value !== undefined && kindOfValue(value) === each.expected
          : value !== undefined;
      if (is_right) each.doubt = undefined;
      else is_open = true;
    }
    return is_open ? "watching" : "done";
  }

  #doubtOf(named: Watched, sample: KeySample): NameDoubt | undefined {
    const { path, expected, is_found, kinds } = named;
    if (is_found) {
      if (expected === undefined || kinds.has(expected) || kinds.has(undefined)) return undefined;
      return { path: path.text, kind: "other_kind", message: kindMessage(named, [...kinds]) };
    }
    const keys = path.segments.flatMap((each) => (each.kind === "key" ? [each.name] : []));
    if (keys.length !== path.segments.length) return undefined;
    const in_condition = named.by === "condition";
    const many = this.#events === 1 ? "1 event" : `${this.#events} events`;
    const absent = `${path.text} has been in none of ${many}`;
    const dotted = this.#open(sample).find(
      (place) => place.join(".") === keys.join(".") && place.length !== keys.length,
    );
    if (dotted !== undefined) {
      const key = JSON.stringify(keyWithDot(dotted, keys));
      const spelling = writtenPath(dotted, in_condition);
      const message = `${absent}, which have the key ${key}; write ${spelling}`;
      return { path: path.text, kind: "dotted_key", message };
    }
    const near = in_condition
      ? (this.#nearKey(keys, sample) ?? this.#otherLevel(keys, sample))
      : undefined;
    const spelling = near && suggestedPath(near, in_condition);
    if (spelling === undefined) return undefined;
    const message = `${absent}; did you mean ${spelling}?`;
    return { path: path.text, kind: "near_key", message };
  }

  /** The keys of events, by their levels, that none of the names finds. */
  #open(sample: KeySample): readonly (readonly string[])[] {
    return sample.places.filter((place) => !this.#named.some(({ path }) => finds(path, place)));
  }

  /** The same key with levels around it that the name has not, or without some that it has. */
  #otherLevel(keys: readonly string[], sample: KeySample): readonly string[] | undefined {
    return this.#open(sample)
      .filter((place) => endsWith(place, keys) || (place.length > 1 && endsWith(keys, place)))
      .toSorted((one, other) => one.length - other.length)[0];
  }

  /** The key beside where it should be that is spelled nearly like it. */
  #nearKey(keys: readonly string[], sample: KeySample): readonly string[] | undefined {
    const last = keys.length - 1;
    for (let level = 0; level <= last; level += 1) {
      const above = JSON.stringify(keys.slice(0, level));
      const beside = sample.places.filter(
        (place) => place.length === level + 1 && JSON.stringify(place.slice(0, level)) === above,
      );
      if (beside.some((place) => place[level] === keys[level])) continue;
      const near = nearest(
        keys[level]!,
        beside.map((place) => place[level]!),
      );
      if (near === undefined) return undefined;
      const meant = [...keys.slice(0, level), near, ...keys.slice(level + 1)];
      return this.#open(sample).find((place) => JSON.stringify(place) === JSON.stringify(meant));
    }
    return undefined;
  }
}

function endsWith(keys: readonly string[], end: readonly string[]): boolean {
  return end.length < keys.length && end.every((key, at) => key === keys.at(at - end.length));
}

/** Whether the path, which is exact, leads to what is under these keys in each other, or to something around that. */
function finds(path: Path, place: readonly string[]): boolean {
  const { segments } = path;
  if (segments.some(({ kind }) => kind !== "key")) return path.covers(place);
  return segments.every((each, at) => each.kind === "key" && each.name === place[at]);
}

/** Of the keys in each other, the one that has dots where the name has levels, or the name's where it is that. */
function keyWithDot(place: readonly string[], keys: readonly string[]): string {
  return place.find((key) => !keys.includes(key)) ?? keys.join(".");
}

const kind_words: Record<ValueKind, string> = {
  text: "a text",
  number: "a number",
  truth: "true or false",
};

function kindMessage({ path, expected }: Watched, kinds: (ValueKind | undefined)[]): string {
  const found = kinds.map((kind) => kind_words[kind!]).join(" or ");
  const advice = `write what it is compared with ${expected === "text" ? "without" : "in"} quotes`;
  return `${path.text} is compared with ${kind_words[expected!]}, and the events have ${found} there; ${advice}`;
}
