/**
 * From plain values to settings: the schema's verdict, each mistake told in words and at its place.
 */
import type { z } from "zod";
import { parsePath } from "../event/path.ts";
import { messageOf, type Complaint } from "../platform/errors.ts";
import { formatDuration, formatSize } from "../platform/units.ts";
import { configSchema, type Settings } from "./config.ts";
import { configOptionTree, nodesAt, type OptionNode } from "./option-tree.ts";
import { resolvePaths } from "./paths.ts";
import { pathText, valueAt, type ConfigPath } from "./place.ts";
import type { ConfigSource } from "./source.ts";
import { nearest, suggestion } from "../platform/suggest.ts";

type Issue = z.core.$ZodIssue;

/** Stands in for the messages of the library, so that those of the options' own can be told from them. */
const untold = "\u0000";

/** Stands in for a value that must not be shown. */
const hidden = Symbol("hidden");

export interface Verdict {
  settings?: Settings;
  /** The chain, where it fits the schema though other settings may not. */
  chain?: Pick<Settings, "chain" | "plugins_dir"> | undefined;
  complaints: Complaint[];
}

/**
 * The settings, and what is wrong with them. What is mistaken already is not complained about again.
 * Relative paths start at `folder`.
 */
export function validate(value: unknown, folder: string, source: ConfigSource): Verdict {
  if (value === null || value === undefined)
    return { complaints: [source.complain([], "the file is empty")] };
  const plain = structuredClone(value);
  const mistakes = resolvePaths(plain, folder);
  const complaints = mistakes.map(({ path, message }) => source.complain(path, message));
  let result = configSchema.safeParse(plain, { error: () => untold });
  // `${…}` always gives text; where a number is wanted and the text is one, that is what was meant.
  if (!result.success && readInsertedNumbers(plain, result.error.issues, source)) {
    result = configSchema.safeParse(plain, { error: () => untold });
  }
  if (result.success) {
    complaints.push(...timePathComplaints(result.data, source));
    return { settings: result.data, complaints };
  }
  const told = new Set(mistakes.map(({ path }) => pathText(path)));
  const words = new Words(plain, source);
  for (const issue of result.error.issues) {
    if (!told.has(pathText(issue.path as ConfigPath)))
      complaints.push(...words.complaintsOf(issue));
  }
  return { complaints, chain: chainIn(plain) };
}

/** So that the mistakes in the steps' own options can be told together with all others. */
function chainIn(plain: unknown): Verdict["chain"] {
  const { chain, plugins_dir } = configSchema.shape;
  const parts = chain.safeParse(valueAt(plain, ["chain"]));
  const directory = plugins_dir.safeParse(valueAt(plain, ["plugins_dir"]));
  if (!parts.success || !directory.success) return undefined;
  return {
    chain: parts.data,
    ...(directory.data !== undefined && { plugins_dir: directory.data }),
  };
}

/** Where timestamps stand is told in paths, which the schema takes for any text. */
function timePathComplaints({ inputs }: Settings, source: ConfigSource): Complaint[] {
  return Object.entries(inputs).flatMap(([name, { time }]) =>
    time.flatMap((text, index) => {
      try {
        parsePath(text);
        return [];
      } catch (thrown) {
        return [source.complain(["inputs", name, "time", index], messageOf(thrown))];
      }
    }),
  );
}

class Words {
  readonly #value: unknown;
  readonly #source: ConfigSource;
  readonly #tree: OptionNode = configOptionTree();

  constructor(value: unknown, source: ConfigSource) {
    this.#value = value;
    this.#source = source;
  }

  complaintsOf(issue: Issue): Complaint[] {
    const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    if (this.#source.isMistaken(path)) return [];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => this.#unknownKey([...path, key], key, path));
    }
    if (issue.code === "invalid_key") {
      return [this.#source.complain(path, issue.issues[0]?.message ?? issue.message, "key")];
    }
    const found = valueAt(this.#value, path);
    if (found === undefined) return [this.#source.complain(path, this.#missing(path))];
    const shown = this.#source.isSecret(path) ? hidden : found;
    const message =
      issue.message === untold ? explain(issue, shown, this.#titleAt(path)) : issue.message;
    return [this.#source.complain(path, message)];
  }

  #unknownKey(path: ConfigPath, key: string, above: ConfigPath): Complaint {
    const known = nodesAt(this.#tree, above).flatMap((node) => Object.keys(node.properties ?? {}));
    const message = `unknown option${suggestion(key, known)}`;
    return this.#source.complain(path, message, "key");
  }

  #titleAt(path: ConfigPath): string | undefined {
    return nodesAt(this.#tree, path)[0]?.title;
  }

  #missing(path: ConfigPath): string {
    const description = nodesAt(this.#tree, path)[0]?.description;
    return description === undefined ? "is missing" : `is missing. ${description}`;
  }
}

function explain(issue: Issue, found: unknown, title?: string): string {
  const tail = `, found ${inWords(found)}`;
  if (issue.code === "invalid_type") {
    return `expected ${typeInWords(issue.expected)}${tail}${hint(issue, found)}`;
  }
  if (issue.code === "invalid_value") {
    const known = issue.values.map(String);
    const choice = known.map((each) => `"${each}"`).join(" or ");
    const near = typeof found === "string" && known.length > 1 ? nearest(found, known) : undefined;
    return `expected ${choice}${tail}${near === undefined ? "" : `; did you mean "${near}"?`}`;
  }
  if (issue.code === "too_small") {
    return `expected at least ${amountInWords(title ?? issue.origin, issue.minimum)}${tail}`;
  }
  if (issue.code === "too_big") {
    return `expected at most ${amountInWords(title ?? issue.origin, issue.maximum)}${tail}`;
  }
  if (issue.code === "invalid_union") {
    const types = issue.errors.flatMap(([first]) =>
      first?.code === "invalid_type" ? [typeInWords(first.expected)] : [],
    );
    return `expected ${[...new Set(types)].join(" or ")}${tail}`;
  }
  return `expected something else${tail}`;
}

/** What to do about the typical slip behind a value of the wrong type. */
function hint(issue: Issue & { code: "invalid_type" }, found: unknown): string {
  const { expected } = issue;
  if (found === null) return "; is the value missing, or not indented under its key?";
  if (expected === "array" && typeof found === "string") {
    return `; write a list: [${JSON.stringify(found)}]`;
  }
  if (expected === "string" && (typeof found === "number" || typeof found === "boolean")) {
    return "; put it into quotes if it is meant as text";
  }
  if (isMapName(expected) && Array.isArray(found)) return '; take the "- " away';
  if (isMapName(expected) && typeof found === "string") return '; is the blank after ":" missing?';
  if (expected === "string" && typeof found === "object") {
    return "; text with braces or brackets is put into quotes";
  }
  return "";
}

function isMapName(expected: string): boolean {
  return expected === "object" || expected === "record";
}

function typeInWords(type: string): string {
  const words: Record<string, string> = {
    string: "text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    array: "a list",
    object: "a map of options",
    record: "a map by name",
    null: "nothing",
  };
  return Object.hasOwn(words, type) ? words[type]! : type;
}

function amountInWords(origin: string, amount: number | bigint): string {
  if (origin === "duration") return formatDuration(Number(amount));
  if (origin === "size") return formatSize(Number(amount));
  if (origin === "string") return `${amount} character${amount === 1 ? "" : "s"}`;
  if (origin === "array") return `${amount} item${amount === 1 ? "" : "s"}`;
  return String(amount);
}

/** What stands there, cut short. Secrets are taken out by the source that complains. */
function inWords(found: unknown): string {
  if (found === null) return "nothing";
  if (Array.isArray(found)) return found.length === 0 ? "an empty list" : "a list";
  if (typeof found === "object") return "a map";
  if (found === hidden) return "a value that is not shown here";
  if (typeof found !== "string") return JSON.stringify(found) ?? typeof found;
  return JSON.stringify(found.length > 60 ? `${found.slice(0, 60)}…` : found);
}

/** Reads text that was put in as a number or truth value where the schema asked for one. */
function readInsertedNumbers(
  value: unknown,
  issues: readonly Issue[],
  source: ConfigSource,
): boolean {
  let changed = false;
  for (const issue of issues) {
    const path = issue.path as ConfigPath;
    if (issue.code !== "invalid_type" || path.length === 0 || !source.isInserted(path)) continue;
    const parent = valueAt(value, path.slice(0, -1)) as Record<string | number, unknown>;
    const text = String(parent[path.at(-1)!]);
    if (issue.expected === "boolean" && /^(true|false)$/.test(text)) {
      parent[path.at(-1)!] = text === "true";
      changed = true;
    } else if (/^(number|int)$/.test(issue.expected) && /^-?\d{1,15}(\.\d+)?$/.test(text)) {
      parent[path.at(-1)!] = Number(text);
      changed = true;
    }
  }
  return changed;
}
