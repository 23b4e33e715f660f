/** The log codes of the quarantine, and of replaying what is in it. */
import type { LogCodeTable } from "./log-code.ts";

export const quarantine_codes = {
  events_quarantined: {
    level: "warn",
    meaning:
      "Events went to quarantine for this `reason`. Logged once a minute for each; `events` counts those since the line before.",
    remedy:
      "`tallyman quarantine list` shows them, masked. Fix the cause, then `tallyman quarantine replay`.",
  },
  quarantine_unwritable: {
    level: "error",
    meaning:
      "The quarantine cannot be written. Its events are kept in memory; it is tried again every second.",
    remedy: "Check free space and permissions of `state_dir`.",
  },
  quarantine_writable: {
    level: "info",
    meaning: "The quarantine can be written again.",
  },
  quarantine_full: {
    level: "error",
    meaning:
      "The quarantine is full. Its oldest events were removed, and are counted as `quarantine_removed`.",
    remedy: "Fix why events go there, then purge or replay them.",
  },
  quarantine_purged: {
    level: "info",
    meaning: "`tallyman quarantine purge` removed events.",
  },
  quarantine_taken_out: {
    level: "info",
    meaning:
      "`tallyman quarantine replay` took events out of quarantine. They are processed again.",
  },
  quarantine_commands_unavailable: {
    level: "warn",
    meaning:
      "`tallyman quarantine` cannot reach this agent: it can list and show, but not purge or replay.",
    remedy: "See `error`; check permissions of `state_dir`, then restart.",
  },
  replay_started: {
    level: "info",
    meaning: "Events from quarantine go through the chain again.",
  },
  replay_failed: {
    level: "error",
    meaning:
      "Events taken out of quarantine cannot be replayed. They are kept, and tried again at the next start.",
    remedy: "Fix what `error` names, and restart.",
  },
  replay_unlistable: {
    level: "error",
    meaning: "The folder of events to be replayed cannot be read. It is tried again.",
    remedy: "See `error`; check permissions of `state_dir`.",
  },
  replay_unremovable: {
    level: "warn",
    meaning: "A file whose events were all replayed cannot be removed.",
    remedy: "See `error`; check permissions of `state_dir`.",
  },
} as const satisfies LogCodeTable;
