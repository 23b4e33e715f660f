/**
 * `select`: keeps the values at some paths, with what they are in, and removes all else.
 *
 * An event that has none of them would be an empty one: most likely a path is mistyped, or the event is of another kind. It
 * goes to quarantine, so that nothing is lost by that.
 */
import { type Plugin, z } from "../src/plugin.ts";

const options = z.strictObject({
  fields: z
    .array(z.string())
    .min(1, "expected at least one path")
    .describe("Paths of the values to keep, each with all that is in it."),
  ignore_case: z
    .boolean()
    .default(false)
    .describe("Whether keys match in any case, as HTTP header names do."),
});

const plugin: Plugin<z.output<typeof options>> = {
  name: "select",
  description: "Keeps the named fields, and removes all others.",
  options,
  create({ fields, ignore_case }, context) {
    const paths = fields.map((field) => context.path(field, { ignore_case }));
    return (event) => {
      if (!paths.some((path) => event.has(path))) return event.quarantine("nothing_selected");
      event.select(paths);
      return event;
    };
  },
};

export default plugin;
