/**
 * What a dead, hanging or slow endpoint costs the other: catching up by way of one healthy endpoint alone, and beside one
 * in trouble, in turn within each round.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaemonProcess, SinkProcess } from "../support/processes.ts";
import { median, writeEvents } from "./throughput.ts";

const latency_ms = 10;
const healthy = ["--latency-ms", String(latency_ms)];

/** The flags of the sink that stands beside the healthy one; `dead` is none at all. */
const variants: { name: string; beside?: string[] | "dead" }[] = [
  { name: "one alone" },
  { name: "beside a dead one", beside: "dead" },
  { name: "beside a hanging one", beside: ["--hang"] },
  { name: "beside one 10 times slower", beside: ["--latency-ms", String(latency_ms * 10)] },
];

export async function measureEndpoints(options: { events: number; rounds: number }): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const rates = new Map(variants.map(({ name }) => [name, [] as number[]]));
  try {
    const log_file = join(directory, "s3-audit.log");
    writeEvents(log_file, options.events);
    for (let round = 0; round < options.rounds; round += 1) {
      for (const { name, beside } of variants) {
        const rate = await run(directory, beside, { log_file, events: options.events });
        rates.get(name)!.push(rate);
      }
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  console.log(`Endpoints that answer after ${latency_ms} ms, median of ${options.rounds}:\n`);
  console.log("| endpoint | events/s | of one alone |");
  console.log("| --- | ---: | ---: |");
  const alone = median(rates.get(variants[0]!.name)!);
  for (const [name, measured] of rates) {
    const rate = median(measured);
    const share = ((100 * rate) / alone).toFixed(0);
    console.log(`| ${name} | ${Math.round(rate).toLocaleString("en-US")} | ${share} % |`);
  }
  console.log("");
}

async function run(
  directory: string,
  beside: string[] | "dead" | undefined,
  { log_file, events }: { log_file: string; events: number },
): Promise<number> {
  const sinks = [await SinkProcess.start(healthy)];
  if (beside !== undefined) sinks.push(await SinkProcess.start(beside === "dead" ? [] : beside));
  const urls = sinks.map(({ port }) => `http://127.0.0.1:${port}`);
  if (beside === "dead") await sinks.pop()!.stop();
  const state_dir = mkdtempSync(join(directory, "state-"));
  const config_file = join(state_dir, "config.yaml");
  const inputs = `inputs: { s3_audit: { paths: ["${log_file}"] } }`;
  const output = `output: { endpoints: ${JSON.stringify(urls)}, token: bench }`;
  writeFileSync(
    config_file,
    `state_dir: ${state_dir}\nlifecycle: { enabled: false }\n${inputs}\n${output}\n`,
  );
  const daemon = new DaemonProcess(config_file);
  let [arrived, first_at_ms, last_at_ms] = [0, Infinity, 0];
  while (arrived < events) {
    daemon.assertAlive();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const totals = await Promise.all(sinks.map((sink) => sink.totals()));
    arrived = totals.reduce((sum, each) => sum + each.events, 0);
    const busy = totals.filter((each) => each.events > 0);
    first_at_ms = Math.min(...busy.map((each) => each.first_at_ms));
    last_at_ms = Math.max(...busy.map((each) => each.last_at_ms));
  }
  await daemon.stop();
  await Promise.all(sinks.map((sink) => sink.stop()));
  return events / ((last_at_ms - first_at_ms) / 1000);
}
