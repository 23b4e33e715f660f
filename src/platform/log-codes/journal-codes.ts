/** The log codes of journals, output buffers and the state file. */
import type { LogCodeTable } from "./log-code.ts";

export const journal_codes = {
  journal_unwritable: {
    level: "error",
    meaning:
      "A journal cannot be written. Nothing new is accepted; it is tried again every second.",
    remedy: "Check free space and permissions of `state_dir`.",
  },
  journal_writable: {
    level: "info",
    meaning: "A journal can be written again.",
  },
  journal_unreadable: {
    level: "error",
    meaning: "A journal cannot be read. It is tried again every second; nothing is lost meanwhile.",
    remedy: "See `error`; check the disk, and permissions of `state_dir`.",
  },
  journal_readable: {
    level: "info",
    meaning: "A journal can be read again.",
  },
  journal_redacted_again: {
    level: "info",
    meaning:
      "Events of a journal have been through a former chain. The redact steps that are new since then are applied to them when they are read.",
  },
  journal_redaction_failed: {
    level: "error",
    meaning:
      "Events of a journal have been through a former chain, and the redact steps that are new since then cannot be made, as a file that they read is gone. The events wait; it is tried again every second.",
    remedy: "See `error`; put the file back, or correct the step and reload.",
  },
  journal_damaged: {
    level: "error",
    meaning: "A segment of a journal is damaged. `events` of it are lost, and counted as dropped.",
    remedy: "Check the disk. The damaged segment is kept; see `journal_segment_kept`.",
  },
  journal_segment_kept: {
    level: "warn",
    meaning: "A damaged segment was kept in the folder `damaged` of its journal.",
    remedy: "Inspect it if the events matter, then remove it.",
  },
  journal_segment_not_kept: {
    level: "warn",
    meaning:
      "A damaged segment could not be kept for inspection. What can be read of it is shipped.",
    remedy: "See `error`; check free space and permissions of `state_dir`.",
  },
  journal_end_missing: {
    level: "error",
    meaning:
      "The end of a journal is missing: `events` that were safely on disk are gone, and counted as dropped.",
    remedy: "Find out who removed or cut files below `state_dir`, or check the disk.",
  },
  journal_missing: {
    level: "warn",
    meaning: "A journal that the state file knows is not on the disk any more.",
    remedy: "Find out who removed it. What was left in it is reported as `journal_end_missing`.",
  },
  journal_behind_checkpoint: {
    level: "warn",
    meaning:
      "A journal ends before the position up to which it was delivered. All of it is sent again.",
    remedy: "Expect repeated events. Find out whether an old copy of `state_dir` was restored.",
  },
  journal_unfinished_write: {
    level: "warn",
    meaning:
      "A journal ends with an unfinished write, as after a crash. It was never acknowledged, and is ignored.",
    remedy: "Nothing: clients that wait for an answer send it again.",
  },
  journal_foreign_file: {
    level: "error",
    meaning: "A file that does not belong to the journal was moved to its folder `damaged`.",
    remedy: "Find out who put it there, then remove it.",
  },
  journal_foreign_file_stuck: {
    level: "error",
    meaning: "A file that does not belong to the journal cannot be moved out of its way.",
    remedy: "Fix what `error` names, or remove the file.",
  },
  journal_segment_unremovable: {
    level: "warn",
    meaning: "A segment of which everything is delivered cannot be removed. It takes up space.",
    remedy: "See `error`; check permissions of `state_dir`.",
  },
  journal_unremovable: {
    level: "warn",
    meaning: "An empty journal that is not needed any more cannot be removed.",
    remedy: "See `error`; check permissions of `state_dir`.",
  },
  journal_without_input: {
    level: "warn",
    meaning: "A journal has events of an input that is not configured any more. They are shipped.",
    remedy: "Nothing, if the input was removed on purpose.",
  },
  journal_without_output: {
    level: "error",
    meaning:
      "A buffer has events for an output that is not configured any more. They go to the default output.",
    remedy: "If they must not go there, stop tallyman and configure the output again.",
  },
  journal_not_needed: {
    level: "warn",
    meaning: "An input does not use this buffer any more. The events left in it are shipped.",
    remedy: "Nothing, if the routes or outputs were changed on purpose.",
  },
  events_without_output: {
    level: "error",
    meaning:
      "Events name an output that is not configured any more. They go to the default output.",
    remedy: "If they must not go there, stop tallyman and configure the output again.",
  },
  state_unwritable: {
    level: "error",
    meaning: "The state file cannot be written. Reading stops until it can; nothing is lost.",
    remedy: "Check free space and permissions of `state_dir`.",
  },
  state_writable: {
    level: "info",
    meaning: "The state file can be written again.",
  },
  state_put_back: {
    level: "warn",
    meaning:
      "The state file was put back from a backup, copied, or changed by somebody else since tallyman wrote it. " +
      "Events get numbers of a new epoch, so that no number stands for two events.",
    remedy:
      "If it was a backup: expect repeated events. Events whose files are gone by now are not read again.",
  },
} as const satisfies LogCodeTable;
