/**
 * From a configuration to chains that can run: plugins loaded, steps compiled, metadata resolved.
 *
 * It opens nothing but plugin files, so that `tallyman check` does just what `tallyman run` does first.
 */
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { basename, dirname, relative } from "node:path";
import { Chain } from "../../chain/chain.ts";
import { compileChain, type CompileContext } from "../../chain/compile.ts";
import { loadPlugins, type Plugins } from "../../chain/plugins/load-plugins.ts";
import { passedOver } from "../../chain/plugins/plugin-files.ts";
import { redact_plugin } from "../../chain/redaction/step-id.ts";
import { type ChainOptions, pluginOf } from "../../chain/options.ts";
import type { ChainConfig, Config } from "../../config/config.ts";
import type { InputOptions } from "../../config/inputs.ts";
import { configInvalid } from "../../config/load.ts";
import { pathFieldsOf } from "../../inputs/file/discovery/path-fields.ts";
import { timeRuleOf } from "../../inputs/time-options.ts";
import { outputsOf } from "../../config/outputs.ts";
import type { Origin, OriginOptions } from "../../event/block.ts";
import { Scanner } from "../../event/scanner.ts";
import { Redaction } from "../redaction/redaction.ts";
import { isRepeatable } from "./repeatable.ts";
import type { Clock } from "../../platform/clock.ts";
import { describeComplaint, TallymanError, type Complaint } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { machineName } from "../../platform/process/machine-name.ts";

export interface CompiledInput {
  name: string;
  options: InputOptions;
  chain: Chain;
  /** Its redact steps, for events that have been through a former chain. */
  redaction: Redaction;
  /** What its chain does beside that: options, and sums of plugins. Only to be compared. */
  other_steps: unknown;
  /** Whether its records, when they are read again, become the same events. */
  is_repeatable: boolean;
  /** All but the stream, which differs by file. */
  origin: Omit<Origin, "stream"> & OriginOptions;
}

/**
 * Compiles the chain of every input: its own, or the common one. Each input has an instance to itself, since its time
 * rule differs. `observe` is called as CompileContext says. Throws TallymanError plugin_refused or config_invalid, the latter with the place of every complaint.
 */
export async function compileInputs(
  config: Config,
  log: Logger,
  plugins: Plugins,
  observe?: CompileContext["observe"],
): Promise<CompiledInput[]> {
  const outputs = outputsOf(config).map(({ name }) => name);
  const compiled: CompiledInput[] = [];
  const mistakes = new Map<string, Complaint>();
  for (const [name, options] of Object.entries(config.inputs)) {
    const time = options.type === "nats" ? undefined : timeRuleOf(options.time);
    const { steps, at } = stepsOf(config, name, options);
    const timed = time === undefined ? {} : { time };
    const context = { log, ...timed, at, outputs, input: name, observe };
    const { chain, complaints } = await compile(steps, plugins, context, config);
    // The mistakes of the common chain are found once for each input that has it.
    for (const each of complaints)
      mistakes.set(`${each.line}:${each.column} ${each.message}`, each);
    if (chain === undefined) continue;
    const redaction = new Redaction(chain, async (hasPassed) => {
      const again = await compile(steps, plugins, { ...context, hasPassed }, config);
      if (again.chain === undefined) throw configInvalid(config.file, again.complaints);
      return again.chain;
    });
    const origin = { input: name, ...describedBy(options), time };
    const other_steps = steps
      .filter((step) => pluginOf(step) !== redact_plugin)
      .map((step) => [step, plugins.get(pluginOf(step))?.sha256]);
    const is_repeatable = isRepeatable(options, steps, { plugins, chain });
    compiled.push({ name, options, chain, redaction, other_steps, is_repeatable, origin });
  }
  if (mistakes.size === 0) return compiled;
  await disposeInputs(compiled);
  throw configInvalid(config.file, [...mistakes.values()]);
}

function describedBy(options: InputOptions): Omit<OriginOptions, "time"> {
  // Agents have said where their events come from.
  if (options.type === "nats") return { metadata: options.metadata };
  const host = machineName();
  if (options.type !== "file") return { metadata: { host, ...options.metadata } };
  const { fields_from_path, ...metadata } = options.metadata;
  const path_fields = fields_from_path === undefined ? undefined : pathFieldsOf(fields_from_path);
  return { metadata: { host, ...metadata }, path_fields };
}

/** The names of the plugins that its chains have steps of, known or not. */
export function usedPlugins({
  chain,
  inputs = {},
}: {
  chain: ChainOptions;
  inputs?: Record<string, { chain?: ChainOptions | undefined }>;
}): ReadonlySet<string> {
  const chains = [chain, ...Object.values(inputs).map((input) => input.chain ?? [])];
  return new Set(chains.flat().map(pluginOf));
}

/** Ends the steps of their chains. Never rejects, and ends in bounded time. */
export async function disposeInputs(inputs: readonly CompiledInput[]): Promise<void> {
  await Promise.all(
    inputs.flatMap(({ chain, redaction }) => [chain.dispose(), redaction.dispose()]),
  );
}

function stepsOf(
  config: Config,
  name: string,
  { chain }: InputOptions,
): { steps: ChainOptions; at: string[] } {
  if (chain === undefined) return { steps: config.chain, at: ["chain"] };
  return { steps: chain, at: ["inputs", name, "chain"] };
}

/** The common chain, for events of an input that is not configured any more. Throws as compileInputs does. */
export async function compileCommon(config: Config, log: Logger, plugins: Plugins): Promise<Chain> {
  const outputs = outputsOf(config).map(({ name }) => name);
  const context = { log, at: ["chain"], outputs };
  const { chain, complaints } = await compile(config.chain, plugins, context, config);
  if (chain === undefined) throw configInvalid(config.file, complaints);
  return chain;
}

/** What in the chains and in plugins_dir is likely not meant so, each once and with its place. */
export function chainWarnings(
  config: Config,
  inputs: readonly CompiledInput[],
  plugins: Plugins,
): Complaint[] {
  const warnings = inputs.flatMap(({ chain }) => chain.warnings);
  const { plugins_dir } = config;
  const imported = [...plugins.values()].flatMap(({ imports }) => [...imports.keys()]);
  const passed_over = plugins_dir === undefined ? [] : passedOver(plugins_dir, imported);
  const more = passed_over.map((name) => ({ path: ["plugins_dir"], message: notLoaded(name) }));
  const placed = [...warnings, ...more].map(({ path, message }) => config.complain(path, message));
  return [...new Map(placed.map((each) => [describeComplaint(each), each])).values()];
}

function notLoaded(name: string): string {
  return `${name} in it is not loaded: plugins are .js, .mjs, .ts and .mts files directly in it`;
}

/** A chain without steps, for what has been through its chain before. */
export function passThrough(clock: Clock, log: Logger): Chain {
  return new Chain({ scanner: new Scanner([]), steps: [], maskText: (text) => text, clock, log });
}

/** What is wrong with the common chain of a configuration, whose other parts may have mistakes of their own. */
export async function chainComplaints(config: ChainConfig, log: Logger): Promise<Complaint[]> {
  try {
    const used = usedPlugins({ chain: config.chain });
    const plugins = await loadPlugins(config.plugins_dir, { used });
    const context = { log, outputs: config.output_names };
    const { chain, complaints } = await compile(config.chain, plugins, context, config);
    await chain?.dispose();
    return complaints;
  } catch (thrown) {
    return complaintsOf(thrown);
  }
}

/** The complaints in an error that is the user's to fix: each, or its message. Throws any other. */
export function complaintsOf(thrown: unknown): Complaint[] {
  if (!(thrown instanceof TallymanError)) throw thrown;
  const { complaints, refusals } = thrown.details;
  if (complaints !== undefined) return [...complaints];
  if (!Array.isArray(refusals)) return [{ path: [], message: thrown.message }];
  return refusals.map(({ file, reason }: { file: string; reason: string }) => ({
    path: ["plugins_dir"],
    file,
    message: reason,
  }));
}

async function compile(
  steps: ChainOptions,
  plugins: Plugins,
  context: CompileContext,
  config: Omit<ChainConfig, "chain" | "plugins_dir" | "output_names">,
): Promise<{ chain?: Chain; complaints: Complaint[] }> {
  try {
    const directories = config.directoriesFor(context.at ?? ["chain"]);
    const facts = { ...context, values: config, folder: dirname(config.file), directories };
    return { chain: await compileChain(steps, plugins, facts), complaints: [] };
  } catch (thrown) {
    if (!(thrown instanceof TallymanError) || thrown.code !== "config_invalid") throw thrown;
    const complaints = thrown.details.complaints ?? [];
    return {
      complaints: complaints.map(({ path, message, at, words }) =>
        config.complain(path, message, at, words),
      ),
    };
  }
}

/**
 * What an auditor can make again with sha256sum: the sum of a text with a line for each file, as `sha256sum` prints it for
 * names without directories. First comes the configuration's, then what it takes from a fleet, then the files of plugins_dir by
 * name, with what they import from there.
 */
export function digestOf(
  { file, sha256, taken, plugins_dir = "" }: Config,
  plugins: Plugins,
): string {
  const files = new Map<string, string>();
  for (const plugin of plugins.values()) {
    if (plugin.built_in) continue;
    files.set(basename(plugin.file), plugin.sha256);
    for (const [path, sum] of plugin.imports)
      files.set(relative(realpathSync(plugins_dir), path), sum);
  }
  const lines = [...files.keys()].sort().map((name) => `${files.get(name)}  ${name}\n`);
  const pushed = taken === undefined ? [] : [`${taken.sha256}  ${taken.group}.yaml\n`];
  return createHash("sha256")
    .update([`${sha256}  ${basename(file)}\n`, ...pushed, ...lines].join(""))
    .digest("hex");
}
