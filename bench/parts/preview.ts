/**
 * What `tallyman try` and `tallyman scan` cost on logs of 100 MB: wall clock, processor time and the most memory.
 *
 *     node bench/run.ts --only preview [--variant NAME] [--preview-mb 100]
 *
 * The logs are made of the events that the demo and the tests of packs have: of WEKA alone, JSON of several kinds, and text.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Readable } from "node:stream";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { RandomSource } from "../../test/support/random/random-source.ts";
import { clean_formats } from "../../test/support/secrets/clean-events.ts";
import { main, reporting } from "../support/processes.ts";

const megabyte = 1_000_000;
/** Different events of the samples; a log repeats them. */
const samples = 20_000;
const clean_json = ["s3_audit", "cloudtrail", "kubernetes", "vault"];
const clean_text = ["auditd", "syslog", "web", "databases", "containers"];

const one_path = 'redact: { fields: ["requestHeader.Authorization"] }';
const packs = "s3_audit, cloudtrail, kubernetes, vault, auditd, http_headers, web_access";
const all = `pack: [${packs}], detect: [credentials], within: [json, url, base64]`;

type Log = "weka" | "json" | "text";

interface Variant {
  readonly name: string;
  readonly log: Log;
  /** The step of the chain; undefined for `scan`. */
  readonly step?: string;
  readonly options?: readonly string[];
  /** Whether the log comes over standard input. */
  readonly piped?: boolean;
}

const variants: readonly Variant[] = [
  { name: "try, one path", log: "weka", step: one_path },
  { name: "try, all packs and detectors", log: "weka", step: `redact: { ${all} }` },
  { name: "try, all packs, JSON of several kinds", log: "json", step: `redact: { ${all} }` },
  { name: "try, text", log: "text", step: `redact: { ${all}, on_unreadable: text }` },
  { name: "try --json, one path", log: "weka", step: one_path, options: ["--json"] },
  { name: "try --json, all packs", log: "weka", step: `redact: { ${all} }`, options: ["--json"] },
  {
    name: "try --json, text",
    log: "text",
    step: `redact: { ${all}, on_unreadable: text }`,
    options: ["--json"],
  },
  { name: "try --diff", log: "weka", step: one_path, options: ["--diff", "OTHER"] },
  { name: "try --follow", log: "weka", step: one_path, options: ["--follow"], piped: true },
  { name: "scan", log: "weka" },
  { name: "scan, JSON of several kinds", log: "json" },
  { name: "scan, text", log: "text" },
];

export interface PreviewOptions {
  readonly megabytes: number;
  readonly rounds: number;
  /** Only those with this in their name. */
  readonly variant: string | undefined;
  readonly profile_directory: string | undefined;
}

/** What one run took. */
interface Use {
  readonly wall_s: number;
  readonly user_s: number;
  readonly system_s: number;
  readonly peak_mb: number;
}

export async function measurePreview(options: PreviewOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const wanted = variants.filter(({ name }) => name.includes(options.variant ?? ""));
  try {
    for (const log of new Set(wanted.map((variant) => variant.log))) {
      await writeLog(join(directory, `${log}.log`), log, options.megabytes * megabyte);
    }
    console.log(`Previews of ${options.megabytes} MB, the best of ${options.rounds}:\n`);
    console.log("| command | wall clock s | user s | system s | peak RSS MB |");
    console.log("| --- | ---: | ---: | ---: | ---: |");
    for (const variant of wanted) {
      const uses: Use[] = [];
      for (let round = 0; round < options.rounds; round += 1)
        uses.push(await run(directory, variant, options.profile_directory));
      const [best] = uses.toSorted((one, other) => one.user_s - other.user_s);
      const { wall_s, user_s, system_s } = best!;
      const peak_mb = Math.max(...uses.map((use) => use.peak_mb));
      const figures = [wall_s, user_s, system_s].map((seconds) => seconds.toFixed(1));
      console.log(`| ${variant.name} | ${figures.join(" | ")} | ${peak_mb.toFixed(0)} |`);
    }
    console.log("");
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function writeLog(file: string, log: Log, bytes: number): Promise<void> {
  const random = new RandomSource(1);
  const makers = (log === "json" ? clean_json : clean_text).map((name) => clean_formats[name]!);
  const makeEvent = (number: number): string =>
    log === "weka" ? wekaEvent(number) : makers[number % makers.length]!(random);
  const kept = log === "weka" ? [] : Array.from({ length: samples }, (_, at) => makeEvent(at));
  const stream = createWriteStream(file);
  let written = 0;
  for (let number = 0; written < bytes; number += 1) {
    const line = `${kept[number % samples] ?? makeEvent(number)}\n`;
    written += Buffer.byteLength(line);
    if (!stream.write(line)) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "finish");
}

async function run(
  directory: string,
  { log, step, options = [], piped = false }: Variant,
  profile_directory: string | undefined,
): Promise<Use> {
  const file = join(directory, `${log}.log`);
  const config = step === undefined ? undefined : configOf(directory, "config.yaml", step);
  const other = configOf(directory, "other.yaml", `redact: { ${all} }`);
  const words = options.map((option) => (option === "OTHER" ? other : option));
  const args =
    config === undefined
      ? ["scan", file]
      : ["try", "-c", config, "--input", "audit", ...words, piped ? "-" : file];
  const profiling =
    profile_directory === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile_directory}`];
  const started_ms = performance.now();
  const child = spawn(process.execPath, [...profiling, "--import", reporting, main, ...args], {
    stdio: [piped ? "pipe" : "ignore", "ignore", "inherit", "pipe"],
  });
  if (piped) createReadStream(file).pipe(child.stdin!);
  let report = "";
  (child.stdio[3] as Readable).setEncoding("utf8").on("data", (text: string) => (report += text));
  const [status] = (await once(child, "close")) as [number];
  // Three says that something was found.
  if (status !== 0 && status !== 3) throw new Error(`tallyman ${args.join(" ")}: ${status}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(report) as NodeJS.ResourceUsage;
  return {
    wall_s: (performance.now() - started_ms) / 1000,
    user_s: userCPUTime / 1e6,
    system_s: systemCPUTime / 1e6,
    peak_mb: (maxRSS * 1024) / 1e6,
  };
}

function configOf(directory: string, name: string, step: string): string {
  const file = join(directory, name);
  const lines = [
    `state_dir: ${directory}/state`,
    `inputs: { audit: { paths: ["${directory}/*.log"] } }`,
    "chain:",
    `  - ${step}`,
    "output: { url: http://127.0.0.1:8088, token: bench }",
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}
