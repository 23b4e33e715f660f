/**
 * Catching up: a file of 1.06 KB audit events on disk, the daemon and a counting sink as processes.
 *
 * The rate is from the sink's first to its last arrival, so that start-up is not in it; CPU time and memory
 * are those of the whole daemon process, start-up included. Each variant runs in turn within each round, so
 * that a machine whose speed drifts does not favour one of them.
 */
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { DaemonProcess, SinkProcess } from "../support/processes.ts";

const filter = `- filter: { drop: 'api.name == "HeadObject" && api.statusCode == 200' }`;
const redact = `- redact: { fields: ["requestHeader.Authorization"], with: "[REDACTED]" }`;

interface Variant {
  name: string;
  chain: readonly string[];
  compression: "none" | "gzip";
  framing?: string;
  /** How the file is compressed, where it is. */
  packed?: "gzip" | "zstd";
}

const variants: Variant[] = [
  { name: "pass-through", chain: [], compression: "none" },
  { name: "filter + redact", chain: [filter, redact], compression: "none" },
  { name: "filter + redact, gzip", chain: [filter, redact], compression: "gzip" },
];

const compressed_variants: Variant[] = [
  { name: "plain file", chain: [], compression: "none" },
  { name: "gzip file", chain: [], compression: "none", packed: "gzip" },
  { name: "zstd file", chain: [], compression: "none", packed: "zstd" },
];

/** The variant of that name. */
export function variantOf(name: string): Variant {
  return variants.find((each) => each.name === name)!;
}

export interface Measured {
  events_per_second: number;
  mb_per_second: number;
  cpu_seconds_per_gb: number;
  rss_peak_mb: number;
}

export interface ThroughputOptions {
  events: number;
  rounds: number;
  variant: string | undefined;
  profile_directory: string | undefined;
}

export function measureThroughput(options: ThroughputOptions): Promise<void> {
  return measureVariants(variants, options);
}

/** The same of compressed files, beside the plain one. */
export function measureCompressed(options: ThroughputOptions): Promise<void> {
  return measureVariants(compressed_variants, options);
}

async function measureVariants(all: readonly Variant[], options: ThroughputOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  try {
    const log_file = join(directory, "s3-audit.log");
    const filtered = writeEvents(log_file, options.events);
    const chosen = all.filter(({ name }) => (options.variant ?? name) === name);
    for (const { packed } of chosen) if (packed !== undefined) pack(log_file, packed);
    const results = new Map(chosen.map(({ name }) => [name, [] as Measured[]]));
    for (let round = 0; round < options.rounds; round += 1) {
      for (const variant of chosen) {
        const expected = options.events - (variant.chain.length > 0 ? filtered : 0);
        const measured = await catchUp(directory, variant, { log_file, expected, ...options });
        results.get(variant.name)!.push(measured);
      }
    }
    print(results, options);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function pack(path: string, packed: "gzip" | "zstd"): void {
  const compress = packed === "gzip" ? gzipSync : zstdCompressSync;
  writeFileSync(`${path}.${packed}`, compress(readFileSync(path)));
}

/** Writes the file and says how many of its events the filter will drop. */
export function writeEvents(path: string, events: number): number {
  const file = openSync(path, "w");
  let filtered = 0;
  for (let number = 0; number < events;) {
    let text = "";
    for (const end = Math.min(number + 5000, events); number < end; number += 1) {
      const event = wekaEvent(number);
      if (event.includes('"name":"HeadObject"')) filtered += 1;
      text += `${event}\n`;
    }
    writeSync(file, text);
  }
  closeSync(file);
  return filtered;
}

interface CatchingUp extends Pick<ThroughputOptions, "events" | "profile_directory"> {
  log_file: string;
  /** Line ends that arrive at the sink: one for each event, and those in it. */
  expected: number;
  /** Starts something that goes on beside the daemon. */
  beside?: (config_file: string) => void;
}

/** Has a daemon of its own catch up with the file. */
export async function catchUp(
  directory: string,
  variant: Variant,
  facts: CatchingUp,
): Promise<Measured> {
  const sink = await SinkProcess.start();
  const state_dir = mkdtempSync(join(directory, "state-"));
  const config_file = join(state_dir, "config.yaml");
  writeFileSync(config_file, configText(state_dir, facts.log_file, variant, sink.port));
  const flags =
    facts.profile_directory === undefined
      ? []
      : ["--cpu-prof", `--cpu-prof-dir=${facts.profile_directory}`];
  const daemon = new DaemonProcess(config_file, flags);
  facts.beside?.(config_file);
  const totals = await sink.arrived(facts.expected, daemon);
  const { cpu_seconds, rss_peak_mb } = daemon.use();
  await daemon.stop();
  await sink.stop();
  if (totals.events !== facts.expected) throw new Error(`${totals.events} events arrived`);
  const seconds = (totals.last_at_ms - totals.first_at_ms) / 1000;
  const bytes = statSync(facts.log_file).size;
  return {
    events_per_second: facts.events / seconds,
    mb_per_second: bytes / 1e6 / seconds,
    cpu_seconds_per_gb: cpu_seconds / (bytes / 1e9),
    rss_peak_mb,
  };
}

function configText(state_dir: string, log_file: string, variant: Variant, port: number): string {
  const { packed } = variant;
  const chain = variant.chain.map((step) => `\n  ${step}`).join("");
  return `state_dir: ${state_dir}
lifecycle: { enabled: false }
inputs:
  s3_audit:
    type: file
    paths: ["${log_file}${packed === undefined ? "" : `.${packed}`}"]
    framing: ${variant.framing ?? "lines"}
    metadata: { sourcetype: "weka:s3:audit", index: s3_audit }
chain:${chain === "" ? " []" : chain}
output:
  url: http://127.0.0.1:${port}
  token: bench
  compression: ${variant.compression}
`;
}

function print(results: Map<string, Measured[]>, { events, rounds }: ThroughputOptions): void {
  console.log(`Catching up with ${events.toLocaleString("en-US")} events, median of ${rounds}:\n`);
  console.log("| chain | events/s | MB/s | CPU s per GB | peak RSS MB |");
  console.log("| --- | ---: | ---: | ---: | ---: |");
  for (const [name, measured] of results) {
    console.log(`| ${[name, ...figuresOf(measured)].join(" | ")} |`);
  }
  console.log("");
}

/** The medians, as a table has them: events/s, MB/s, CPU s per GB, peak RSS MB. */
export function figuresOf(measured: readonly Measured[]): string[] {
  return [
    Math.round(median(measured.map((each) => each.events_per_second))).toLocaleString("en-US"),
    median(measured.map((each) => each.mb_per_second)).toFixed(0),
    median(measured.map((each) => each.cpu_seconds_per_gb)).toFixed(1),
    median(measured.map((each) => each.rss_peak_mb)).toFixed(0),
  ];
}

export function median(figures: number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
