/** `set`: gives events constant values at some paths. */
import { type JsonValue, type Plugin, z } from "../src/plugin.ts";

const options = z.strictObject({
  fields: z
    .record(
      z.string(),
      z.unknown().refine(isJson, {
        error: "expected a value as JSON has them; an integer beyond 2^53 is written in quotes",
      }),
    )
    .refine((fields) => Object.keys(fields).length > 0, { error: "expected at least one path" })
    .describe(
      "A map of paths to the values that they get: text, a number, true, false, null, a list or a map.",
    ),
  only_if_missing: z
    .boolean()
    .default(false)
    .describe("Whether a value that is there already stays, `null` too."),
});

/** YAML has more than JSON, and may be nested without an end. */
const depth_max = 20;

function isJson(value: unknown, depth = 0): boolean {
  if (depth > depth_max) return false;
  if (typeof value === "number") return Number.isFinite(value) && !isRounded(value);
  if (typeof value !== "object" || value === null) return value !== undefined;
  return Object.values(value).every((each) => isJson(each, depth + 1));
}

/** Whether it may have been another number before it was read. */
function isRounded(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

const plugin: Plugin<z.output<typeof options>> = {
  name: "set",
  description: "Sets fields to constant values.",
  options,
  create({ fields, only_if_missing }, context) {
    const values = Object.entries(fields).map(
      ([path, value]) =>
        [context.path(path, { single: only_if_missing }), value as JsonValue] as const,
    );
    return (event) => {
      for (const [path, value] of values) {
        if (!only_if_missing || !event.has(path)) event.set(path, value);
      }
      return event;
    };
  },
};

export default plugin;
