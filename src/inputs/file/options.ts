/**
 * The options of the `file` input: the one source of their types, defaults, checks and documentation.
 */
import { z } from "zod";
import { duration, size } from "../../platform/units.ts";

const field = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

const metadata = z
  .strictObject({
    host: z.string().min(1).optional().describe("Splunk's host. Default: this machine's name."),
    source: z.string().min(1).optional().describe("Splunk's source. Default: the file's path."),
    sourcetype: z.string().min(1).optional().describe("Splunk's sourcetype."),
    index: z.string().min(1).optional().describe("Splunk's index. Default: the token's."),
    fields: z
      .record(z.string().min(1), field)
      .default({})
      .describe("Indexed fields that every event gets: text, numbers, booleans or lists of text."),
  })
  .prefault({});

export const fileInputOptions = z.strictObject({
  type: z.literal("file").default("file").describe("Follows files by their identity."),
  paths: z
    .array(z.string().min(1))
    .min(1)
    .describe("Globs of the files to follow, such as /var/log/weka/s3-audit*.log."),
  exclude: z
    .array(z.string().min(1))
    .default([])
    .describe("Globs of files to leave out, though `paths` names them."),
  start_at: z
    .enum(["beginning", "end"])
    .default("beginning")
    .describe("Where reading begins in a file that was there, never seen before, at the start."),
  metadata: metadata.describe("What Splunk is told about every event."),
  time: z
    .array(z.string().min(1))
    .default([])
    .describe("Paths of the event's own time; the first that an event has is taken."),
  max_event_bytes: size()
    .prefault("1MiB")
    .describe("A longer event is shipped truncated, with its length and its SHA-256."),
  rotate_wait: duration()
    .prefault("5s")
    .describe("How long a file that was renamed or deleted is still watched for late writes."),
  poll_interval: duration()
    .prefault("1s")
    .describe("How often files are looked for and looked at, whatever the system announces."),
  max_open_files: z
    .int()
    .min(1)
    .default(256)
    .describe("The most files held open at once; beyond it they take turns."),
});

export type FileInputOptions = z.output<typeof fileInputOptions>;
