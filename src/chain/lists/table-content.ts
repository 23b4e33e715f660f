/**
 * What a table in a file holds: a value for each key. In CSV the first line has the names of the columns, and the first column
 * has the keys; JSON and YAML are a map.
 */
import { parseJson } from "../../event/scan/json-value.ts";
import type { JsonValue, Lookup } from "../../plugin.ts";
import { csvValues } from "../parsing/csv.ts";
import { named } from "../parsing/fields.ts";
import { ListMistake } from "./list-content.ts";

export interface TableContent {
  /** How many keys it has. */
  readonly count: number;
  readonly get: Lookup["get"];
}

/** Reads the text of a table. Throws a ListMistake, whose message follows the file's name. */
export type ReadTable = (text: string) => TableContent;

/** What reads a table with this name; what is not needed for it is not loaded. */
export async function tableReader(path: string): Promise<ReadTable> {
  const ending = /\.[a-z]+$/i.exec(path)?.[0].toLowerCase();
  if (ending === ".csv") return (text) => tableOf(csvRows(text));
  if (ending === ".json") return (text) => tableOf(mapOf(() => parseJson(text), "JSON"));
  if (ending === ".yaml" || ending === ".yml") {
    const { parse } = await import("yaml");
    return (text) => tableOf(mapOf(() => parse(text) as JsonValue, "YAML"));
  }
  throw new ListMistake("is no table: its name has to end with .csv, .json, .yaml or .yml");
}

function tableOf(entries: ReadonlyMap<string, JsonValue>): TableContent {
  for (const value of entries.values()) freeze(value);
  return {
    count: entries.size,
    get: (key) =>
      key === undefined || key === null || typeof key === "object"
        ? undefined
        : entries.get(String(key)),
  };
}

/** What is wrong in the text is not said in the parser's words: the file may be another one, with secrets in it. */
function mapOf(parse: () => JsonValue, format: string): Map<string, JsonValue> {
  let value: JsonValue;
  try {
    value = parse();
  } catch {
    throw new ListMistake(`is not ${format}`);
  }
  // An empty YAML file is null.
  if (value === null) return new Map();
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new ListMistake("is no table: it has to be a map of keys to values");
  }
  return new Map(Object.entries(value));
}

function csvRows(text: string): Map<string, JsonValue> {
  const rows = new Map<string, JsonValue>();
  const numbers = new Map<string, number>();
  let columns: readonly string[] | undefined;
  for (const [number, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const values = csvValues(line, ",", Infinity);
    if (values === undefined)
      throw wrongIn(number, "its quotes are not closed, or text is behind them");
    if (columns === undefined) {
      if (values.length < 2)
        throw wrongIn(number, "it has to have the names of two or more columns");
      columns = values;
      continue;
    }
    if (values.length !== columns.length) {
      throw wrongIn(number, `it has ${values.length} values for ${columns.length} columns`);
    }
    const [key, ...others] = values;
    const before = numbers.get(key!);
    if (before !== undefined) throw wrongIn(number, `it has the key of line ${before + 1} again`);
    numbers.set(key!, number);
    rows.set(key!, columns.length === 2 ? others[0]! : named(columns.slice(1), others));
  }
  return rows;
}

function wrongIn(number: number, why: string): ListMistake {
  return new ListMistake(`is wrong in line ${number + 1}: ${why}`);
}

/** All events are given the same values, so no plugin may change them. */
function freeze(value: JsonValue): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const each of Object.values(value)) freeze(each);
}
