/**
 * The options that every input shares: what its events carry as metadata.
 */
import { z } from "zod";

const fieldValue = z.union([z.string(), z.number(), z.boolean()]);

export const metadataOptions = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Host of the events. Default: this machine's name, or what the environment variable TALLYMAN_HOST says.",
      ),
    source: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Source of the events. Default: the path of the file or socket they came from, or `stdin`.",
      ),
    sourcetype: z.string().min(1).optional().describe("Sourcetype of the events in Splunk."),
    index: z
      .string()
      .min(1)
      .optional()
      .describe("Index of the events. Default: the token's default index."),
    fields: z
      .record(z.string().min(1), z.union([fieldValue, z.array(fieldValue)]))
      .optional()
      .describe("Indexed fields that every event carries: values, or flat lists of values."),
  })
  .describe("Splunk metadata of the events of this input.");
