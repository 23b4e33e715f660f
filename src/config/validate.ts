/**
 * From plain values to settings: the schema's verdict, each error reported in words and at its place.
 */
import type { z } from "zod";
import { stepOptions } from "../chain/options.ts";
import type { Complaint } from "../platform/errors.ts";
import { configSchema, shared_prefix, type Settings } from "./config.ts";
import { fillTypes } from "./component-types.ts";
import { configOptionTree, nodesAt, type OptionNode } from "./option-tree.ts";
import { outputMistakes, outputNamesIn, type OutputMistake } from "./outputs.ts";
import { resolvePaths } from "./document/paths.ts";
import { pathText, valueAt, type ConfigPath } from "./document/place.ts";
import type { ConfigFile } from "./document/config-file.ts";
import { readInserted } from "../platform/text/inserted-values.ts";
import { explainIssue, hidden, unworded } from "../platform/text/option-words.ts";
import { nearest, suggestion } from "../platform/text/suggest.ts";
import { instead } from "./other-words.ts";

type Issue = z.core.$ZodIssue;

/** Without zod's own compiler: it makes code for each schema, and these are used once. */
const parsing = { error: () => unworded, jitless: true };

export interface Verdict {
  settings?: Settings;
  /** Those steps that fit the schema though other settings may not, and their numbers in the file. */
  chain?:
    | (Pick<Settings, "chain" | "plugins_dir"> & { numbers: number[]; output_names: string[] })
    | undefined;
  complaints: Complaint[];
}

/**
 * The settings, and what is wrong with them. A value that has a complaint already gets no other.
 * Relative paths start at `folder`.
 */
export function validate(value: unknown, folder: string, source: ConfigFile): Verdict {
  if (value === null || value === undefined)
    return { complaints: [source.complain([], "the file is empty")] };
  const plain = withoutShared(structuredClone(value));
  fillTypes(plain);
  const mistakes: OutputMistake[] = [
    ...resolvePaths(plain, folder),
    ...fillInputs(plain),
    ...outputMistakes(plain),
  ];
  const complaints = mistakes.map(({ path, message, at }) => source.complain(path, message, at));
  let result = configSchema.safeParse(plain, parsing);
  const isInserted = (path: ConfigPath): boolean => source.isInserted(path);
  if (!result.success && readInserted(plain, result.error.issues, isInserted)) {
    result = configSchema.safeParse(plain, parsing);
  }
  if (result.success) {
    return { settings: result.data, complaints };
  }
  const reported = new Set(mistakes.map(({ path }) => pathText(path)));
  const words = new Words(plain, source);
  for (const issue of result.error.issues) {
    if (!reported.has(pathText(issue.path as ConfigPath)))
      complaints.push(...words.complaintsOf(issue));
  }
  return { complaints, chain: chainIn(plain) };
}

/** An agent of a fleet may have no inputs of its own: until it takes some, it has none. */
function fillInputs(plain: unknown): OutputMistake[] {
  const inputs = valueAt(plain, ["inputs"]);
  if (valueAt(plain, ["fleet"]) !== undefined) {
    if (inputs === undefined) Object.assign(plain as object, { inputs: {} });
    return [];
  }
  const is_empty =
    typeof inputs === "object" && inputs !== null && Object.keys(inputs).length === 0;
  return is_empty ? [{ path: ["inputs"], message: "expected at least one input" }] : [];
}

/** Blocks at the top called `x-…` are for anchors, which the rest of the file uses. */
function withoutShared(plain: unknown): unknown {
  if (typeof plain !== "object" || plain === null || Array.isArray(plain)) return plain;
  return Object.fromEntries(
    Object.entries(plain).filter(([key]) => !key.startsWith(shared_prefix)),
  );
}

/** So that the mistakes in the steps' own options can be reported together with all others. */
function chainIn(plain: unknown): Verdict["chain"] {
  const directory = configSchema.shape.plugins_dir.safeParse(valueAt(plain, ["plugins_dir"]));
  const steps = valueAt(plain, ["chain"]);
  if (!directory.success || !Array.isArray(steps)) return undefined;
  const numbered = steps.flatMap((step, number) => {
    const checked = stepOptions.safeParse(step);
    return checked.success ? [{ step: checked.data, number }] : [];
  });
  return {
    chain: numbered.map(({ step }) => step),
    numbers: numbered.map(({ number }) => number),
    output_names: outputNamesIn(plain),
    ...(directory.data !== undefined && { plugins_dir: directory.data }),
  };
}

class Words {
  readonly #value: unknown;
  readonly #source: ConfigFile;
  readonly #tree: OptionNode = configOptionTree();

  constructor(value: unknown, source: ConfigFile) {
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
    if (issue.code === "invalid_union" && issue.discriminator !== undefined) {
      return [this.#source.complain(path, this.#unknownType(issue, path), "value", "own")];
    }
    const found = valueAt(this.#value, path);
    const meant = issue.code === "invalid_union" ? meantBy(issue.errors, found) : undefined;
    if (meant !== undefined) {
      return meant.flatMap((each) => this.complaintsOf({ ...each, path: [...path, ...each.path] }));
    }
    if (found === undefined && this.#isMisspelt(path)) return [];
    if (found === undefined)
      return [this.#source.complain(path, this.#missing(path), "value", "own")];
    const shown = this.#source.hides(path, found) ? hidden : found;
    const message = explainIssue(issue, shown, this.#titleAt(path));
    const words = issue.message === unworded ? "own" : "quoting";
    return [this.#source.complain(path, message, "value", words)];
  }

  #unknownKey(path: ConfigPath, key: string, above: ConfigPath): Complaint {
    if (/^[^\S ]/.test(key)) {
      const said = "another kind of space before the key, such as a no-break space";
      return this.#source.complain(path, `${said}; YAML is indented with spaces`, "key", "own");
    }
    const known = this.#optionsAt(above);
    const names = Object.keys(known);
    const other = instead(key, known);
    const said = other === undefined ? suggestion(key, names) : `; write ${other}`;
    return this.#source.complain(path, `unknown option${said}`, "key", "own");
  }

  #optionsAt(path: ConfigPath): Record<string, OptionNode> {
    const nodes = nodesAt(this.#tree, path, this.#value);
    return Object.assign({}, ...nodes.map(({ properties }) => properties)) as Record<
      string,
      OptionNode
    >;
  }

  /** Whether another key beside the one at `path` is likely the one that is missing there. */
  #isMisspelt(path: ConfigPath): boolean {
    const above = path.slice(0, -1);
    const known = this.#optionsAt(above);
    const names = Object.keys(known);
    return Object.keys(valueAt(this.#value, above) ?? {}).some((key) => {
      if (names.includes(key)) return false;
      const meant = instead(key, known)?.split(":")[0] ?? nearest(key, names);
      return meant === path.at(-1);
    });
  }

  #unknownType(issue: Issue, path: ConfigPath): string {
    const values = nodesAt(this.#tree, path, this.#value).flatMap((node) => node.const ?? []);
    const { message } = issue;
    const found = valueAt(this.#value, path);
    return explainIssue(
      { code: "invalid_value", values, path: issue.path, message },
      this.#source.hides(path, found) ? hidden : found,
    );
  }

  #titleAt(path: ConfigPath): string | undefined {
    return nodesAt(this.#tree, path, this.#value)[0]?.title;
  }

  #missing(path: ConfigPath): string {
    const description = nodesAt(this.#tree, path, this.#value)[0]?.description;
    return description === undefined ? "is missing" : `is missing. ${firstSentence(description)}`;
  }
}

/** All of an option's description would hide what is wrong. */
function firstSentence(description: string): string {
  return /^.*?\.(?= [A-Z])/s.exec(description)?.[0] ?? description;
}

/** What is wrong by the only alternative that is for values of this type; undefined where there is none, or there are more. */
export function meantBy(alternatives: readonly Issue[][], found: unknown): Issue[] | undefined {
  const meant = alternatives.filter(
    (issues) => !issues.some((issue) => isOfAnotherType(issue, found)),
  );
  return meant.length === 1 ? meant[0] : undefined;
}

function isOfAnotherType(issue: Issue, found: unknown): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_type") return true;
  return (
    issue.code === "invalid_value" && !issue.values.some((each) => typeof each === typeof found)
  );
}
