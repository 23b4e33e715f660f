/**
 * What a configuration means, in plain sentences, and what in it is likely not meant so.
 *
 * Secrets are never in it: values are shown as the configuration shows them, and the token not at all.
 */
import { type Budget, pluginOf, type ChainOptions } from "../../chain/options.ts";
import { adminSocketOf } from "../../admin/options.ts";
import type { Lead } from "../../inputs/file/matching-files.ts";
import { formatListenAddress } from "../../platform/sockets/listen-address.ts";
import { formatDuration, formatSize } from "../../platform/text/units.ts";
import type { Config } from "../config.ts";
import { explainFleet } from "./explain-fleet.ts";
import { explainInput, type Section } from "./explain-input.ts";
import { explainOutputs } from "./explain-outputs.ts";
import { outputsOf } from "../outputs.ts";

export interface ExplainContext {
  /** By input name, then by glob. */
  matches: ReadonlyMap<string, ReadonlyMap<string, Lead>>;
  /** One sentence on each plugin, by name. */
  descriptions: ReadonlyMap<string, string>;
}

export function explainConfig(config: Config, context: ExplainContext): Section[] {
  const outputs = outputsOf(config);
  const is_raw = outputs.every(
    ({ options }) => options.type === "splunk_hec" && options.mode === "raw",
  );
  const inputs = Object.entries(config.inputs).map(([name, input]) =>
    explainInput(name, input, {
      mode: is_raw ? "raw" : "event",
      matches: context.matches.get(name) ?? new Map(),
    }),
  );
  return [
    ...explainFleet(config),
    ...inputs,
    ...explainChains(config, context.descriptions),
    ...explainOutputs(outputs),
    { title: "State", lines: explainState(config) },
  ];
}

/** The common chain, where an input has it, and those that inputs have of their own. */
function explainChains(config: Config, descriptions: ReadonlyMap<string, string>): Section[] {
  const inputs = Object.entries(config.inputs);
  const sections = inputs.flatMap(([name, { chain }]): Section[] => {
    if (chain === undefined) return [];
    const lines = explainChain(config, chain, ["inputs", name, "chain"], descriptions);
    return [{ title: `Chain of input ${name}`, lines }];
  });
  if (sections.length === inputs.length) return sections;
  const lines = explainChain(config, config.chain, ["chain"], descriptions);
  return [{ title: "Chain", lines }, ...sections];
}

function explainChain(
  config: Config,
  chain: ChainOptions,
  at: readonly string[],
  descriptions: ReadonlyMap<string, string>,
): string[] {
  if (chain.length === 0) return ["No steps: every event is shipped as it is."];
  const lines = [`Every event goes through these steps, in this order:`];
  for (const [number, step] of chain.entries()) {
    const plugin = pluginOf(step);
    const name = step.name === undefined ? plugin : `${step.name} (${plugin})`;
    const description = descriptions.get(plugin) ?? "";
    lines.push(`${number + 1}. ${name}${description === "" ? "" : `: ${description}`}`);
    lines.push(...explainOptions(config, [...at, number, plugin], step[plugin]));
    if (step.when !== undefined)
      lines.push(`   Only where ${config.show([...at, number, "when"])}`);
    if (step.isolate !== undefined) lines.push(`   ${isolationLine(step.isolate)}`);
    const failed = step.on_error === "drop" ? "dropped and counted" : "kept in quarantine";
    lines.push(`   If it fails on an event, the event is ${failed}, and never shipped.`);
  }
  return lines;
}

function isolationLine({ timeout, memory }: Budget): string {
  return `In a process of its own, with up to ${formatDuration(timeout)} for one event and ${formatSize(memory)} of memory.`;
}

/** A line an option; what is no map of options, as the file has it. */
function explainOptions(config: Config, at: (string | number)[], options: unknown): string[] {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return [`   ${config.show(at)}`];
  }
  return Object.keys(options).map((key) => `   ${key}: ${config.show([...at, key])}`);
}

function explainState(config: Config): string[] {
  return [
    `Checkpoints, ledger, journals and quarantine are kept in ${config.state_dir}.`,
    `The quarantine holds up to ${formatSize(config.quarantine.max_bytes)}; beyond that, the oldest events are removed.`,
    `At shutdown, events in flight are delivered for up to ${formatDuration(config.shutdown_timeout)}.`,
    explainAdmin(config),
    explainLifecycle(config),
    ...explainProof(config),
    `tallyman logs at level ${config.log.level} to standard error.`,
  ];
}

function explainAdmin(config: Config): string {
  const { mode, listen } = config.admin;
  const socket = adminSocketOf(config);
  const places = [
    ...(socket === undefined ? [] : [`${socket} (mode ${mode})`]),
    ...(listen === undefined ? [] : [formatListenAddress(listen)]),
  ];
  if (places.length === 0) return "No status, health or metrics: there is no admin listener.";
  return `Status, health and metrics are served on ${places.join(" and ")}.`;
}

function explainProof({ proof }: Config): string[] {
  if (!proof.enabled) return [];
  const { index, interval, granularity, mirror } = proof;
  const where = index === undefined ? "the token's default index" : `index ${index}`;
  const what = granularity === "event" ? "each altered event" : "an altered event to within 16";
  const also = mirror === undefined ? "" : `, and appended to ${mirror}`;
  return [
    "Every event gets a place in a sequence, in the indexed fields tally_lane, tally_block and tally_i.",
    `Every ${formatDuration(interval)} a signed seal (tallyman:seal) says what was delivered. It is sent to ${where}${also}. ` +
      `\`tallyman verify\` finds what is missing, and ${what}.`,
  ];
}

function explainLifecycle(config: Config): string {
  const { enabled, index } = config.lifecycle;
  if (!enabled) return "No lifecycle events: starts, stops, reloads and pauses are not recorded.";
  const where = index === undefined ? "the token's default index" : `index ${index}`;
  const { name } = outputsOf(config)[0]!;
  return `Starts, stops, reloads and pauses are sent as events (tallyman:lifecycle) to output ${name}, in ${where}.`;
}
