/** `remove`: takes members and items out of events, wherever their paths find one, and changes nothing else. */
import { type Plugin, z } from "../src/plugin.ts";

const options = z.strictObject({
  fields: z
    .array(z.string())
    .min(1, "expected at least one path")
    .describe("Paths of what to remove, of whatever type it is: the key goes with its value."),
  ignore_case: z
    .boolean()
    .default(false)
    .describe("Whether keys match in any case, as HTTP header names do."),
});

const plugin: Plugin<z.output<typeof options>> = {
  name: "remove",
  description: "Removes fields.",
  options,
  create({ fields, ignore_case }, context) {
    const paths = fields.map((field) => context.path(field, { ignore_case }));
    return (event) => {
      for (const path of paths) event.delete(path);
      return event;
    };
  },
};

export default plugin;
