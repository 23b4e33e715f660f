/**
 * The options of the `stdout` output.
 */
import { z } from "zod";

export const stdoutOutputOptions = z.strictObject({
  type: z
    .literal("stdout")
    .describe(
      "Standard output: one JSON object per line, as Splunk would get it. For tests and pipes.",
    ),
});

export type StdoutOutputOptions = z.output<typeof stdoutOutputOptions>;
