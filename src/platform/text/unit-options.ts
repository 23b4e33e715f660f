/** Durations and sizes as option types for a schema. */
import { z } from "zod";
import { parseDuration, parseSize } from "./units.ts";

/** A duration option: text with a unit in the configuration, milliseconds in the code. */
export function duration() {
  return quantity("duration", "s", "200ms, 30s, 5m or 1h").transform((text, context): number => {
    const value = parseDuration(text);
    if (value !== undefined) return value;
    context.addIssue(`expected a duration with a unit, such as 200ms, 30s, 5m or 1h`);
    return z.NEVER;
  });
}

/** A size option: text with a unit in the configuration, bytes in the code. */
export function size() {
  return quantity("size", "MiB", "64KiB, 1MiB or 10MB").transform((text, context): number => {
    const value = parseSize(text);
    if (value !== undefined) return value;
    context.addIssue(`expected a size with a unit, such as 64KiB, 1MiB or 10MB`);
    return z.NEVER;
  });
}

/** Text, with an answer of its own to the commonest slip: a bare number. */
function quantity(title: string, unit: string, examples: string) {
  const error = ({ input }: { input?: unknown }): string | undefined =>
    typeof input === "number"
      ? `expected a ${title} with a unit, such as ${examples}; write ${input}${unit} if that is meant`
      : undefined;
  return z.string({ error }).meta({ title });
}
