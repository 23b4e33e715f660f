/**
 * `throttle`: lets so many events pass in a time, for each key, and filters out the rest.
 *
 * The time of a key begins with its first event. Where there are more keys than are kept, the one whose time began first is
 * forgotten, so that more events pass, and never fewer.
 */
import { duration, type Plugin, z } from "../src/plugin.ts";

const options = z.strictObject({
  events: z.int().min(1).describe("How many events of one key pass in each period `per`."),
  per: duration()
    .refine((ms) => ms > 0, { error: "expected more than 0" })
    .describe("The length of a period, by the time at which tallyman processes the events."),
  by: z
    .union([z.string(), z.array(z.string()).min(1)], {
      error: "expected a path, or a list of them",
    })
    .optional()
    .describe(
      "The path whose value is the key, or a list of paths. All events without any of the values share one key. Default: all events have one key.",
    ),
  keys_max: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe("How many keys are remembered at once."),
});

const plugin: Plugin<z.output<typeof options>> = {
  name: "throttle",
  description: "Lets so many events pass in a time, for each key, and filters out the rest.",
  options,
  deterministic: false,
  create({ events, per, by, keys_max }, context) {
    const paths = by === undefined ? [] : [by].flat().map((path) => context.path(path));
    const keyOf = by === undefined ? () => undefined : context.key(paths);
    /** In the order in which their times began. */
    const windows = new Map<string, { began_ms: number; passed: number }>();
    return (event) => {
      const key = keyOf(event) ?? "";
      const now_ms = context.monotonic();
      const window = windows.get(key);
      if (window !== undefined && now_ms - window.began_ms < per) {
        window.passed += 1;
        return window.passed > events ? null : event;
      }
      windows.delete(key);
      if (windows.size >= keys_max) windows.delete(windows.keys().next().value!);
      windows.set(key, { began_ms: now_ms, passed: 1 });
      return event;
    };
  },
};

export default plugin;
