/**
 * A configuration ready to be used: checked, with its plugins loaded and its chains compiled, and its digest.
 *
 * It reads files and changes nothing, so that errors are reported before anything of a running agent is touched.
 */
import type { Chain } from "../../chain/chain.ts";
import { loadPlugins, type Plugins } from "../../chain/plugins/load-plugins.ts";
import { own_input, type Config } from "../../config/config.ts";
import type { ChainKind } from "../../event/block.ts";
import { readTlsFiles } from "../../inputs/hec/http/tls-files.ts";
import type { Logger } from "../../platform/log.ts";
import { refuseBrokenNetwork } from "./check-network.ts";
import {
  chainWarnings,
  compileInputs,
  digestOf,
  usedPlugins,
  type CompiledInput,
} from "./compile.ts";

export interface Setup {
  readonly config: Config;
  readonly inputs: readonly CompiledInput[];
  /** As they were when it was made, whatever is in their files now. */
  readonly plugins: Plugins;
  /** Of the configuration's file and the plugins in plugins_dir: SHA-256, in hex. */
  readonly digest: string;
  /** All chains that were compiled with it: those of its inputs, and what a replay needs beside them. */
  readonly chains: Set<Chain>;
}

/** Ends the steps of its chains, when none of them is given an event any more. Never rejects, and ends in bounded time. */
export async function disposeSetup({ chains, inputs }: Setup): Promise<void> {
  await Promise.all(
    [...chains, ...inputs.map(({ redaction }) => redaction)].map((each) => each.dispose()),
  );
}

/** Throws TallymanError config_invalid, plugin_refused, or listen_failed where a receiver's certificate cannot be used. */
export async function prepareSetup(config: Config, log: Logger): Promise<Setup> {
  refuseBrokenNetwork(config);
  for (const input of Object.values(config.inputs)) {
    if (input.type === "hec" && input.tls !== undefined) await readTlsFiles(input.tls);
  }
  const plugins = await loadPlugins(config.plugins_dir, { used: usedPlugins(config) });
  const inputs = await compileInputs(config, log, plugins);
  for (const { line, column, message } of chainWarnings(config, inputs, plugins)) {
    log.warn("config_warning", { line, column }, message);
  }
  const chains = new Set(inputs.map(({ chain }) => chain));
  return { config, inputs, plugins, digest: digestOf(config, plugins), chains };
}

/** Whether the events of an input go through a chain of its own; undefined where it is not configured. */
export function chainKindOf({ inputs }: Config, input: string): ChainKind | undefined {
  const options = Object.hasOwn(inputs, input) ? inputs[input] : undefined;
  if (options !== undefined) return options.chain === undefined ? "common" : "own";
  return input === own_input ? "common" : undefined;
}
