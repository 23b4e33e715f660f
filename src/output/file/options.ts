/**
 * The options of the `file` output, as users write them.
 */
import { z } from "zod";
import { size } from "../../platform/text/unit-options.ts";

const KiB = 1024;
const file_bytes_min = 64 * KiB;
const keep_max = 1_000_000;

export const fileOutputOptions = () =>
  z.strictObject({
    type: z.literal("file").describe("An archive on this machine: a file of JSON lines."),
    path: z
      .string()
      .refine((path) => path.startsWith("/") && !path.endsWith("/"), {
        error: "expected the absolute path of a file, such as /var/log/tallyman/archive.jsonl",
      })
      .describe(
        "The file to write: one JSON object per line, as Splunk would get it. Its directory is created if it is " +
          "missing; a link on the way to it is followed only if nobody but root and tallyman's user can change it. " +
          "A file that is moved away or removed is created again. No other process may write to it, not even another tallyman.",
      ),
    mode: z
      .string()
      .regex(/^0[0-7]{3}$/, 'expected permissions in quotes, such as "0600"')
      .regex(
        /^0[67]/,
        'expected permissions with which its owner may read and write, such as "0600"',
      )
      .default("0600")
      .describe("Permissions of the files."),
    max_bytes: size()
      .pipe(z.number().min(file_bytes_min))
      .prefault("256MiB")
      .describe(
        "A file that would grow beyond this is full: it gets the next number behind its name, such as " +
          "`archive.jsonl.000001`, and a new one is begun.",
      ),
    keep: z
      .int()
      .min(1)
      .max(keep_max)
      .optional()
      .describe(
        "How many full files are kept; the oldest are removed, and the log says so. Without it, all are kept.",
      ),
  });

export type FileOutputOptions = z.output<ReturnType<typeof fileOutputOptions>>;
