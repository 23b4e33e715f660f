/**
 * `filter`: ends events that a condition names (`drop`), or all others (`keep`). They are counted as filtered.
 *
 * An event that is not JSON has no values. A condition on metadata or time alone holds for it as for any other. One that asks for a
 * value cannot be decided: `drop` lets the event go on; for `keep` the step fails on it.
 */
import { type Event, type Plugin, UnreadableError, z } from "../src/plugin.ts";

const conditionList = z.union([z.string(), z.array(z.string()).min(1)], {
  error: "expected a CEL condition, or a list of them",
});

const options = z
  .strictObject({
    drop: conditionList
      .optional()
      .describe("A CEL condition, or a list: events that match any of them are filtered out."),
    keep: conditionList
      .optional()
      .describe("A CEL condition, or a list: events that match none of them are filtered out."),
  })
  .refine((given) => (given.drop === undefined) !== (given.keep === undefined), {
    error: "expected exactly one of `drop` and `keep`",
  });

const plugin: Plugin<z.output<typeof options>> = {
  name: "filter",
  description: "Filters out events that match `drop`, or that do not match `keep`.",
  options,
  create({ drop, keep }, context) {
    const expressions = [drop ?? keep ?? []].flat();
    const conditions = expressions.map((expression) => context.condition(expression));
    if (drop !== undefined) {
      return (event) => {
        const is_json = event.invalid === undefined;
        for (const condition of conditions)
          if (is_json ? condition(event) : isMetByText(condition, event)) return null;
        return event;
      };
    }
    return (event) => {
      for (const condition of conditions) if (condition(event)) return event;
      return null;
    };
  },
};

/** Whether a condition holds for an event that is not JSON: never one that asks for a value of it. */
function isMetByText(condition: (event: Event) => boolean, event: Event): boolean {
  try {
    return condition(event);
  } catch (error) {
    if (error instanceof UnreadableError) return false;
    throw error;
  }
}

export default plugin;
