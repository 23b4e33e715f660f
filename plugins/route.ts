/**
 * `route`: sends events to another output than the default one. It decides where an event goes and does not end it:
 * later steps still see it, and a later route overrides an earlier one.
 */
import { type Plugin, z } from "../src/plugin.ts";

const options = z.strictObject({
  to: z
    .string()
    .describe(
      "The output's name. The step's `when` chooses the events; without it, every event that reaches the step.",
    ),
});

const plugin: Plugin<z.output<typeof options>> = {
  name: "route",
  description: "Sends events to an output other than the default.",
  options,
  create({ to }, context) {
    const output = context.output(to);
    return (event) => {
      event.output = output;
      return event;
    };
  },
};

export default plugin;
