/** The log codes of file inputs. */
import type { LogCodeTable } from "./log-code.ts";

export const file_codes = {
  file_followed: {
    level: "info",
    meaning: "A new file is read, from `offset` on.",
  },
  file_unreadable: {
    level: "warn",
    meaning:
      "A file cannot be opened or read. It is tried again; nothing is lost while it is there.",
    remedy:
      "See `error`: for EACCES give tallyman's user read access, for EMFILE raise `LimitNOFILE=`.",
  },
  file_readable: {
    level: "info",
    meaning: "A file that could not be read can be read again.",
  },
  file_lost_bytes: {
    level: "warn",
    meaning:
      "A file was truncated or deleted before it was read. `lost_bytes` is the least that is lost.",
    remedy:
      "Keep rotated files longer (`delaycompress`, no `copytruncate`), or find out what held up reading.",
  },
  file_damaged: {
    level: "warn",
    meaning:
      "A compressed file is damaged, or ends before its data does. What comes before `position` was shipped; `lost_bytes` is how " +
      "many compressed bytes are lost at least.",
    remedy:
      "Compare it with its source, and copy or compress it again, to a new name; write to a temporary name and rename.",
  },
  file_checksum_wrong: {
    level: "warn",
    meaning:
      "The checksum in a compressed file is not that of what it holds. Its events were shipped, and may have been altered.",
    remedy: "Compare it with its source.",
  },
  file_nul_bytes: {
    level: "info",
    meaning:
      "NUL bytes before lines were skipped; a crash of the host, or a truncation while the writer goes on, leaves them.",
  },
  file_framing_unfit: {
    level: "warn",
    meaning:
      "The beginning of a file does not fit the input's `framing`: JSON with indents or in an array that is read as lines, " +
      "text before the JSON of each line, or lines where something else is expected. Logged once for each input; `fitting` is " +
      "the `framing` that fits the file, if there is one.",
    remedy:
      "Set `framing` of the input to `fitting`, if that is right; `tallyman check` checks each file.",
  },
  file_members_skipped: {
    level: "info",
    meaning:
      "Members of JSON documents beside the array of records were skipped. `members` is how many so far in this file.",
  },
  file_changed_in_place: {
    level: "warn",
    meaning:
      "A file's time changed, but not its size, nor the bytes that tallyman compares. Events are lost only if the file " +
      "was rewritten with the same bytes in these places.",
    remedy:
      "Nothing, if only the time was set, for example with `touch`. Otherwise use a writer that appends.",
  },
  file_encoding: {
    level: "info",
    meaning:
      "A file is in `encoding`, and is decoded to UTF-8 before any step sees it. Where `former` is there, it was read in " +
      "another one up to `offset`.",
  },
  file_not_utf8: {
    level: "warn",
    meaning:
      "Some records of a file are in another encoding than the file, which is in `encoding`. PowerShell's `>>` appends such. Steps " +
      "find no fields in them; they are masked whole, or replaced by U+FFFD.",
    remedy: "Have all of the file written in one encoding (`Out-File -Append -Encoding utf8`).",
  },
  file_truncated: {
    level: "info",
    meaning: "A file was truncated or rewritten. It is read again from `from` on.",
  },
  file_copied: {
    level: "info",
    meaning:
      "A file was truncated after it was copied (`copytruncate`). The rest is read from the copy.",
  },
  file_state_invalid: {
    level: "error",
    meaning:
      "An entry of the state file is not understood and ignored; its file is read as a new one.",
    remedy: "Expect repeated events of that file. Report the line if nobody edited the state file.",
  },
  file_framing_changed: {
    level: "info",
    meaning:
      "A file was read with another `framing` before. Reading continues at `offset` with the new one: nothing is skipped, but " +
      "the first record may be incomplete.",
  },
  file_framing_state_invalid: {
    level: "warn",
    meaning:
      "What the state file has of a file's framing is not understood and ignored. Reading goes on at `offset`, where the " +
      "first record may be the rest of one.",
    remedy: "Report the line if nobody edited the state file.",
  },
  directory_missing: {
    level: "info",
    meaning: "A directory of `paths` does not exist yet. It is read once it does.",
  },
  directory_unreadable: {
    level: "warn",
    meaning: "A directory of `paths` cannot be listed. It is tried again.",
    remedy: "Give tallyman's user read and search access to it.",
  },
  directory_readable: {
    level: "info",
    meaning: "A directory that was missing or could not be listed can be listed now.",
  },
  path_refused: {
    level: "warn",
    meaning: "A path that `paths` names is not followed, for the reason given.",
    remedy: "Correct `paths`, or what is at the path.",
  },
  path_skipped: {
    level: "info",
    meaning: "A path that a pattern in `paths` matches is not followed, for the reason given.",
  },
  paths_refused_more: {
    level: "warn",
    meaning: "More paths are not followed than are logged; `paths` is how many more.",
    remedy: "`tallyman status --json` and `tallyman doctor` show what is not followed.",
  },
  files_not_found_yet: {
    level: "warn",
    meaning:
      "The first search for files takes long. Other inputs run; this one starts once it is done.",
    remedy: "Check the file system (a network mount that hangs), or narrow `paths`.",
  },
  open_files_limited: {
    level: "warn",
    meaning: "`max_open_files` is more than the process may open. Fewer files are kept open.",
    remedy: "Raise the limit on open files (`ulimit -n`, `LimitNOFILE=`).",
  },
  open_files_exceeded: {
    level: "warn",
    meaning:
      "More deleted files with unread bytes are open than `max_open_files`. They stay open, so that nothing is lost.",
    remedy: "Find out what holds up reading; raise `max_open_files` if it lasts.",
  },
  watches_exhausted: {
    level: "warn",
    meaning:
      "The system has no inotify watches left. Changes are found by polling; nothing is lost.",
    remedy: "Raise `fs.inotify.max_user_watches` and `fs.inotify.max_user_instances`.",
  },
  watches_available: {
    level: "info",
    meaning: "inotify watches are available again.",
  },
} as const satisfies LogCodeTable;
