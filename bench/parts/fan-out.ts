/**
 * The memory of an agent with ten inputs and six outputs with gzip, each with its buffer, while it catches up with all of them:
 * whether it grows with the events that have passed.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DaemonProcess, SinkProcess } from "../support/processes.ts";
import { median, writeEvents } from "./throughput.ts";

const inputs = 10;
const operations = ["PutObject", "GetObject", "HeadObject", "DeleteObject", "ListObjectsV2"];
/** One for each operation, and the default one. */
const outputs = operations.length + 1;
const sample_ms = 200;
const parts = 4;

export async function measureFanOut({ events }: { readonly events: number }): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const sink = await SinkProcess.start();
  const config_file = join(directory, "config.yaml");
  const each = Math.ceil(events / inputs);
  const all = each * inputs;
  const logs = Array.from({ length: inputs }, (_, input) => join(directory, `audit-${input}.log`));
  writeEvents(logs[0]!, each);
  for (const log of logs.slice(1)) copyFileSync(logs[0]!, log);
  writeFileSync(config_file, configText(directory, logs, sink.port));
  const daemon = new DaemonProcess(config_file);
  const samples: [arrived: number, resident_mb: number][] = [];
  try {
    await daemon.running();
    for (let arrived = 0; arrived < all;) {
      await new Promise((resolve) => setTimeout(resolve, sample_ms));
      daemon.assertAlive();
      arrived = (await sink.totals()).events;
      samples.push([arrived, residentOf(daemon.pid)]);
    }
    print(samples, all, daemon.use().rss_peak_mb);
  } finally {
    await daemon.stop();
    await sink.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

function print(samples: readonly [number, number][], all: number, peak_mb: number): void {
  const count = all.toLocaleString("en-US");
  console.log(
    `${inputs} inputs, ${outputs} outputs with gzip, ${count} events; resident memory, MB:\n`,
  );
  console.log("| events that have arrived | median | most |");
  console.log("| --- | ---: | ---: |");
  for (let part = 0; part < parts; part += 1) {
    const [from, to] = [(part / parts) * all, ((part + 1) / parts) * all];
    const within = samples.flatMap(([arrived, mb]) =>
      arrived > from && arrived <= to ? [mb] : [],
    );
    if (within.length === 0) continue;
    const figures = [median([...within]), Math.max(...within)].map((mb) => mb.toFixed(0));
    console.log(`| to ${Math.round(to).toLocaleString("en-US")} | ${figures.join(" | ")} |`);
  }
  console.log(`\nThe most at any moment: ${peak_mb.toFixed(0)} MB.\n`);
}

function residentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
}

function configText(directory: string, logs: readonly string[], port: number): string {
  const output = { url: `http://127.0.0.1:${port}`, token: "bench", compression: "gzip" };
  return JSON.stringify({
    state_dir: join(directory, "state"),
    lifecycle: { enabled: false },
    inputs: Object.fromEntries(logs.map((log, input) => [`audit_${input}`, { paths: [log] }])),
    chain: operations.map((operation, number) => ({
      route: { to: `splunk_${number + 1}` },
      when: `api.name == "${operation}"`,
      name: `route_${number}`,
    })),
    outputs: Object.fromEntries(
      Array.from({ length: outputs }, (_, number) => [`splunk_${number}`, output]),
    ),
  });
}
