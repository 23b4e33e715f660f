/**
 * A configuration ready to be used: checked, with its plugins loaded and its chains compiled, and its digest.
 *
 * It reads files and changes nothing, so that what is mistaken is told before anything of a running agent is touched.
 */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { loadPlugins, type Plugins } from "../chain/load-plugins.ts";
import type { Config } from "../config/config.ts";
import type { Logger } from "../platform/log.ts";
import { refuseBrokenNetwork } from "./check-network.ts";
import { compileInputs, type CompiledInput } from "./compile.ts";

export interface Setup {
  readonly config: Config;
  readonly inputs: readonly CompiledInput[];
  /** Of the configuration's file and the plugins in plugins_dir: SHA-256, in hex. */
  readonly digest: string;
}

/** Throws TallymanError config_invalid or plugin_refused. */
export async function prepareSetup(config: Config, log: Logger): Promise<Setup> {
  refuseBrokenNetwork(config);
  const plugins = await loadPlugins(config.plugins_dir);
  const inputs = await compileInputs(config, log, plugins);
  return { config, inputs, digest: digestOf(config, plugins) };
}

/**
 * What an auditor can make again with sha256sum: the sum of a text with a line for the configuration's file and for each
 * plugin of plugins_dir, in the order of their names, each as `sha256sum` prints it, without the directories.
 */
function digestOf({ file, sha256 }: Config, plugins: Plugins): string {
  const dropped_in = [...plugins.values()].filter(({ built_in }) => !built_in);
  const lines = dropped_in
    .map((plugin) => `${plugin.sha256}  ${basename(plugin.file)}\n`)
    .sort(byName);
  return createHash("sha256")
    .update([`${sha256}  ${basename(file)}\n`, ...lines].join(""))
    .digest("hex");
}

/** By what follows the sum. */
function byName(one: string, other: string): number {
  const [name = "", other_name = ""] = [one.slice(66), other.slice(66)];
  return name < other_name ? -1 : 1;
}
