/**
 * The fields of a log: a tree of the keys that its events have, and what their values look like. No value is kept.
 *
 * Bounded: a log whose keys are made of values (a map by user) would otherwise fill the memory.
 */
import type { JsonValue } from "../../event/event.ts";

/** How many values or texts were tried as times, and read as such, or could be if their zone was known. */
export interface TimeCounts {
  tried: number;
  read: number;
  without_zone: number;
}

/** Fields that are kept, and different keys of one object. The rest is counted. */
const fields_max = 5000;
const keys_max = 256;
const depth_max = 16;
/** JSON in strings in strings: as far as redact looks. */
const strings_max = 2;

const begins_like_json = /^\s*[[{]/;

/** What is looked at of every value that is no container. */
export interface Looker {
  /** Called once a value; `keys` lead to it. */
  look(field: Field, value: string | number | boolean | null): void;
  /** Called once a key of an object, before its value. True where the key itself is secret, and so not to be shown. */
  lookAtKey(field: Field, key: string): boolean;
}

/** What was found in the values of one field. */
export class Field {
  /** What leads to it from its parent: a key; undefined for the items of an array. */
  readonly key: string | undefined;
  readonly parent: Field | undefined;
  /** How often it was there. */
  count = 0;
  readonly kinds = new Set<string>();
  /** How many of its values were looked at as times, and read as such. */
  readonly times: TimeCounts = { tried: 0, read: 0, without_zone: 0 };
  /** Secrets by what found them, and how often. */
  readonly secrets = new Map<string, number>();
  /** How many of its values were looked at for other things than credentials, and what was found in how many of them. */
  readonly others = { tried: 0, found: new Map<string, number>() };
  readonly children = new Map<string, Field>();
  items: Field | undefined = undefined;

  constructor(key: string | undefined, parent: Field | undefined) {
    this.key = key;
    this.parent = parent;
  }

  /** The keys from the top; undefined stands for the items of an array. */
  get keys(): readonly (string | undefined)[] {
    return this.parent === undefined ? [] : [...this.parent.keys, this.key];
  }

  /** Whether it held something else than members and items, or a secret. */
  get is_leaf(): boolean {
    if (this.secrets.size > 0) return true;
    if (this.children.size === 0 && this.items === undefined) return true;
    return [...this.kinds].some((kind) => kind !== "object" && kind !== "array" && kind !== "null");
  }

  noteSecret(detector: string): void {
    this.secrets.set(detector, (this.secrets.get(detector) ?? 0) + 1);
  }
}

export class Fields {
  readonly root = new Field(undefined, undefined);
  #size = 0;
  /** Values that are in no field, since there are too many of those. */
  beyond = 0;

  /** Adds an event. */
  add(value: JsonValue, looker: Looker): void {
    this.#add(this.root, value, { looker, depth: 0, strings: 0 });
  }

  /** All fields that hold something else than members and items, from the top, in the order in which they came. */
  *all(from: Field = this.root): Generator<Field> {
    if (from !== this.root && from.is_leaf) yield from;
    for (const child of from.children.values()) yield* this.all(child);
    if (from.items !== undefined) yield* this.all(from.items);
  }

  #add(field: Field, value: JsonValue, where: Where): void {
    field.count += 1;
    if (typeof value === "object" && value !== null) return this.#addContainer(field, value, where);
    if (typeof value === "string" && where.strings < strings_max && begins_like_json.test(value)) {
      const held = parsed(value);
      if (held !== undefined) {
        field.kinds.add("JSON in a string");
        return this.#addContainer(field, held, { ...where, strings: where.strings + 1 });
      }
    }
    field.kinds.add(value === null ? "null" : typeof value === "bigint" ? "number" : typeof value);
    where.looker.look(field, typeof value === "bigint" ? String(value) : value);
  }

  #addContainer(field: Field, value: Container, where: Where): void {
    const below = { ...where, depth: where.depth + 1 };
    if (below.depth > depth_max) {
      this.beyond += 1;
      return;
    }
    if (Array.isArray(value)) {
      field.kinds.add("array");
      for (const item of value) this.#add(this.#items(field), item, below);
      return;
    }
    field.kinds.add("object");
    for (const [key, each] of Object.entries(value)) {
      const is_secret = where.looker.lookAtKey(field, key);
      const child = is_secret ? this.#items(field) : this.#child(field, key);
      if (child === undefined) this.beyond += 1;
      else this.#add(child, each, below);
    }
  }

  /** Where items are, and what is under keys that are not to be shown: `[*]` leads to both. */
  #items(field: Field): Field {
    field.items ??= new Field(undefined, field);
    return field.items;
  }

  #child(field: Field, key: string): Field | undefined {
    const known = field.children.get(key);
    if (known !== undefined) return known;
    if (field.children.size >= keys_max || this.#size >= fields_max) return undefined;
    this.#size += 1;
    const child = new Field(key, field);
    field.children.set(key, child);
    return child;
  }
}

type Container = JsonValue[] | { [key: string]: JsonValue };

interface Where {
  readonly looker: Looker;
  readonly depth: number;
  readonly strings: number;
}

function parsed(text: string): Container | undefined {
  try {
    const value = JSON.parse(text) as JsonValue;
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
