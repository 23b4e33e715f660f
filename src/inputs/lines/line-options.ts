/**
 * The options of every input that receives lines.
 */
import { z } from "zod";
import { size } from "../../platform/text/unit-options.ts";

/** Below this a line as short as a syslog line would be cut. */
const event_bytes_min = 1024;
/** A record is one buffer whose positions are 32-bit numbers, and Splunk takes far less anyway. */
const event_bytes_max = 512 * 1024 * 1024;

export const maxEventBytes = size()
  .pipe(z.number().min(event_bytes_min).max(event_bytes_max))
  .prefault("1MiB")
  .describe(
    "Longest line that is shipped whole. A longer one is cut to this size and marked with its " +
      "original length and SHA-256.",
  );
