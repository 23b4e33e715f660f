/**
 * `rename`: moves values from one path to another, with their bytes as they are.
 *
 * Where there is a value at the new path, both stay as they are unless `if_exists` says otherwise: none is lost by chance.
 */
import { type Plugin, z } from "../src/plugin.ts";

const options = z.strictObject({
  fields: z
    .record(z.string(), z.string())
    .superRefine((fields, context) => {
      if (Object.keys(fields).length === 0) context.addIssue("expected at least one path");
      const targets = new Set<string>();
      for (const [from, to] of Object.entries(fields)) {
        const mistake = targets.has(to) ? "another value is moved there" : mistakeIn(from, to);
        if (mistake !== undefined)
          context.addIssue({ code: "custom", message: mistake, path: [from] });
        targets.add(to);
      }
    })
    .describe(
      "A map of old paths to new ones: the value at each old path is moved to the new one.",
    ),
  if_exists: z
    .enum(["keep", "replace"])
    .default("keep")
    .describe(
      "What happens where there is a value at the new path: `keep` leaves both where they are, `replace` replaces it.",
    ),
});

/** Why a value cannot be moved from the one path to the other. */
function mistakeIn(from: string, to: string): string | undefined {
  if (from === to) return "expected another path than the one before it";
  if (!to.startsWith(`${from}.`) && !to.startsWith(`${from}[`)) return undefined;
  return `a value cannot be moved into itself: "${to}" is inside of "${from}"`;
}

const plugin: Plugin<z.output<typeof options>> = {
  name: "rename",
  description: "Renames fields, or moves them elsewhere in the event.",
  options,
  create({ fields, if_exists }, context) {
    const moves = Object.entries(fields).map(([from, to]) => ({
      from: context.path(from, { single: true }),
      to: context.path(to, { single: true }),
    }));
    const keeps = if_exists === "keep";
    return (event) => {
      for (const { from, to } of moves) {
        if (!event.has(from) || (keeps && event.has(to))) continue;
        event.move(from, to);
      }
      return event;
    };
  },
};

export default plugin;
