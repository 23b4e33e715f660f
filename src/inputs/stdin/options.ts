/**
 * The options of the standard input, as users write them. Their descriptions are the reference documentation.
 */
import { z } from "zod";
import { encodingOption } from "../encoding-option.ts";
import { framingOption } from "../framing-option.ts";
import { maxEventBytes } from "../lines/line-options.ts";
import { metadataOptions } from "../metadata-options.ts";
import { timeOptions } from "../time-options.ts";

/** All of its options but those of its journal. */
export const stdinInputShape = () => ({
  type: z
    .literal("stdin")
    .describe(
      "Reads lines from standard input. tallyman ends when they end and are all delivered.",
    ),
  encoding: encodingOption,
  framing: framingOption,
  max_event_bytes: maxEventBytes,
  metadata: metadataOptions.prefault({}),
  time: timeOptions,
});

export type StdinInputOptions = z.output<
  z.ZodObject<ReturnType<typeof stdinInputShape>, z.core.$strict>
>;
