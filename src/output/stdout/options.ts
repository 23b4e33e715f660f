/**
 * The options of the `stdout` output.
 */
import { z } from "zod";

export const stdoutOutputOptions = z.strictObject({
  type: z
    .literal("stdout")
    .describe(
      "Standard output: a JSON object a line, as Splunk would get it. For trying out, and for pipes.",
    ),
});

export type StdoutOutputOptions = z.output<typeof stdoutOutputOptions>;
