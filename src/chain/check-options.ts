/**
 * Checks a step's options against its plugin's schema. Mistakes that a zod schema finds are reported in the same
 * words as those in the rest of the configuration; other schemas speak for themselves.
 */
import { z } from "zod";
import { readInserted } from "../platform/text/inserted-values.ts";
import { explainIssue, hidden, unworded } from "../platform/text/option-words.ts";
import { suggestion } from "../platform/text/suggest.ts";
import type { OptionsSchema, SchemaIssue } from "../plugin.ts";

/** The checked options, or what is wrong with them: each with the keys that lead to it in the options. */
export type CheckedOptions =
  | { readonly value: unknown; readonly mistakes?: undefined }
  | { readonly mistakes: readonly OptionMistake[] };

export interface OptionMistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly at?: "key";
  readonly words?: "own";
}

/** What is known of the values of the options, by the keys that lead to them. */
export interface ValueOrigins {
  /** Whether any of it was put in for a `${…}`. */
  readonly isInserted: (path: readonly (string | number)[]) => boolean;
  /** Whether it must not be shown. */
  readonly isSecret: (path: readonly (string | number)[]) => boolean;
  /** What in it may only be in an option that is secret, such as `credential:token`; undefined where nothing is. */
  readonly confinedAt: (path: readonly (string | number)[]) => string | undefined;
  /** Gives a text without any secret of the configuration; undefined where none is known. */
  readonly hide: ((text: string) => string) | undefined;
}

export async function checkOptions(
  schema: OptionsSchema<unknown>,
  options: unknown,
  origins: ValueOrigins,
): Promise<CheckedOptions> {
  if (isZodSchema(schema)) return checkWithZod(schema, options, origins);
  const result = await schema["~standard"].validate(options);
  if (result.issues === undefined) return { value: result.value };
  return {
    mistakes: result.issues.map((issue) => ({ path: pathOf(issue), message: issue.message })),
  };
}

/** Told by what it has, since a drop-in may bring its own copy of zod. */
function isZodSchema(schema: object): schema is z.ZodType {
  return "_zod" in schema && "safeParseAsync" in schema;
}

async function checkWithZod(
  schema: z.ZodType,
  options: unknown,
  { isInserted, isSecret }: ValueOrigins,
): Promise<CheckedOptions> {
  let result = await schema.safeParseAsync(options, { error: () => unworded });
  if (!result.success && readInserted(options, result.error.issues, isInserted)) {
    result = await schema.safeParseAsync(options, { error: () => unworded });
  }
  if (result.success) return { value: result.data };
  const mistakes = result.error.issues.flatMap((issue): OptionMistake[] => {
    const path = pathOf(issue);
    const known =
      path.length === 0 && schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
    if (issue.code !== "unrecognized_keys") {
      if (issue.message !== unworded) return [{ path, message: issue.message }];
      const found = isSecret(path) ? hidden : valueAt(options, path);
      // Where the options themselves are none, nothing else says what they are called.
      const names = known.length > 0 ? `; the options of this step: ${known.join(", ")}` : "";
      return [{ path, message: explainIssue(issue, found) + names, words: "own" }];
    }
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown option${suggestion(key, known)}`,
      at: "key",
      words: "own",
    }));
  });
  return { mistakes };
}

function pathOf(issue: SchemaIssue): (string | number)[] {
  return (issue.path ?? []).map((part) => {
    const key = typeof part === "object" ? part.key : part;
    return typeof key === "symbol" ? String(key) : key;
  });
}

function valueAt(options: unknown, path: readonly (string | number)[]): unknown {
  let value = options;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part))
      return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
