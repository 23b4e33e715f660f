/**
 * The one error class, and the one table of error codes.
 *
 * A code is stable: users may match on it. The table gives the exit status of a command that ends with it,
 * what it means and what to do; docs/operations/errors.md is printed from it.
 */
import { printable } from "./text/printable.ts";
import { inSource } from "./source-positions.ts";

export interface ErrorCodeEntry {
  /** Exit status of a command that ends with this error. */
  exit: number;
  meaning: string;
  remedy: string;
}

export const errorCodes = {
  config_unreadable: {
    exit: 1,
    meaning: "There is no configuration, or its file cannot be read.",
    remedy:
      "Check the path of the configuration, the file's permissions, and that it is text in UTF-8.",
  },
  config_invalid: {
    exit: 1,
    meaning: "The configuration has errors; each is listed with its line and column.",
    remedy: "Correct the lines named; `tallyman check -c FILE` lists all errors at once.",
  },
  init_refused: {
    exit: 1,
    meaning: "`tallyman init` cannot write what it has made, or would overwrite a file.",
    remedy:
      "See the reason in the message; --force replaces files, and --output names another place.",
  },
  plugin_refused: {
    exit: 1,
    meaning:
      "A plugin file cannot be used: unsafe permissions, a load error, a wrong shape or a name clash.",
    remedy: "Correct the file named in the message, or remove it from plugins_dir.",
  },
  plugin_not_written: {
    exit: 1,
    meaning: "`tallyman plugin new NAME` cannot write the plugin.",
    remedy:
      "See the reason in the message; nothing is overwritten. Choose another name or directory.",
  },
  plugin_tests_invalid: {
    exit: 1,
    meaning: "The tests of plugins cannot be run: there are none, or no plugin of that name.",
    remedy: "Write tests beside the plugin; `tallyman plugin test --help` shows their form.",
  },
  state_locked: {
    exit: 1,
    meaning: "Another tallyman is using the same state_dir.",
    remedy: "Stop the other one, or give each instance a state_dir of its own.",
  },
  state_unreadable: {
    exit: 1,
    meaning: "The state file exists but cannot be read or parsed, so no checkpoint is known.",
    remedy:
      "Restore the file, or move it away; without it, every file is read as if never seen before.",
  },
  state_unwritable: {
    exit: 1,
    meaning: "The state directory cannot be created or written.",
    remedy: "Check that state_dir exists, is on a writable disk, and belongs to tallyman's user.",
  },
  state_untrusted: {
    exit: 1,
    meaning:
      "Users other than root and tallyman's own user can change or replace the state directory.",
    remedy:
      "Run the command named in the message, or give tallyman a directory of its own with mode 0700, below directories " +
      "that belong to root (`StateDirectory=` in systemd). In a container whose volume everybody may write, such as " +
      "Kubernetes' emptyDir, let an init container run `chown USER VOLUME && chmod 0700 VOLUME`, with tallyman's user.",
  },
  listen_failed: {
    exit: 1,
    meaning: "An input, or the admin listener, cannot listen at its configured address.",
    remedy:
      "Check that nothing else listens there, and that tallyman's user may listen there and read the certificate.",
  },
  socket_in_use: {
    exit: 1,
    meaning: "Another process already listens on the socket of an input or of the admin listener.",
    remedy: "Stop the other process, or give the socket another path.",
  },
  socket_unavailable: {
    exit: 1,
    meaning:
      "An input, or the admin listener, cannot listen on its socket: a directory, permission or account is missing, " +
      "or something other than a socket is at its path.",
    remedy:
      "See the reason in the message. Directories below /run are best created by the service manager " +
      "(`RuntimeDirectory=` in systemd); tallyman never removes anything but a socket.",
  },
  reload_refused: {
    exit: 1,
    meaning: "The running tallyman cannot use the new configuration, and keeps its current one.",
    remedy: "See the reason in the message, fix it, and reload again. Nothing was changed or lost.",
  },
  reload_impossible: {
    exit: 1,
    meaning: "The new configuration has changes that a running tallyman cannot make.",
    remedy: "Restart tallyman; nothing is lost. Until then it keeps its current configuration.",
  },
  quarantine_unreadable: {
    exit: 1,
    meaning: "The quarantine cannot be read.",
    remedy: "Run the command as tallyman's user, or as root, which then acts as that user.",
  },
  quarantine_unknown_event: {
    exit: 1,
    meaning: "No event in quarantine has the id that was given.",
    remedy: "`tallyman quarantine list -c FILE` shows the ids; an id is twelve digits from 0 to f.",
  },
  quarantine_failed: {
    exit: 1,
    meaning: "Events could not be taken out of quarantine, or not all of them.",
    remedy:
      "See the reason in the message. Whatever was not taken out is still there; run the command again.",
  },
  agent_unreachable: {
    exit: 1,
    meaning: "The command needs a running agent, and cannot reach one.",
    remedy:
      "Start the agent, pass the configuration it runs with (-c), and run the command as tallyman's user or as root.",
  },
  no_terminal: {
    exit: 1,
    meaning: "The command draws on a terminal, and its standard output is none.",
    remedy: "Run it on a terminal, or use `tallyman status`, also with --watch or --json.",
  },
  fleet_unusable: {
    exit: 1,
    meaning:
      "`tallyman fleet` cannot do its work: the configuration names no NATS, NATS does not answer or allow it, or a key cannot be used.",
    remedy:
      "See the reason in the message. If NATS does not answer, check that its servers run; if it refuses " +
      "something, compare with `tallyman fleet setup --permissions`.",
  },
  log_unreadable: {
    exit: 1,
    meaning: "A log that was given to `tallyman try` cannot be read.",
    remedy: "Check the path, and run the command as a user that may read the file.",
  },
  rule_tests_missing: {
    exit: 1,
    meaning: "`tallyman test` found no tests of rules.",
    remedy:
      "Write `tests:` into the configuration, or into a file beside it; docs/rules/testing.md shows how.",
  },
  proof_keys_missing: {
    exit: 1,
    meaning: "`proof` is enabled, and there are no keys yet to sign seals with.",
    remedy: "Run `tallyman proof init -c FILE` once, and keep the fingerprint that it prints.",
  },
  proof_keys_unusable: {
    exit: 1,
    meaning: "The keys that sign seals cannot be read, or are no such keys.",
    remedy:
      "See the reason in the message. Restore the file, or make new keys with `tallyman proof init -c FILE --force`; " +
      "the auditor then needs the new fingerprint, too.",
  },
  proof_refused: {
    exit: 1,
    meaning: "`tallyman proof init` cannot write the keys, or there are keys already.",
    remedy:
      "See the reason in the message. --force makes new keys in place of those that are there.",
  },
  verify_impossible: {
    exit: 2,
    meaning:
      "`tallyman verify` cannot decide: the export is incomplete or cannot be read, or has no seals of this root.",
    remedy: "See the reason in the message, and export again; `tallyman verify --help` shows how.",
  },
  demo_failed: {
    exit: 1,
    meaning: "The demo could not start, or did not finish.",
    remedy:
      "Check that the temporary directory (TMPDIR) is writable, and run it again when the machine is less busy.",
  },
  usage: {
    exit: 2,
    meaning: "The command line is invalid.",
    remedy: "See `tallyman --help`.",
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ErrorCode = keyof typeof errorCodes;

/** One thing wrong with what the user wrote: where, what, and what to do. */
export interface Complaint {
  /** The keys from the top of the configuration to the value at fault. */
  path: readonly (string | number)[];
  message: string;
  /** What of it is at fault: an unknown key, say, is, whatever its value. Without it, the value. */
  at?: "key" | "value";
  /** Whether the message may quote the value at fault, or is in words of tallyman's own only. Without it, it may. */
  words?: "own" | "quoting";
  file?: string;
  /** 1-based. */
  line?: number;
  /** 1-based. */
  column?: number;
}

/** The complaint in one line, with its place before it. */
export function describeComplaint({ file, line, column, message }: Complaint): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return printable(place === "" ? message : `${place}: ${message}`);
}

export interface ErrorDetails {
  complaints?: readonly Complaint[];
  file?: string;
  [key: string]: unknown;
}

/** An error that the user can act on. Anything else that is thrown is a bug of ours. */
export class TallymanError extends Error {
  override readonly name = "TallymanError";
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The class of an error, whose name is looked at rather than believed; "an error" for one without a name. */
export function classOf(error: Error): string {
  const constructor: unknown = Object.getPrototypeOf(error)?.constructor;
  const name: unknown = typeof constructor === "function" ? constructor.name : undefined;
  return typeof name === "string" && /^[A-Za-z_$][\w$]{0,63}$/.test(name) ? name : "an error";
}

/** One call in V8's stack: `    at name (file:///plugin.mjs:6:41)`, the name left out. */
const stack_line = /^ {4}at .*?\(?((?:file|node):[^\s()]+:\d+:\d+)\)?$/;

/**
 * What is reported of an error whose message may hold anything, an event's secrets included (JSON.parse's quotes
 * what it was given): its class, and where it came from. Never throws.
 */
export function traceOf(thrown: unknown): { error: string; at: string[] } {
  try {
    if (!(thrown instanceof Error)) return { error: "something that is not an error", at: [] };
    const lines = String(thrown.stack).split("\n");
    const at = lines.flatMap((line) => stack_line.exec(line)?.[1] ?? []);
    return {
      error: classOf(thrown),
      at: at.length === 0 ? [] : inSource(at.join("\n")).split("\n"),
    };
  } catch {
    return { error: "an error that cannot be read", at: [] };
  }
}
