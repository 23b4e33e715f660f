/**
 * What a configuration means, in plain sentences, and what in it is likely not meant so.
 *
 * Secrets are never in it: values are shown as the configuration shows them, and the token not at all.
 */
import { hostname } from "node:os";
import { pluginOf } from "../chain/options.ts";
import type { MatchingFile } from "../inputs/file/matching-files.ts";
import { formatDuration, formatSize } from "../platform/units.ts";
import type { Config, InputOptions } from "./config.ts";

/** A heading, and the lines under it. */
export interface Section {
  title: string;
  lines: string[];
}

export interface ExplainFacts {
  /** By input name, then by glob. */
  matches: ReadonlyMap<string, ReadonlyMap<string, readonly MatchingFile[]>>;
  /** One sentence on each plugin, by name. */
  descriptions: ReadonlyMap<string, string>;
}

const files_shown_max = 5;

export function explainConfig(config: Config, facts: ExplainFacts): Section[] {
  const inputs = Object.entries(config.inputs).map(([name, input]) => ({
    title: `Input ${name}: follows files`,
    lines: [
      ...explainMatching(input, facts.matches.get(name) ?? new Map()),
      ...explainEvents(input, config.output.mode),
    ],
  }));
  return [
    ...inputs,
    { title: "Chain", lines: explainChain(config, facts.descriptions) },
    { title: "Output: Splunk's HTTP Event Collector", lines: explainOutput(config) },
    { title: "State", lines: explainState(config) },
  ];
}

function explainMatching(
  input: InputOptions,
  matches: ReadonlyMap<string, readonly MatchingFile[]>,
): string[] {
  const lines = input.paths.flatMap((glob) => explainMatches(glob, matches.get(glob) ?? []));
  if (input.exclude.length > 0) lines.push(`Left out: ${input.exclude.join(", ")}`);
  lines.push(
    input.start_at === "beginning"
      ? "Files are read from their beginning; files known from an earlier run from where it ended."
      : "At the very first start, files are read from their end; later ones from their beginning.",
  );
  return lines;
}

function explainEvents(input: InputOptions, mode: Config["output"]["mode"]): string[] {
  const lines: string[] = [];
  const {
    host = `${hostname()} (this machine)`,
    source,
    sourcetype,
    index,
    fields,
  } = input.metadata;
  const named = Object.entries({ host, source: source ?? "the file's path", sourcetype, index })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} ${value}`);
  lines.push(`Events get ${named.join(", ")}.`);
  if (index === undefined) lines.push("They go to the index that the token names.");
  const cut = `Lines longer than ${formatSize(input.max_event_bytes)} are cut`;
  if (mode === "raw") return [...lines, "Splunk takes their time from their text.", `${cut}.`];
  const field_names = Object.keys(fields ?? {});
  if (field_names.length > 0) lines.push(`Their indexed fields: ${field_names.join(", ")}.`);
  lines.push(
    input.time.length > 0
      ? `Their time is the first of ${input.time.join(", ")} that an event has, else when it is read.`
      : "Their time is when they are read.",
    `${cut}, and marked as cut.`,
  );
  return lines;
}

function explainMatches(glob: string, files: readonly MatchingFile[]): string[] {
  if (files.length === 0) return [`${glob}: matches nothing now`];
  const bytes = files.reduce((sum, { size_bytes }) => sum + size_bytes, 0);
  const count = files.length === 1 ? "one file" : `${files.length} files`;
  const lines = files
    .slice(0, files_shown_max)
    .map(({ path, size_bytes }) => `  ${path} (${approximateSize(size_bytes)})`);
  if (files.length > files_shown_max) lines.push(`  and ${files.length - files_shown_max} more`);
  return [`${glob}: matches ${count} now, ${approximateSize(bytes)}`, ...lines];
}

function explainChain(config: Config, descriptions: ReadonlyMap<string, string>): string[] {
  if (config.chain.length === 0) return ["No steps: every event is shipped as it is."];
  const lines = [`Every event goes through these steps, in this order:`];
  for (const [number, step] of config.chain.entries()) {
    const plugin = pluginOf(step);
    const name = step.name === undefined ? plugin : `${step.name} (${plugin})`;
    const description = descriptions.get(plugin);
    lines.push(`${number + 1}. ${name}${description === undefined ? "" : `: ${description}`}`);
    lines.push(...explainOptions(config, ["chain", number, plugin], step[plugin]));
    if (step.when !== undefined)
      lines.push(`   Only where ${config.show(["chain", number, "when"])}`);
    const failed = step.on_error === "drop" ? "dropped, and counted" : "kept in quarantine";
    lines.push(`   An event on which it fails is ${failed}; it is never shipped.`);
  }
  return lines;
}

/** A line an option; what is no map of options, as the file has it. */
function explainOptions(config: Config, at: (string | number)[], options: unknown): string[] {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return [`   ${config.show(at)}`];
  }
  return Object.keys(options).map((key) => `   ${key}: ${config.show([...at, key])}`);
}

function explainOutput({ output }: Config): string[] {
  const { url, mode, compression, batch, max_in_flight, timeout } = output;
  const gzip = compression === "gzip" ? "compressed with gzip" : "not compressed";
  const requests = max_in_flight === 1 ? "one request" : `up to ${max_in_flight} requests`;
  return [
    `${url}, ${mode} mode, ${gzip}; token ***`,
    `Batches have up to ${formatSize(batch.max_bytes)} and wait ${formatDuration(batch.max_wait)} ` +
      `at most; ${requests} at a time, ${formatDuration(timeout)} each.`,
    "What Splunk does not take is sent again until it does; a file position moves only after that.",
  ];
}

function explainState(config: Config): string[] {
  return [
    `Checkpoints, ledger and quarantine are kept in ${config.state_dir}.`,
    `Stopping delivers what is under way for up to ${formatDuration(config.shutdown_timeout)}.`,
    `tallyman logs at level ${config.log.level} to standard error.`,
  ];
}

function approximateSize(bytes: number): string {
  for (const [unit, factor] of [
    ["GiB", 1024 ** 3],
    ["MiB", 1024 ** 2],
    ["KiB", 1024],
  ] as const) {
    if (bytes >= factor) return `${(bytes / factor).toFixed(1)} ${unit}`;
  }
  return `${bytes} B`;
}
