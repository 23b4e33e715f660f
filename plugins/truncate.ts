/** `truncate`: cuts long texts, between two characters, and marks them. */
import { type Plugin, z } from "../src/plugin.ts";

const options = z
  .strictObject({
    max_length: z
      .int()
      .min(1)
      .describe("How many characters (UTF-16 units) a text may have, the mark included."),
    fields: z
      .array(z.string())
      .min(1, "expected at least one path")
      .optional()
      .describe(
        "Paths of the texts to cut. Default: all texts of an event, and an event that is text.",
      ),
    ignore_case: z
      .boolean()
      .default(false)
      .describe("Whether keys match in any case, as HTTP header names do."),
    mark: z
      .string()
      .default("…[truncated]")
      .describe("The text at the end of a text that was cut."),
  })
  .refine(({ max_length, mark }) => mark.length < max_length, {
    error: "expected a `max_length` above the length of the mark",
    path: ["max_length"],
  });

const plugin: Plugin<z.output<typeof options>> = {
  name: "truncate",
  description: "Cuts long texts, and marks them.",
  options,
  create({ max_length, fields, ignore_case, mark }, context) {
    const paths = (fields ?? ["**"]).map((field) => context.path(field, { ignore_case }));
    const kept = max_length - mark.length;
    const cut = (text: string): string => {
      if (text.length <= max_length) return text;
      const last = text.charCodeAt(kept - 1);
      const splits = last >= 0xd800 && last <= 0xdbff;
      return text.slice(0, splits ? kept - 1 : kept) + mark;
    };
    return (event) => {
      if (event.invalid !== undefined) {
        if (fields === undefined && event.text.length > max_length) event.text = cut(event.text);
        return event;
      }
      // A character has a byte or more.
      for (const path of paths) event.mapStrings(path, cut, max_length);
      return event;
    };
  },
};

export default plugin;
