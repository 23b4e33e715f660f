/**
 * From the text of a configuration file to plain values, with the place of each and every mistake.
 *
 * The values are made here and not by the YAML library, because here they can be bounded: an alias that
 * doubles itself forty times ends as a complaint, and `__proto__` is a key like any other.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Pair,
  type ParsedNode,
} from "yaml";
import { interpolate, type InterpolationContext } from "./interpolate.ts";
import type { ConfigPath, Place } from "./place.ts";
import { explainYamlError } from "./yaml-errors.ts";

const values_max = 100_000;
const depth_max = 64;

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
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    const mistakes = errors.map((error) => explainYamlError(error, document, text));
    const seen = new Set<number>();
    const firsts = mistakes.filter(({ offset }) => {
      const { line } = lines.linePos(offset);
      return !seen.has(line) && seen.add(line);
    });
    return { value: undefined, top: placeAt(0, 0), lines, mistakes: firsts, readable: false };
  }
  const reader = new ValueReader(context);
  const { value, place } = reader.read(document.contents, [], 0);
  return { value, top: place, lines, mistakes: reader.mistakes, readable: !reader.exhausted };
}

interface Read {
  value: unknown;
  place: Place;
}

class ValueReader {
  readonly mistakes: TextMistake[] = [];
  exhausted = false;
  readonly #context: InterpolationContext;
  readonly #anchors = new Map<string, ParsedNode>();
  #values = 0;

  constructor(context: InterpolationContext) {
    this.#context = context;
  }

  /** The node's value. `key_offset` is where its key stands, or undefined where it has none. */
  read(node: ParsedNode | null, path: ConfigPath, key_offset?: number): Read {
    this.#values += 1;
    const offset = node === null ? (key_offset ?? 0) : node.range[0];
    const key = key_offset ?? offset;
    if (node === null || this.#isTooMuch(path, offset)) return read(null, placeAt(key, offset));
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) this.#complain(offset, path, `"*${node.source}" names no anchor`);
      else return this.read(target, path, key);
      return read(null, placeAt(key, offset, { mistaken: true }));
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isMap(node)) return this.#readMap(node.items, path, placeAt(key, offset));
    if (isSeq(node)) return this.#readList(node.items, path, placeAt(key, offset));
    return this.#readScalar(node.value, path, placeAt(key, isEmpty(node) ? key : offset));
  }

  #readMap(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], path: ConfigPath, place: Place) {
    const entries: [string, unknown][] = [];
    for (const { key, value } of pairs) {
      if (this.exhausted) break;
      const offset = key?.range[0] ?? place.value_offset;
      if (!isScalar(key) || !isWord(key.value)) {
        this.#complain(offset, path, "expected a plain word as the key");
        continue;
      }
      const name = `${key.value}`;
      const below = [...path, name];
      if (place.children.has(name)) {
        this.#complain(offset, below, `"${name}" stands here twice; take one of them out`);
        continue;
      }
      const child = this.read(value, below, offset);
      place.children.set(name, child.place);
      entries.push([name, child.value]);
    }
    return read(objectOf(entries), place);
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
    if (typeof value !== "string" || !value.includes("${")) return read(value, place);
    const { text, inserted, mistakes } = interpolate(value, this.#context);
    for (const mistake of mistakes) this.#complain(place.value_offset, path, mistake);
    const mistaken = mistakes.length > 0;
    return read(text, { ...place, inserted, mistaken });
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
    // What stands behind an anchor is read again for each of its aliases.
    const told = this.mistakes.some((each) => each.offset === offset && each.message === message);
    if (!told) this.mistakes.push({ offset, path, message });
  }
}

/** Without a prototype's setter in the way, so that `__proto__` is a key like any other. */
function objectOf(entries: readonly [string, unknown][]): Record<string, unknown> {
  return Object.fromEntries(entries);
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
  return { key_offset, value_offset, children, inserted: [], mistaken: false, ...more };
}
