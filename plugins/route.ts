/**
 * `route`: sends events to another output than the default one. It decides where an event goes and does not end it:
 * later steps still see it, and a later route overrides an earlier one.
 */
import { type Plugin, z } from "../src/plugin.ts";

const options = z.strictObject({
  to: z
    .string()
    .describe(
      "The output's name. Which events go there is said by the step's `when`; without it, all that come so far.",
    ),
});

const plugin: Plugin<z.output<typeof options>> = {
  name: "route",
  description: "Sends events to another output than the default one.",
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
