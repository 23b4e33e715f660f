/**
 * The configuration and its plugins: what `tallyman check` finds, as findings.
 */
import { watchLoading } from "../../agent/setup/watch-plugins.ts";
import { loadPlugins } from "../../chain/plugins/load-plugins.ts";
import type { Config } from "../../config/config.ts";
import { readConfig } from "../../config/load.ts";
import { warningsFor } from "../../config/explain/warnings.ts";
import { TallymanError, type Complaint } from "../../platform/errors.ts";
import { silentLogger } from "../../platform/log.ts";
import { networkComplaints } from "../../agent/setup/check-network.ts";
import {
  chainWarnings,
  compileInputs,
  complaintsOf,
  disposeInputs,
  type CompiledInput,
  usedPlugins,
} from "../../agent/setup/compile.ts";
import { Findings, type Finding } from "../findings/finding.ts";

export interface ConfigCheck {
  /** Undefined where nothing further can be looked at. */
  readonly config?: Config;
  /** Whether the way to Splunk is set up so that it can be tried. */
  readonly can_connect: boolean;
  readonly findings: readonly Finding[];
}

/** Reads the configuration, its secrets included. */
export async function checkConfig(file: string): Promise<ConfigCheck> {
  const findings = new Findings("config");
  try {
    const { config, complaints } = await readConfig(file);
    if (config === undefined) {
      const mistakes = complaints.map((each) => findings.fault("config_invalid", placed(each)));
      return { findings: mistakes, can_connect: false };
    }
    const mistakes = networkComplaints(config);
    const doubts = await doubtsAbout(config);
    const inputs = Object.keys(config.inputs).length;
    const valid = findings.ok(`${file} is valid, with ${inputs} input${inputs === 1 ? "" : "s"}`);
    return {
      config,
      can_connect: mistakes.length === 0,
      findings: [
        ...(mistakes.length === 0 ? [valid] : []),
        ...mistakes.map((each) => findings.fault("config_invalid", placed(each))),
        ...doubts.map((each) => findings.fault("config_doubtful", placed(each))),
      ],
    };
  } catch (thrown) {
    if (!(thrown instanceof TallymanError)) throw thrown;
    const unreadable = findings.fault("config_unreadable", thrown.message);
    return { findings: [unreadable], can_connect: false };
  }
}

export interface PluginsCheck {
  /** Empty where the chains cannot be compiled. */
  readonly inputs: readonly CompiledInput[];
  readonly findings: readonly Finding[];
}

/** Loads the plugins, and compiles the chain of every input with them. */
export async function checkPlugins(config: Config): Promise<PluginsCheck> {
  const findings = new Findings("plugins");
  await watchLoading(config);
  try {
    const plugins = await loadPlugins(config.plugins_dir, { used: usedPlugins(config) });
    const inputs = await compileInputs(config, silentLogger, plugins);
    await disposeInputs(inputs);
    const where =
      config.plugins_dir === undefined ? "" : ` with the plugins in ${config.plugins_dir}`;
    const doubts = chainWarnings(config, inputs, plugins);
    return {
      inputs,
      findings: [
        findings.ok(`every step of the chain can run${where}`),
        ...doubts.map((each) => findings.fault("config_doubtful", placed(each))),
      ],
    };
  } catch (thrown) {
    const refused = thrown instanceof TallymanError && thrown.code === "plugin_refused";
    const cause = refused ? "plugin_refused" : "config_invalid";
    const mistakes = complaintsOf(thrown).map((each) => findings.fault(cause, placed(each)));
    return { inputs: [], findings: mistakes };
  }
}

/** What `check` warns of, but for files and the state directory, which have checks of their own here. */
async function doubtsAbout(config: Config): Promise<Complaint[]> {
  const warnings = await warningsFor(config, new Map());
  return warnings.filter(({ path }) => path[0] !== "state_dir" && path[2] !== "paths");
}

function placed({ file, line, column, message }: Complaint): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(":");
  return place === "" ? message : `${place}: ${message}`;
}
