/** The log codes of the agent itself: start, stop, reload, its own events, its admin listener, systemd. */
import type { LogCodeTable } from "./log-code.ts";

export const agent_codes = {
  starting: {
    level: "info",
    meaning: "tallyman starts; `digest` is the SHA-256 of the configuration and the plugins.",
  },
  running: {
    level: "info",
    meaning: "All inputs are open. `books` are the counts so far, over all runs.",
  },
  books: {
    level: "info",
    meaning: "The counts of all events, logged once a minute.",
  },
  stopping: {
    level: "info",
    meaning:
      "A signal, or the end of standard input, stops tallyman. Events in flight are delivered first.",
  },
  stopped: {
    level: "info",
    meaning: "tallyman has stopped. `books` are the final counts, over all runs.",
  },
  stopped_undelivered: {
    level: "warn",
    meaning: "tallyman stopped before everything was delivered. The rest is kept.",
    remedy: "Start tallyman again; it sends the rest. To wait longer, raise `shutdown_timeout`.",
  },
  second_signal: {
    level: "warn",
    meaning: "A second signal ended tallyman at once, without waiting for deliveries.",
    remedy:
      "Nothing is lost that can be read again. Some events may be sent twice after the next start.",
  },
  crashed: {
    level: "error",
    meaning:
      "A bug in tallyman or in a plugin ended the process with status 70. `at` says where the error came from.",
    remedy: "systemd restarts it. Report the line, or have the plugin's author fix it.",
  },
  plugin_ended_process: {
    level: "error",
    meaning:
      "A plugin tried to end or change the process outside of a step. tallyman ended with status 70 instead.",
    remedy: "Have the plugin's author remove the call; `at` says where it is.",
  },
  log_lines_left_out: {
    level: "warn",
    meaning:
      "The reader of the log (or a terminal after Ctrl-S) did not read for so long that `lines` lines are " +
      "missing here. Events were shipped meanwhile.",
    remedy: "Read standard error without pause, or send it to a file or to systemd.",
  },
  config_warning: {
    level: "warn",
    meaning: "The configuration is valid, but something in it is likely a mistake.",
    remedy: "Look at the line that is named; `tallyman check` prints the same warning.",
  },
  reloading: {
    level: "info",
    meaning: "A reload begins.",
  },
  reloaded: {
    level: "info",
    meaning: "The new configuration is in use; `digest` identifies it.",
  },
  reload_refused: {
    level: "error",
    meaning:
      "The new configuration cannot be used; the previous one stays in use. `error_code` is a code of [errors.md](errors.md).",
    remedy: "Fix what `error` and `complaints` name, and reload again.",
  },
  index_corrected: {
    level: "info",
    meaning:
      "A reload has given an input another index. Its `events` in memory that waited for the index `from`, which Splunk refuses, go to " +
      "the index `to`; those in a journal do when they are read. Without either, it is the token's default index. It is logged " +
      "at the reload, or when Splunk refuses `from` later.",
  },
  index_corrections_unwritable: {
    level: "warn",
    meaning:
      "`index-corrections.json` cannot be written. After a restart, events that wait in a journal for a refused index keep it.",
    remedy: "Check free space and permissions of `state_dir`, then reload again.",
  },
  reload_waiting_events: {
    level: "warn",
    meaning:
      "`events` events that waited at a reload had been through the former chain. The new redact steps were applied to `redacted` in memory (`changed` of them changed), and are applied to `journaled` in journals when those are read. `in_flight` could not be reached. Beside them, `removed` events of inputs that are not configured any more are sent as they are. With `other_steps`, other steps have changed, too: these are not applied.",
    remedy:
      "If a secret may have been among those in flight, look for it in Splunk. See [reload.md](reload.md#events-that-wait).",
  },
  reload_undo_failed: {
    level: "error",
    meaning: "A reload failed, and an input that it had closed could not be opened again.",
    remedy: "Fix what `error` names, then reload or restart.",
  },
  run_file_unwritable: {
    level: "warn",
    meaning:
      "`lifecycle.json` cannot be written, so that the next start may misreport how this run ended.",
    remedy: "Check free space and permissions of `state_dir`.",
  },
  lifecycle_unavailable: {
    level: "error",
    meaning:
      "The journal for tallyman's own events (start, stop, reload, outage) cannot be opened. They are not recorded.",
    remedy: "Fix what `error` names, then restart.",
  },
  lifecycle_event_lost: {
    level: "error",
    meaning:
      "One of tallyman's own events could not be stored for Splunk, and is counted as dropped. `text` is the event.",
    remedy: "Check free space and permissions of `state_dir`.",
  },
  proof_key_not_renewed: {
    level: "error",
    meaning:
      "The signing key is for one day, and the next one cannot be written. Until it can, no seal is made; " +
      "events are sent, and sealed later.",
    remedy: "Check free space and permissions of `proof` in `state_dir`.",
  },
  proof_mirror_unwritable: {
    level: "error",
    meaning: "Seals cannot be written to `proof.mirror`. They are kept in memory and retried.",
    remedy: "Check that its file system is mounted, and its free space and permissions.",
  },
  proof_mirror_writable: {
    level: "info",
    meaning: "Seals can be written to `proof.mirror` again.",
  },
  proof_mirror_missed: {
    level: "error",
    meaning: "A seal is not in `proof.mirror`, as too many wait to be written. Splunk gets it.",
    remedy: "As for `proof_mirror_unwritable`.",
  },
  admin_listening: {
    level: "debug",
    meaning: "The admin listener is open.",
  },
  tap_opened: {
    level: "info",
    meaning: "Somebody watches events pass, after redaction (`tallyman tap`).",
  },
  tap_closed: {
    level: "info",
    meaning: "Somebody has stopped watching; `taps` is how many still do.",
  },
  tap_failed: {
    level: "error",
    meaning: "A bug: a tap has failed, and is closed. Shipping is not affected.",
    remedy: "Report the line.",
  },
  admin_connection_failed: {
    level: "warn",
    meaning: "The admin listener could not accept a connection. Shipping is not affected.",
    remedy: "See `error`; for EMFILE raise the limit on open files (`LimitNOFILE=`).",
  },
  admin_request_failed: {
    level: "error",
    meaning: "A bug: the admin listener answered 500. Shipping is not affected.",
    remedy: "Report the line.",
  },
  admin_mode_unchanged: {
    level: "error",
    meaning: "A reload could not change the mode of the admin socket.",
    remedy: "Fix what `error` names, and reload again.",
  },
  service_notify_failed: {
    level: "warn",
    meaning:
      "`systemd-notify` failed, so that systemd does not hear from tallyman. Events are shipped. Logged once.",
    remedy: "Check `error`. With `WatchdogSec=` set systemd will restart tallyman.",
  },
  systemd_socket_unused: {
    level: "error",
    meaning:
      "systemd listens on a socket that no input uses, and too many clients wait there. Further ones are refused.",
    remedy: "Configure an input for the socket, or stop the `.socket` unit.",
  },
} as const satisfies LogCodeTable;
