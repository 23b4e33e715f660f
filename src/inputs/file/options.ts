/**
 * The options of a file input, as users write them. Their descriptions are the reference documentation.
 */
import { z } from "zod";
import { duration } from "../../platform/text/unit-options.ts";
import { encodingOption } from "../encoding-option.ts";
import { framingOption } from "../framing-option.ts";
import { maxEventBytes } from "../lines/line-options.ts";
import { metadataOptions } from "../metadata-options.ts";
import { timeOptions } from "../time-options.ts";
import { parseGlob } from "./discovery/globs.ts";
import { pathFieldsOption } from "./discovery/path-fields.ts";

/** Names of files that are compressed in a way that is not read. */
export const compressed_globs = ["*.bz2", "*.xz", "*.zip", "*.lz4"];

const absoluteGlob = z.string().superRefine((text, context) => {
  const fault = faultOf(text);
  if (fault !== undefined) context.addIssue(fault);
});

export const fileInputOptions = z.strictObject({
  type: z.literal("file").default("file").describe("Follows files."),
  paths: z
    .array(absoluteGlob)
    .min(1)
    .describe(
      "Files to follow: paths with `*`, `?`, `[a-z]`, `{a,b}` and `**` (any number of " +
        "directories). Files that appear later are found, too. Rotated files " +
        "need not match: the rest of a file is read under its new name. Files compressed with gzip or zstd are read as " +
        "what they hold; their first bytes say that they are, not their names.",
    ),
  exclude: z
    .array(z.string().min(1))
    .default(compressed_globs)
    .describe(
      "Files that match `paths` but are not followed. A pattern without a slash is compared with " +
        "the file's name, any other with its whole path. Add `*.gz` and `*.zst` where compressed files are not to be read.",
    ),
  follow_links: z
    .enum(["trusted", "never", "always"])
    .default("trusted")
    .describe(
      "Which symbolic links under `paths` are followed. `trusted`: links within the directories of the path, if the " +
        "target belongs to the owner of the link or is in the same directory, as with rotation; and links that lead out of " +
        "these directories, if each link and directory on the way belongs to root or tallyman's user and nobody else may " +
        "write there. `never`: none. `always`: " +
        "all. A hard link in a directory that others may write to needs `always`, too, unless file and directory are one " +
        "user's. Devices, pipes, /proc, /sys and tallyman's own files are never followed.",
    ),
  start_at: z
    .enum(["beginning", "end"])
    .default("beginning")
    .describe(
      "Where to start in the files that exist when tallyman starts for the very first time. Files that " +
        "appear later, also while tallyman is stopped, are always read from their beginning.",
    ),
  encoding: encodingOption,
  framing: framingOption,
  max_event_bytes: maxEventBytes,
  rotate_wait: duration()
    .prefault("5s")
    .describe(
      "How long a rotated or deleted file must have been unchanged, after its last byte was read, before it " +
        "counts as finished. Then a last line without line end is shipped, too.",
    ),
  flush_after: duration()
    .pipe(z.number().min(100))
    .optional()
    .describe(
      "How long a file must have been unchanged before a last record without an end is shipped although more may come. " +
        "It is marked as unfinished (field `tallyman_unfinished`). What comes after it is a record of its own, so set it only " +
        "where each record is written at once. By default only a last record that is a whole JSON object is shipped " +
        "so, after a minute.",
    ),
  poll_interval: duration()
    .pipe(z.number().min(10).max(60_000))
    .prefault("1s")
    .describe(
      "How often files and directories are checked without a change notification, for " +
        "file systems that do not notify. With very many files the checks are spaced out, up to 5s, and of " +
        "more than 4,096 files on a disk of the machine itself those that are idle are checked in turn.",
    ),
  max_open_files: z
    .number()
    .int()
    .min(1)
    .default(512)
    .describe(
      "Most files held open at a time; more can be followed. Only deleted files with unread bytes are held " +
        "open beyond it, because closing one would lose them.",
    ),
  metadata: metadataOptions
    .extend({
      fields_from_path: pathFieldsOption
        .optional()
        .describe(
          "Regular expression (RE2) whose named groups are indexed fields, taken from the path of each file, such as " +
            "`'^/var/log/pods/(?<namespace>[^/_]+)_(?<pod>[^/_]+)_'`. The path is the one at which the file was found " +
            "first, also after rotation. If it does not match, the file gets no such fields. Fields of the same name in `fields` " +
            "take precedence. Write it in single quotes.",
        ),
    })
    .describe(metadataOptions.description!)
    .prefault({}),
  time: timeOptions,
});

export type FileInputOptions = z.output<typeof fileInputOptions>;

function faultOf(text: string): string | undefined {
  if (!text.startsWith("/")) {
    return "expected an absolute path or glob, such as /var/log/audit*.log";
  }
  try {
    parseGlob(text);
    return undefined;
  } catch (error) {
    return `cannot be read as a glob: ${error instanceof Error ? error.message : String(error)}`;
  }
}
