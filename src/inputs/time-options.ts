/**
 * The option `time` that every input shares: where its events have their time, and how it is written.
 */
import { z } from "zod";
import { parsePath } from "../event/scan/path.ts";
import { TimePattern, TimePatternError } from "../event/time/time-pattern.ts";
import type { TimeRule } from "../event/time/time-rule.ts";
import { Zone } from "../event/time/zone.ts";
import { messageOf } from "../platform/errors.ts";

const default_paths = ["time", "timestamp", "@timestamp", "eventTime", "requestReceivedTimestamp"];

/** Text in which a function finds no fault: it throws an error that says what is wrong. */
function textThat(parse: (text: string) => unknown) {
  return z
    .string()
    .min(1)
    .superRefine((text, context) => {
      try {
        parse(text);
      } catch (thrown) {
        context.addIssue(messageOf(thrown));
      }
    });
}

const timePath = textThat(parsePath);
const timePaths = z.array(timePath);

const format = textThat((text) => (text === "auto" ? undefined : patternOf(text)));

const zone = textThat(zoneOf);

const timeMap = z.strictObject({
  field: timePaths
    .default(default_paths)
    .describe(
      "Paths at which an event may have its own timestamp; the first that holds one is used.",
    ),
  format: format
    .default("auto")
    .describe(
      "How timestamps are written: `auto` for any of the usual forms (docs/inputs/times.md), or a pattern in the directives " +
        "of strptime, such as `%d.%m.%Y %H:%M:%S`. Of a record that is not JSON, the beginning is read.",
    ),
  zone: zone
    .optional()
    .describe(
      "The zone of timestamps that name none: one of the IANA database such as `Europe/Berlin`, `UTC`, or `local` for " +
        "this machine's. Without it, such a timestamp cannot be read.",
    ),
  from: z
    .enum(["record", "read"])
    .default("record")
    .describe("`read`: all events have the time at which they were read."),
});

export const timeOptions = z
  .union([timePaths, timeMap])
  .default(default_paths)
  .describe(
    "Where events have their own timestamp, and how it is written; a list is short for `field`. An event without " +
      "one has the time at which it was read. What cannot be read is counted (`tallyman status`).",
  )
  .transform((given) => (Array.isArray(given) ? timeMap.parse({ field: given }) : given));

export type TimeOptions = z.output<typeof timeOptions>;

/** What the options mean. */
export function timeRuleOf(options: TimeOptions): TimeRule {
  const { field, format: pattern, zone: name, from } = options;
  const is_own = from === "record";
  return {
    options: JSON.stringify(options),
    paths: is_own ? field.map((text) => parsePath(text)) : [],
    reads_heads: is_own,
    pattern: pattern === "auto" ? undefined : patternOf(pattern),
    zone: name === undefined ? undefined : zoneOf(name),
  };
}

function patternOf(text: string): TimePattern {
  try {
    return new TimePattern(text);
  } catch (thrown) {
    if (!(thrown instanceof TimePatternError)) throw thrown;
    throw new Error(`cannot be read as a pattern: ${thrown.message} (column ${thrown.at})`, {
      cause: thrown,
    });
  }
}

function zoneOf(name: string): Zone {
  try {
    return new Zone(name);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new Error(`there is no zone "${name}"; name one such as Europe/Berlin, UTC or local`, {
      cause: thrown,
    });
  }
}
