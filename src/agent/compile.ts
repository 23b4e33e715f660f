/**
 * From a configuration to chains that can run: plugins loaded, steps compiled, metadata resolved.
 *
 * It opens nothing but plugin files, so that `tallyman check` does just what `tallyman run` does first.
 */
import { hostname } from "node:os";
import { Chain } from "../chain/chain.ts";
import { compileChain } from "../chain/compile.ts";
import { loadPlugins } from "../chain/load-plugins.ts";
import type { ChainConfig, Config } from "../config/config.ts";
import type { InputOptions } from "../config/inputs.ts";
import { configInvalid } from "../config/load.ts";
import type { Origin } from "../event/block.ts";
import { parsePath, type Path } from "../event/path.ts";
import { Scanner } from "../event/scanner.ts";
import type { Clock } from "../platform/clock.ts";
import { TallymanError, type Complaint } from "../platform/errors.ts";
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
  const compiled: CompiledInput[] = [];
  for (const [name, options] of Object.entries(config.inputs)) {
    const time_paths = options.time.map((text) => parsePath(text));
    const { chain, complaints } = await compile(config, time_paths, log);
    if (chain === undefined) throw configInvalid(config.file, complaints);
    const metadata = { host: hostname(), ...options.metadata };
    compiled.push({ name, options, chain, origin: { input: name, metadata, time_paths } });
  }
  return compiled;
}

/** A chain without steps, for what has been through its chain before. */
export function passThrough(clock: Clock, log: Logger): Chain {
  return new Chain({ scanner: new Scanner([]), steps: [], maskText: (text) => text, clock, log });
}

/** What is wrong with the chain of a configuration, whose other parts may have mistakes of their own. */
export async function chainComplaints(config: ChainConfig, log: Logger): Promise<Complaint[]> {
  try {
    const { complaints } = await compile(config, [], log);
    return complaints;
  } catch (thrown) {
    return complaintsOf(thrown);
  }
}

/** The complaints in an error that is the user's to mend: each, or its message. Throws any other. */
export function complaintsOf(thrown: unknown): Complaint[] {
  if (!(thrown instanceof TallymanError)) throw thrown;
  const { complaints, refusals } = thrown.facts;
  if (complaints !== undefined) return [...complaints];
  if (!Array.isArray(refusals)) return [{ path: [], message: thrown.message }];
  return refusals.map(({ file, reason }: { file: string; reason: string }) => ({
    path: ["plugins_dir"],
    file,
    message: reason,
  }));
}

async function compile(
  config: ChainConfig,
  paths: readonly Path[],
  log: Logger,
): Promise<{ chain?: Chain; complaints: Complaint[] }> {
  const plugins = await loadPlugins(config.plugins_dir);
  try {
    return { chain: await compileChain(config.chain, plugins, { log, paths }), complaints: [] };
  } catch (thrown) {
    if (!(thrown instanceof TallymanError) || thrown.code !== "config_invalid") throw thrown;
    const complaints = thrown.facts.complaints ?? [];
    return {
      complaints: complaints.map(({ path, message, at }) => config.complain(path, message, at)),
    };
  }
}
