/**
 * The framing `multiline`, as a user has it.
 */
import { z } from "zod";
import { linearPattern, type LinearPattern } from "../../../platform/text/linear-pattern.ts";
import { pattern } from "../../../platform/text/pattern-option.ts";
import { duration, size } from "../../../platform/text/unit-options.ts";
import type { Framing } from "../contract/framing.ts";
import { groupFramer } from "./group-framer.ts";
import { head_bytes_max } from "./rule.ts";

/** Files are read in chunks of twice as much. */
const group_bytes_max = 256 * 1024;

const options = z
  .strictObject({
    start: pattern
      .optional()
      .describe(
        "Regular expression (RE2) that matches the first line of each group, such as `'^\\d{4}-\\d\\d-\\d\\d '`. It is " +
          `compared with the first ${head_bytes_max} bytes of each line, without its line end. Write it in single quotes.`,
      ),
    end: pattern
      .optional()
      .describe(
        "The same for the last line of each group. Without `start`, a group begins after the end of the group before.",
      ),
    max_lines: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe(
        "Most lines of a group. A group with more is cut, and its parts are marked (field `tallyman_group_cut`).",
      ),
    max_bytes: size()
      .pipe(z.number().min(1024).max(group_bytes_max))
      .prefault("128KiB")
      .describe(
        "Most bytes of a group, at most 256KiB. A longer line is a record by itself, up to `max_event_bytes`.",
      ),
    flush_after: duration()
      .pipe(z.number().min(100).max(3_600_000))
      .prefault("5s")
      .describe(
        "How long to wait for more lines before a group without an end is shipped. Lines that continue the group later are " +
          "marked with `tallyman_group_cut`.",
      ),
  })
  .refine(({ start, end }) => start !== undefined || end !== undefined, {
    message: "expected start, end or both",
  });

export const multiline: Framing<z.output<typeof options>> = {
  options,
  explain: ({ start, end }) => {
    const begins = start === undefined ? "" : `begins with a line that matches ${start}`;
    const ends = end === undefined ? "" : `ends with one that matches ${end}`;
    return `A record is a group of lines: it ${[begins, ends].filter(Boolean).join(" and ")}.`;
  },
  framer: ({ start, end, max_lines, max_bytes, flush_after }, from) =>
    groupFramer(
      { start: compiled(start), end: compiled(end), max_lines, max_bytes },
      from,
      flush_after,
    ),
};

function compiled(text: string | undefined): LinearPattern | undefined {
  return text === undefined ? undefined : linearPattern(text);
}
