/**
 * From a configuration to chains that can run: plugins loaded, steps compiled, metadata resolved.
 *
 * It opens nothing but plugin files, so that `tallyman check` does just what `tallyman run` does first.
 */
import { hostname } from "node:os";
import type { Chain } from "../chain/chain.ts";
import { compileChain } from "../chain/compile.ts";
import { loadPlugins } from "../chain/load-plugins.ts";
import type { Config, InputOptions } from "../config/config.ts";
import type { Origin } from "../event/block.ts";
import { parsePath } from "../event/path.ts";
import type { Logger } from "../platform/log.ts";

export interface CompiledInput {
  name: string;
  options: InputOptions;
  chain: Chain;
  /** All but the stream, which differs by file. */
  origin: Omit<Origin, "stream">;
}

/**
 * Compiles the chain of every input. Each input has an instance of its own, since its time rule differs.
 * Throws TallymanError plugin_refused or config_invalid, the latter with the place of every complaint.
 */
export async function compileInputs(config: Config, log: Logger): Promise<CompiledInput[]> {
  const plugins = await loadPlugins(config.plugins_dir);
  const compiled: CompiledInput[] = [];
  for (const [name, options] of Object.entries(config.inputs)) {
    const time_paths = options.time.map((text) => parsePath(text));
    const chain = await compileChain(config.chain, plugins, { log, paths: time_paths });
    const metadata = { host: hostname(), ...options.metadata };
    compiled.push({ name, options, chain, origin: { input: name, metadata, time_paths } });
  }
  return compiled;
}
