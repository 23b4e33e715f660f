/** The log codes of steps and plugins. */
import type { LogCodeTable } from "./log-code.ts";

export const chain_codes = {
  plugin_message: {
    level: "info",
    meaning:
      "A plugin logged this with `context.log.info`; `step` names its step. Secrets in it are masked, and long texts are cut.",
  },
  plugin_warning: {
    level: "warn",
    meaning:
      "A plugin logged this with `context.log.warn`; `step` names its step. Secrets in it are masked, and long texts are cut.",
    remedy: "See the plugin's documentation.",
  },
  plugin_lines_left_out: {
    level: "warn",
    meaning:
      "The plugin of a step logs more than 100 lines a minute. `lines` is how many were left out since the last such line.",
    remedy:
      "Have the plugin log less, such as a count once a minute instead of a line for each event.",
  },
  step_failed: {
    level: "error",
    meaning:
      "A step threw, or returned something invalid. Its events are quarantined, or dropped where `on_error` says so. " +
      "Logged once a minute for each step.",
    remedy:
      "Fix the plugin or its options; `tallyman try --reveal LOG` shows the message of what it throws, and where. Then replay " +
      "what is in quarantine.",
  },
  plugin_hangs: {
    level: "error",
    meaning:
      "Code of a plugin has not returned for `plugin_timeout`, and blocked everything. `during` says where: `load` and " +
      "`create` with the plugin's `file`; `step` with the `step`, and with `input`, `stream`, `offset` and `bytes` of the " +
      "event. The process ended by SIGALRM.",
    remedy:
      "Fix the plugin. systemd restarts tallyman, and the event of a step then goes to quarantine as `hung:STEP`.",
  },
  plugin_exception: {
    level: "error",
    meaning:
      "What a plugin has thrown, with its message and stack, which may hold content of events. Logged only with `run --dev`.",
    remedy: "Fix the plugin. Do not use `--dev` where events are real.",
  },
  isolated_step_failed: {
    level: "error",
    meaning:
      "The process of a step with `isolate` did not answer in time, used too much memory, or ended; `reason` says which. The " +
      "event that it had is quarantined. The process is started again after `restart_in_ms`; its input waits.",
    remedy: "Fix the plugin, or give the step a larger budget. Then replay what is in quarantine.",
  },
  main_thread_hangs: {
    level: "error",
    meaning:
      "For three times `plugin_timeout` nothing has moved, outside of the steps: in a timer or promise of a plugin, or in " +
      "tallyman. The process ended by SIGALRM.",
    remedy:
      "systemd restarts it. See what the plugins do outside of their steps; without such a plugin, report the line.",
  },
  redact_unmatched: {
    level: "warn",
    meaning: "A `redact` step has not found what its rules name. Secrets may be shipped unmasked.",
    remedy: "Compare `fields`, `keys` and `patterns` with a real event, and correct them.",
  },
  names_doubtful: {
    level: "warn",
    meaning:
      "A condition or path of a step names a value that none of a hundred events has, though they have a key " +
      "with a similar name; or a condition compares values of different types, such as a number with text.",
    remedy: "`advice` says for each what to write. Correct the step, and reload.",
  },
  list_read: {
    level: "info",
    meaning:
      "A file that a condition takes a list from, or a plugin a table, has changed, and was read again. `values` says how many it has now.",
  },
  list_unreadable: {
    level: "warn",
    meaning:
      "A file that a condition takes a list from, or a plugin a table, has changed and cannot be read, or holds no values any " +
      "more. The values that were read before stay in use.",
    remedy:
      "See `reason`, and correct the file: it is read again as soon as it changes. To use an empty list, reload.",
  },
  time_unreadable: {
    level: "warn",
    meaning:
      "An event has a timestamp that cannot be read, so its time is that of reading. `fault` says why: `unknown_form`, " +
      "`no_zone` (it names none, nor does `time.zone`), or `out_of_range` (before 1970 or after 2038). `path` says where it " +
      "is, and `shape` how it is written, with each digit as 9. Logged once for each fault of an input; " +
      "`tallyman status` counts them.",
    remedy:
      "Set `time.format` or `time.zone` of the input, or name the right path in `time.field`.",
  },
  time_implausible: {
    level: "warn",
    meaning:
      "An event's timestamp is more than a day after the time of reading (`fault` is `ahead`), or more than a year before " +
      "that of the input's event before it (`back`). It is sent as it is. Logged once for each fault of an input; " +
      "`tallyman status` counts them.",
    remedy: "Check the clock of its writer, and that `time` of the input means the right value.",
  },
  step_dispose_late: {
    level: "error",
    meaning:
      "The `dispose` of a step did not finish in time. tallyman does not wait for it any longer.",
    remedy: "Have the plugin's author fix it; what the step has open may stay open.",
  },
  step_dispose_failed: {
    level: "error",
    meaning: "The `dispose` of a step threw. What the step has open may stay open.",
    remedy: "Have the plugin's author fix it; `detail` says where.",
  },
} as const satisfies LogCodeTable;
