/**
 * A configuration ready to be used: checked, with its plugins loaded and its chains compiled, and its digest.
 *
 * It reads files and changes nothing, so that errors are reported before anything of a running agent is touched.
 */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { basename, relative } from "node:path";
import type { Chain } from "../../chain/chain.ts";
import { loadPlugins, type Plugins } from "../../chain/plugins/load-plugins.ts";
import type { Config } from "../../config/config.ts";
import { readTlsFiles } from "../../inputs/hec/http/tls-files.ts";
import type { Logger } from "../../platform/log.ts";
import { refuseBrokenNetwork } from "./check-network.ts";
import { chainWarnings, compileInputs, usedPlugins, type CompiledInput } from "./compile.ts";

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

/**
 * What an auditor can make again with sha256sum: the sum of a text with a line for each file, as `sha256sum` prints it for
 * names without directories. First comes the configuration's, then those of plugins_dir by name, with what they import
 * from there.
 */
export function digestOf({ file, sha256, plugins_dir = "" }: Config, plugins: Plugins): string {
  const files = new Map<string, string>();
  for (const plugin of plugins.values()) {
    if (plugin.built_in) continue;
    files.set(basename(plugin.file), plugin.sha256);
    for (const [path, sum] of plugin.imports)
      files.set(relative(realpathSync(plugins_dir), path), sum);
  }
  const lines = [...files.keys()].sort().map((name) => `${files.get(name)}  ${name}\n`);
  return createHash("sha256")
    .update([`${sha256}  ${basename(file)}\n`, ...lines].join(""))
    .digest("hex");
}
