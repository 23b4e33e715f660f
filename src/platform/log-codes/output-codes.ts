/** The log codes of outputs in general, of archive files and of standard output. */
import type { LogCodeTable } from "./log-code.ts";

export const output_codes = {
  output_unwritable: {
    level: "error",
    meaning:
      "A file or standard output cannot be written. Its events are kept; it is tried again every second.",
    remedy: "See `error`; check free space and permissions.",
  },
  output_writable: {
    level: "info",
    meaning: "An output can be written again.",
  },
  output_retired: {
    level: "info",
    meaning:
      "A reload replaced or removed an output. Requests under way may still succeed; other events go to its successor.",
  },
  output_finished: {
    level: "info",
    meaning: "A replaced or removed output has finished its last requests.",
  },
  archive_file_removed: {
    level: "warn",
    meaning: "The oldest file of an archive was removed, because more than `keep` were there.",
    remedy: "Raise `keep` if it should have stayed, or move files away in time.",
  },
  archive_file_unremovable: {
    level: "warn",
    meaning: "The oldest file of an archive cannot be removed. Writing goes on.",
    remedy: "See `error`; check permissions of the archive's directory.",
  },
  stdout_discarded: {
    level: "warn",
    meaning: "Standard output is /dev/null. Events sent there count as delivered, and are gone.",
    remedy: "Connect standard output to a program or a file.",
  },
} as const satisfies LogCodeTable;
