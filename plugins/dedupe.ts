/**
 * `dedupe`: of events with one key, keeps the first in a time, and filters out its repetitions.
 *
 * The key is a hash that nobody can make twice, so no event passes for the repetition of another. Where there are more
 * keys than are kept, the oldest is forgotten: a repetition may pass, and no event is lost.
 */
import { duration, type Plugin, z } from "../src/plugin.ts";

const options = z.strictObject({
  by: z
    .union([z.string(), z.array(z.string()).min(1)], {
      error: "expected a path, or a list of them",
    })
    .optional()
    .describe(
      "The path whose value is the key, or a list of paths. An event without any of the values is kept. Default: the whole event.",
    ),
  window: duration()
    .refine((ms) => ms > 0, { error: "expected more than 0" })
    .prefault("1m")
    .describe(
      "How long after an event that passed other events with its key count as repetitions, by the time at which tallyman processes them.",
    ),
  keys_max: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(100_000)
    .describe("How many keys are remembered at once."),
});

const plugin: Plugin<z.output<typeof options>> = {
  name: "dedupe",
  description: "Filters out repetitions of events.",
  options,
  deterministic: false,
  create({ by = [], window, keys_max }, context) {
    const keyOf = context.key([by].flat().map((path) => context.path(path)));
    /** When the event with this key came, in the order of that. */
    const seen = new Map<string, number>();
    return (event) => {
      const key = keyOf(event);
      if (key === undefined) return event;
      const now_ms = context.monotonic();
      const first_ms = seen.get(key);
      if (first_ms !== undefined && now_ms - first_ms < window) return null;
      seen.delete(key);
      if (seen.size >= keys_max) seen.delete(seen.keys().next().value!);
      seen.set(key, now_ms);
      return event;
    };
  },
};

export default plugin;
