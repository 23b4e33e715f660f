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
        "What its files may hold together. When they are full the oldest events in it are removed, counted, and " +
          "marked in Splunk by a gap event.",
      ),
  })
  .prefault({});
