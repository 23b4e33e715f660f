/**
 * From the text of a configuration file to plain values, with the place of each and every mistake.
 *
 * The values are made here and not by the YAML library, because here they can be bounded: an alias that
 * doubles itself forty times ends as a complaint.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Pair,
  type ParsedNode,
} from "yaml";
import { interpolate, originOf, type InterpolationContext } from "./interpolate.ts";
import { isRecord, type ConfigPath, type Place } from "./place.ts";
import { maybeSecretName } from "./secret-names.ts";
import { hiderOf, unfilledIn } from "./unfilled.ts";
import { explainYamlErrors } from "./yaml-errors.ts";

const values_max = 100_000;
const depth_max = 64;
/** Beyond that nobody reads them, and the file is most likely something else. */
const mistakes_max = 200;

const unknown_alias = 'there is no such anchor; put text that begins with "*" in quotes';
const merge_key = "<<";
const merge_wanted = "expected a map, an alias of one, or a list of those: <<: *name";
const merge_twice = 'several maps are merged as a list: "<<: [*one, *other]"';
const blank_missing = 'is the space after the ":" missing?';
const colon_missing = 'is the ":" missing?';

/** A mistake at an offset of the text. */
export interface TextMistake {
  offset: number;
  path: ConfigPath;
  message: string;
}

export interface ConfigDocument {
  value: unknown;
  top: Place;
  lines: LineCounter;
  /** The first of a line only, where YAML itself is not understood: the others mostly follow from it. */
  mistakes: TextMistake[];
  /** Whether the text is YAML at all. Where not, `value` is empty. */
  readable: boolean;
}

/** Reads `text`, YAML 1.2 or JSON. Never throws. */
export function readDocument(text: string, context: InterpolationContext): ConfigDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    strict: true,
    version: "1.2",
    logLevel: "error",
  });
  const errors = [...document.errors, ...document.warnings].slice(0, mistakes_max);
  if (errors.length > 0) {
    const mistakes = explainYamlErrors(errors, document, text);
    const seen = new Set<number>();
    const firsts = mistakes.filter(({ offset }) => {
      const { line } = lines.linePos(offset);
      return !seen.has(line) && seen.add(line);
    });
    return { value: undefined, top: placeAt(0, 0), lines, mistakes: firsts, readable: false };
  }
  const reader = new ValueReader(context, targetsOf(document));
  const { value, place } = reader.read(document.contents, [], 0);
  return { value, top: place, lines, mistakes: reader.mistakes, readable: !reader.exhausted };
}

type AliasTargets = ReadonlyMap<Alias, ParsedNode>;

/** What each alias stands for: the last node before it that has its anchor, wherever the alias is repeated later. */
function targetsOf(document: Document.Parsed): AliasTargets {
  const anchors = new Map<string, ParsedNode>();
  const targets = new Map<Alias, ParsedNode>();
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source);
        if (target !== undefined) targets.set(node, target);
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node as ParsedNode);
    },
  });
  return targets;
}

interface Read {
  value: unknown;
  place: Place;
}

class ValueReader {
  readonly mistakes: TextMistake[] = [];
  exhausted = false;
  readonly #context: InterpolationContext;
  readonly #targets: AliasTargets;
  readonly #reported = new Set<string>();
  #values = 0;

  constructor(context: InterpolationContext, targets: AliasTargets) {
    this.#context = context;
    this.#targets = targets;
  }

  /** The node's value. `key_offset` is where its key is, or undefined where it has none. */
  read(node: ParsedNode | null, path: ConfigPath, key_offset?: number): Read {
    this.#values += 1;
    const offset = node === null ? (key_offset ?? 0) : node.range[0];
    const key = key_offset ?? offset;
    if (node === null || this.#isTooMuch(path, offset)) return read(null, placeAt(key, offset));
    if (isAlias(node)) {
      const target = this.#targets.get(node);
      if (target === undefined) this.#complain(offset, path, unknown_alias);
      else return this.read(target, path, key);
      return read(null, placeAt(key, offset, { mistaken: true }));
    }
    if (isMap(node)) return this.#readMap(node.items, path, placeAt(key, offset));
    if (isSeq(node)) return this.#readList(node.items, path, placeAt(key, offset));
    return this.#readScalar(node.value, path, placeAt(key, isEmpty(node) ? key : offset));
  }

  #readMap(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], path: ConfigPath, place: Place) {
    const entries: [string, unknown][] = [];
    let merged: readonly Read[] | undefined;
    for (const { key, value } of pairs) {
      if (this.exhausted) break;
      const offset = key?.range[0] ?? place.value_offset;
      if (isMergeKey(key)) {
        if (merged !== undefined) this.#complain(offset, path, merge_twice);
        merged = this.#readMerged(value, [...path, merge_key], offset);
        continue;
      }
      if (!isScalar(key) || !isWord(key.value)) {
        this.#complain(offset, path, "expected a plain word as the key");
        continue;
      }
      const name = `${key.value}`;
      const joined = isAbsent(value) ? joinedKeyIn(name) : undefined;
      if (joined !== undefined) {
        // What is behind the key may be a secret, so it is not taken for a part of it.
        this.#complain(offset, [...path, joined.key], joined.mistake);
        place.children.set(joined.key, placeAt(offset, offset, { mistaken: true }));
        continue;
      }
      const below = [...path, name];
      if (name === "__proto__") {
        this.#complain(offset, path, "no key can be called __proto__");
        continue;
      }
      if (place.children.has(name)) {
        this.#complain(offset, below, `"${name}" is given twice here; remove one of them`);
        continue;
      }
      const child = this.read(value, below, offset);
      place.children.set(name, child.place);
      entries.push([name, child.value]);
    }
    for (const from of merged ?? []) entries.push(...fillIn(place, from));
    return read(Object.fromEntries(entries), place);
  }

  /** What a `<<` takes the entries of that the map itself does not have; an earlier one comes first. */
  #readMerged(node: ParsedNode | null, path: ConfigPath, offset: number): Read[] {
    this.#values += 1;
    if (this.#isTooMuch(path, offset)) return [];
    const target = isAlias(node) ? this.#targets.get(node) : node;
    if (isSeq(target)) {
      return target.items.flatMap((item) => this.#readMerged(item, [...path, merge_key], offset));
    }
    const from = this.read(node, path, offset);
    if (isRecord(from.value)) return [from];
    if (!from.place.mistaken && !this.exhausted)
      this.#complain(offset, path.slice(0, -1), merge_wanted);
    return [];
  }

  #readList(nodes: readonly (ParsedNode | null)[], path: ConfigPath, place: Place): Read {
    const values: unknown[] = [];
    for (const [index, node] of nodes.entries()) {
      if (this.exhausted) break;
      const child = this.read(
        node,
        [...path, index],
        node === null ? place.value_offset : undefined,
      );
      place.children.set(index, child.place);
      values.push(child.value);
    }
    return read(values, place);
  }

  #readScalar(value: unknown, path: ConfigPath, place: Place): Read {
    if (typeof value !== "string") return read(value, place);
    const hide = hiderOf(value, path);
    const complain = (mistake: string): void =>
      this.#complain(place.value_offset, path, hide(mistake));
    const unfilled = unfilledIn(value, path);
    if (unfilled !== undefined) complain(unfilled);
    if (!value.includes("${")) return read(value, place);
    const { text, inserted, references, files, mistakes } = interpolate(value, this.#context);
    for (const mistake of mistakes) complain(mistake);
    const mistaken = mistakes.length > 0;
    const origin = originOf(value, files, this.#context);
    return read(text, { ...place, inserted, references, mistaken, origin });
  }

  #isTooMuch(path: ConfigPath, offset: number): boolean {
    if (this.exhausted) return true;
    const reason =
      path.length > depth_max
        ? `nested deeper than ${depth_max} levels`
        : this.#values > values_max
          ? `more than ${values_max} values, counting what aliases repeat`
          : undefined;
    if (reason === undefined) return false;
    this.exhausted = true;
    this.#complain(offset, path.slice(0, 4), reason);
    return true;
  }

  #complain(offset: number, path: ConfigPath, message: string): void {
    // What is behind an anchor is read again for each of its aliases.
    const reported = `${offset} ${message}`;
    if (this.#reported.has(reported)) return;
    this.#reported.add(reported);
    this.mistakes.push({ offset, path, message });
    if (this.mistakes.length >= mistakes_max) this.exhausted = true;
  }
}

/** The key of a `key:value` or, where it is the name of a secret, `key value` that YAML takes for one key. */
function joinedKeyIn(name: string): { key: string; mistake: string } | undefined {
  const key = /^(\w+):\S/.exec(name)?.[1];
  if (key !== undefined) return { key, mistake: blank_missing };
  const words = name.split(/[\s=:]+/);
  const at = words.findIndex((word) => maybeSecretName(word));
  if (at === -1 || at === words.length - 1) return undefined;
  return { key: words.slice(0, at + 1).join(" "), mistake: colon_missing };
}

/** In quotes it is a key like any other. */
function isMergeKey(key: ParsedNode | null): boolean {
  return isScalar(key) && key.value === merge_key && key.type === "PLAIN";
}

/** The entries that the place does not have yet, which it has from now on: they are where they were written. */
function fillIn(place: Place, { value, place: from }: Read): [string, unknown][] {
  if (!isRecord(value)) return [];
  const missing = Object.entries(value).filter(([name]) => !place.children.has(name));
  for (const [name] of missing) place.children.set(name, from.children.get(name)!);
  return missing;
}

function isAbsent(node: ParsedNode | null): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

function isWord(key: unknown): key is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof key);
}

function isEmpty(node: { source?: string }): boolean {
  return node.source === undefined || node.source === "";
}

function read(value: unknown, place: Place): Read {
  return { value, place };
}

function placeAt(key_offset: number, value_offset: number, more: Partial<Place> = {}): Place {
  const children = new Map<string | number, Place>();
  return {
    key_offset,
    value_offset,
    children,
    inserted: [],
    references: [],
    mistaken: false,
    origin: undefined,
    ...more,
  };
}
