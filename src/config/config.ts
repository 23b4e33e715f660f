/**
 * The configuration's schema, assembled from the options that the components declare, and its typed form.
 *
 * It is the one source of types, defaults, checks, the JSON Schema and docs/configuration.md.
 */
import { z } from "zod";
import { adminOptions } from "../admin/options.ts";
import { chainOptions } from "../chain/options.ts";
import { quarantineOptions } from "../output/quarantine/options.ts";
import type { Complaint } from "../platform/errors.ts";
import type { Directories } from "../platform/files/confined.ts";
import { proofOptions } from "../proof/options.ts";
import { duration } from "../platform/text/unit-options.ts";
import { fleetOptions } from "./fleet/options.ts";
import { inputOptions, refuseSharedPlaces } from "./inputs.ts";
import { outputName, outputOptions } from "./outputs.ts";
import { ruleTests } from "./rule-tests/options.ts";
import { system_state_dir } from "./state-directory.ts";

const input_name_length_max = 64;
const plugin_timeout_ms_min = 1000;
/** What keys at the top begin with that are not options, but a place for what the file repeats. */
export const shared_prefix = "x-";
/** The input of what tallyman itself has to say. */
export const own_input = "tallyman";

const inputName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_]*$/,
    "expected a name of lower-case letters, digits and _, such as s3_audit",
  )
  .max(input_name_length_max)
  .refine((name) => name !== own_input, `"${own_input}" is reserved for tallyman's own events`);

export function isInputName(name: string): boolean {
  return inputName.safeParse(name).success;
}

const log = z
  .strictObject({
    level: z
      .enum(["debug", "info", "warn", "error"])
      .default("info")
      .describe("The lowest level that is logged."),
  })
  .prefault({});

const heartbeat_ms_min = 10_000;

const lifecycle = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe("Whether lifecycle events are recorded. Those recorded earlier are still shipped."),
    index: z
      .string()
      .min(1)
      .optional()
      .describe("The index of these events. Default: the token's default index."),
    heartbeat: duration()
      .refine((every_ms) => every_ms >= heartbeat_ms_min, "expected 10s or more, or false")
      .or(z.literal(false))
      .prefault("5m")
      .describe(
        "How often the agent reports that it works, as an event of sourcetype `tallyman:heartbeat`; `false` for never.",
      ),
  })
  .prefault({});

export const configSchema = z
  .strictObject({
    state_dir: z
      .string()
      .min(1)
      .default(system_state_dir)
      .describe(
        "The directory for checkpoints, ledger, journals and quarantine. Every tallyman needs its own. Without it: the " +
          "`StateDirectory=` of the systemd unit that runs the configuration; else what STATE_DIRECTORY names; else " +
          "/var/lib/tallyman for root, and for the user to whom it belongs; else `tallyman` in XDG_STATE_HOME, or in " +
          "~/.local/state.",
      ),
    inputs: z
      .record(inputName, inputOptions)
      .superRefine(refuseSharedPlaces)
      .describe(
        "The inputs, by the name that status, metrics and the ledger use. At least one, unless they come from a fleet.",
      ),
    plugins_dir: z
      .string()
      .min(1)
      .optional()
      .describe("A directory in which every .js, .mjs, .ts or .mts file is a plugin."),
    plugin_timeout: duration()
      .prefault("20s")
      .refine((ms) => ms >= plugin_timeout_ms_min, "expected at least 1s")
      .describe(
        "How long code of a plugin in plugins_dir may block the process. Then tallyman logs where it hangs, and ends. " +
          "An event on which a step hung goes to quarantine after the restart. A change takes effect at the next start.",
      ),
    chain: chainOptions
      .default([])
      .describe(
        "The steps that every event passes through, in this order; an input may have its own chain.",
      ),
    output: outputOptions
      .optional()
      .describe("Where events go. Either this or `outputs` is required."),
    outputs: z
      .record(outputName, outputOptions)
      .refine((outputs) => Object.keys(outputs).length > 0, "expected at least one output")
      .optional()
      .describe(
        "Several outputs instead of `output`, by the name that status, metrics and the ledger use. Every event goes to one " +
          "of them: `route` steps choose it, and the default output gets the rest.",
      ),
    default_output: outputName
      .optional()
      .describe("The output for events that no step has routed. Default: the first of `outputs`."),
    quarantine: quarantineOptions.describe(
      "Keeps events, below state_dir, that can neither be shipped nor dropped.",
    ),
    admin: adminOptions.describe("Where the agent serves its status, health and metrics."),
    lifecycle: lifecycle.describe(
      "Events about tallyman itself, sourcetype `tallyman:lifecycle`: start, stop, reload, when outputs pause and " +
        "resume, and when inputs fall silent; and its heartbeat.",
    ),
    proof: proofOptions.describe(
      "Lets an auditor find out, with the command `verify`, whether any event is missing, altered or repeated " +
        "in Splunk.",
    ),
    fleet: z
      .lazy(fleetOptions)
      .optional()
      .describe(
        "Takes inputs and chain from a bucket of NATS, by group; they must be signed with a key that is named here. All sections that " +
          "`takes` does not name stay in this file, and so does this one.",
      ),
    shutdown_timeout: duration()
      .prefault("30s")
      .describe(
        "How long shutdown may take to deliver events in flight. The rest is sent after the next start.",
      ),
    log: log.describe("tallyman's own log, on standard error."),
    tests: ruleTests
      .default([])
      .describe(
        "Tests of the rules: events, and what the chain is to make of them. `tallyman test` and `check` run them; the agent " +
          "does not look at them. They may also be in a file beside the configuration: `config.test.yaml` for `config.yaml`.",
      ),
  })
  .describe("The configuration of tallyman.");

/** What the configuration says: defaults filled in, durations in milliseconds, sizes in bytes. */
export type Settings = z.output<typeof configSchema>;

/** What of the settings came from a fleet. */
export interface Taken {
  readonly group: string;
  readonly serial: number;
  /** When it was signed; ISO 8601. */
  readonly time: string;
  /** Of its YAML, in hex. */
  readonly sha256: string;
}

/** The settings of one file, and where in it each of them is. Prints without any secret. */
export interface Config extends Settings {
  /** The configuration file, as an absolute path. */
  readonly file: string;
  /** Of the file's text, in hex. What was put in for a `${…}` has no part in it. */
  readonly sha256: string;
  /** Undefined where all settings are the file's own. */
  readonly taken: Taken | undefined;
  /** The group whose configuration has to be taken before anything is read: what was taken before is another's. */
  readonly awaited_group: string | undefined;
  /** The files that `${file:…}` and `${credential:…}` in it name, as absolute paths. */
  readonly inserted_files: readonly string[];
  /** A complaint about the value at `path`, with its line and column, and without any secret in it. */
  complain(
    path: readonly (string | number)[],
    message: string,
    at?: Complaint["at"],
    words?: Complaint["words"],
  ): Complaint;
  /** Whether any of the value at `path` was put in for a `${…}`. */
  isInserted(path: readonly (string | number)[]): boolean;
  /** Whether the value at `path` must not be shown. */
  isSecret(path: readonly (string | number)[]): boolean;
  /** Whether the value at `path` was put in for a `${…}`, under a key that says that it is a secret. */
  isInsertedSecret(path: readonly (string | number)[]): boolean;
  /** What in the value at `path` may only be in an option that is secret, such as `credential:token`; undefined where nothing is. */
  confinedAt(path: readonly (string | number)[]): string | undefined;
  /** The directories in which files have to be that the value at `path` names; undefined where they may be anywhere. */
  directoriesFor(path: readonly (string | number)[]): Directories;
  /** A text without what was put in for any `${…}`, and without what is secret in the file itself. */
  hide(text: string): string;
  /** The value at `path` in a form that may be shown: as written, but secrets as `***`. */
  show(path: readonly (string | number)[]): string;
}

/** The part of a Config that a chain is compiled from, and the names of the outputs that it may route to. */
export interface ChainConfig extends Pick<
  Config,
  | "file"
  | "chain"
  | "plugins_dir"
  | "complain"
  | "isInserted"
  | "isSecret"
  | "confinedAt"
  | "directoriesFor"
  | "hide"
> {
  readonly output_names: readonly string[];
}
