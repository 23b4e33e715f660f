/**
 * What a watcher costs an agent at rest: its processor time with nobody who looks, and with ten who have the page open, in turn.
 * Events that pass would be more than what is to be seen.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaemonProcess } from "../support/processes.ts";
import { median } from "../parts/throughput.ts";
import { pages, Watchers } from "./watching.ts";

/** Many agents follow fewer. */
const file_counts = [1, 10_000];

export interface PageCostOptions {
  readonly rounds: number;
  readonly seconds: number;
}

export async function measurePageCost(options: PageCostOptions): Promise<void> {
  const { rounds, seconds } = options;
  console.log(
    `${pages} pages beside an agent at rest, ${rounds} pairs of ${seconds} s, % of a core, median (least to most):\n`,
  );
  console.log("| files | nobody | watched | a watcher | answers/s |");
  console.log("| ---: | ---: | ---: | ---: | ---: |");
  for (const files of file_counts) await measureBeside(files, options);
  console.log("");
}

async function measureBeside(files: number, { rounds, seconds }: PageCostOptions): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const config_file = join(directory, "config.yaml");
  writeFileSync(config_file, configText(directory));
  mkdirSync(join(directory, "logs"));
  for (let file = 0; file < files; file += 1) {
    writeFileSync(join(directory, "logs", `audit-${file}.log`), "");
  }
  const daemon = new DaemonProcess(config_file);
  /** In percent of a core. */
  const over = async (): Promise<number> => {
    const [cpu_before, begun_ms] = [daemon.use().cpu_seconds, performance.now()];
    await sleep(seconds * 1000);
    const passed_ms = performance.now() - begun_ms;
    return ((daemon.use().cpu_seconds - cpu_before) / (passed_ms / 1000)) * 100;
  };
  const [alone, watched]: [number[], number[]] = [[], []];
  let answers = 0;
  const watchers = new Watchers(join(directory, "state", "admin.sock"), false);
  try {
    await daemon.running();
    // Until the first pair is over it finds its files, and its code is compiled.
    for (let round = 0; round <= rounds; round += 1) {
      const by_itself = await over();
      const before = await watchers.watch();
      await sleep(2000);
      const looked_at = await over();
      const after = await watchers.rest();
      if (round === 0) continue;
      alone.push(by_itself);
      watched.push(looked_at);
      answers += after.answers - before.answers;
    }
  } finally {
    await watchers.stop();
    await daemon.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  const each = alone.map((cpu, round) => (watched[round]! - cpu) / pages);
  const figures = [
    files.toLocaleString("en-US"),
    ...[alone, watched, each].map(spread),
    (answers / rounds / (seconds + 2)).toFixed(1),
  ];
  console.log(`| ${figures.join(" | ")} |`);
}

function spread(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median([...values]).toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function configText(directory: string): string {
  return `state_dir: ${directory}/state
lifecycle: { enabled: false }
inputs: { audit: { paths: ["${directory}/logs/*.log"] } }
output: { url: "http://127.0.0.1:9", token: bench }
`;
}
