/**
 * The options of the quarantine.
 */
import { z } from "zod";
import { size } from "../../platform/text/unit-options.ts";
import { formatSize } from "../../platform/text/units.ts";

const MiB = 1024 * 1024;
const bytes_min = MiB;
export const default_bytes_max = 256 * MiB;

export const quarantineOptions = z
  .strictObject({
    max_bytes: size()
      .refine((bytes) => bytes >= bytes_min, "expected a size of at least 1MiB")
      .prefault(formatSize(default_bytes_max))
      .describe(
        "Size limit of all its files. When it is reached, the oldest events are removed, counted, and " +
          "marked in Splunk by a gap event.",
      ),
  })
  .prefault({});
