/**
 * `sample`: keeps a share of the events, and filters out the others. Which ones follows from a key of the event alone, so it is
 * the same on every host, and after a restart.
 */
import { type Plugin, z } from "../src/plugin.ts";

const options = z.strictObject({
  rate: z
    .number()
    .gt(0, "expected a share above 0, such as 0.1 for a tenth; to filter out all, use `filter`")
    .lt(1, "expected a share below 1, such as 0.1 for a tenth")
    .describe("The share of the keys that is kept: 0.1 is a tenth."),
  by: z
    .union([z.string(), z.array(z.string()).min(1)], {
      error: "expected a path, or a list of them",
    })
    .optional()
    .describe(
      "The path whose value is the key, or a list of paths: events with equal values are all kept, or none. An event without any of the values is kept. Default: the whole event.",
    ),
  salt: z
    .string()
    .default("")
    .describe(
      "A text that changes which keys are kept. Keep it secret if the people who cause events must not know which ones are kept.",
    ),
});

/** Of the digits of a key, as many as a number holds exactly. */
const digits = 12;

const plugin: Plugin<z.output<typeof options>> = {
  name: "sample",
  description: "Keeps a share of the events, chosen by a key.",
  options,
  secret_options: ["salt"],
  create({ rate, by = [], salt }, context) {
    const keyOf = context.key(
      [by].flat().map((path) => context.path(path)),
      salt,
    );
    const kept_below = rate * 16 ** digits;
    return (event) => {
      const key = keyOf(event);
      if (key === undefined || Number.parseInt(key.slice(0, digits), 16) < kept_below) return event;
      return null;
    };
  },
};

export default plugin;
