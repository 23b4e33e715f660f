/**
 * The options of a chain: a list of steps, each a map of one plugin's name to that plugin's options.
 *
 *     - redact: { fields: [token] }
 *       name: no_tokens             # beside the plugin's key are what all steps have in common
 *       when: 'kind == "login"'
 *
 * The plugin's own options are checked by the plugin, when the chain is compiled.
 */
import { z } from "zod";
import { duration, size } from "../platform/text/unit-options.ts";

/** What may be beside the plugin's key, so no plugin may have one of these names. */
export const step_keys: readonly string[] = ["name", "when", "on_error", "isolate"];

/** What plugins and steps are called: it reaches metrics and reasons, so it is short and plain. */
export const name_pattern = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/;
export const name_length_max = 64;
const steps_max = 100;

const name = z
  .string()
  .regex(name_pattern, "expected a name in snake_case, such as drop_reads")
  .max(name_length_max)
  .optional()
  .describe("The step's name in status and metrics. Default: the plugin's name.");

const when = z
  .string()
  .optional()
  .describe(
    "A CEL condition: the step runs only where it holds. The step fails on an event that is not JSON, if the condition needs a value of it.",
  );

const onError = z
  .enum(["quarantine", "drop"])
  .default("quarantine")
  .describe("What happens to an event on which the step fails. It is never shipped.");

const timeout_ms_max = 10_000;
/** What an empty plugin needs, and some room. */
const memory_bytes_min = 32 * 1024 * 1024;

const budget = z.strictObject({
  timeout: duration()
    .prefault("250ms")
    .refine((ms) => ms > 0 && ms <= timeout_ms_max, "expected at most 10s")
    .describe("How long the plugin may take for one event. Everything waits meanwhile."),
  memory: size()
    .prefault("128MiB")
    .refine((bytes) => bytes >= memory_bytes_min, "expected at least 32MiB")
    .describe("How much memory the plugin may use: heap and buffers, looked at every second."),
});

const isolate = z
  .union([z.literal(true), budget])
  .optional()
  .transform((given) => (given === true ? budget.parse({}) : given))
  .describe(
    "Runs the step's plugin in a process of its own, with a budget of time and memory: `true`, or the budget. A plugin that " +
      "hangs, or uses too much memory, then costs the event that it had. Only for plugins of plugins_dir.",
  );

/** What is there instead, and what to do: options mostly stand beside their plugin because they are not indented. */
function found(step: Record<string, unknown>): string {
  const plugins = pluginKeys(step);
  const [plugin, ...beside] = plugins;
  if (plugin === undefined) return "found none";
  const all = `found ${plugins.join(", ")}`;
  if (step[plugin] !== null) return `${all}; a step of its own begins with "- "`;
  const those = beside.map((each) => `\`${each}\``).join(", ");
  return `${all}. Indent ${those} below \`${plugin}\`, to stand deeper than it`;
}

export const stepOptions = z
  .looseObject({ name, when, on_error: onError, isolate })
  .superRefine((step, context) => {
    const plugins = pluginKeys(step);
    if (plugins.length === 1) return;
    context.addIssue(
      `expected exactly one plugin's name with its options in a step; ${found(step)}`,
    );
  })
  .describe("One plugin name with its options, and the options that all steps share.");

export const chainOptions = z
  .array(stepOptions)
  .max(steps_max)
  .describe("The steps that every event passes through, in this order.");

/** Of an isolated step: milliseconds for one event, and bytes. */
export type Budget = z.output<typeof budget>;
export type StepOptions = z.output<typeof stepOptions>;
export type ChainOptions = readonly StepOptions[];

/** The name of the step's plugin. */
export function pluginOf(step: StepOptions): string {
  return pluginKeys(step)[0] ?? "";
}

function pluginKeys(step: object): string[] {
  return Object.keys(step).filter((key) => !step_keys.includes(key));
}
