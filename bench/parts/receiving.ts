/**
 * Receiving: events over a UNIX socket, and single-event HTTP requests, journaled with `sync: always` and shipped.
 *
 * Sender, daemon and sink are processes of their own. The rate is from the first event sent to the last that arrived.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../test/support/servers/free-port.ts";
import { DaemonProcess, SinkProcess } from "../support/processes.ts";

const loader = new URL("../support/loader.ts", import.meta.url).pathname;
const socket_events = 500_000;
const hec_events = 100_000;
const hec_connections = 256;

interface Loaded {
  seconds: number;
  median_ms?: number;
  p99_ms?: number;
}

export async function measureReceiving(profile_directory: string | undefined): Promise<void> {
  console.log("Receiving, journaled and shipped:\n");
  console.log(
    "| input | events/s taken | events/s shipped | CPU s per GB | peak RSS MB | answer |",
  );
  console.log("| --- | ---: | ---: | ---: | ---: | --- |");
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  try {
    const path = join(directory, "audit.sock");
    await run(directory, profile_directory, {
      name: "socket",
      input: `{ type: socket, path: ${path} }`,
      events: socket_events - (socket_events % 64),
      target: ["socket", path, String(socket_events - (socket_events % 64))],
    });
    const port = await freePort();
    await run(directory, profile_directory, {
      name: `hec, one event a request, ${hec_connections} connections`,
      input: `{ type: hec, listen: "127.0.0.1:${port}", tokens: [bench] }`,
      events: hec_events,
      target: ["hec", String(port), String(hec_events), String(hec_connections)],
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  console.log("");
}

interface Load {
  name: string;
  /** The input's options, as YAML in one line. */
  input: string;
  events: number;
  /** The loader's arguments. */
  target: string[];
}

async function run(directory: string, profile: string | undefined, load: Load): Promise<void> {
  const sink = await SinkProcess.start();
  const config_file = join(directory, "config.yaml");
  writeFileSync(
    config_file,
    `state_dir: ${mkdtempSync(join(directory, "state-"))}\nlifecycle: { enabled: false }\ninputs: { events: ${load.input} }\n` +
      `output: { url: "http://127.0.0.1:${sink.port}", token: bench }\n`,
  );
  const flags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const daemon = new DaemonProcess(config_file, flags);
  await daemon.running();
  const begun_ms = performance.timeOrigin + performance.now();
  const { stdout } = await promisify(execFile)(process.execPath, [loader, ...load.target]);
  const loaded = JSON.parse(stdout) as Loaded;
  const totals = await sink.arrived(load.events, daemon);
  const { cpu_seconds, rss_peak_mb } = daemon.use();
  await daemon.stop();
  await sink.stop();
  const { seconds, median_ms, p99_ms } = loaded;
  const answer =
    median_ms === undefined
      ? ""
      : `median ${median_ms.toFixed(1)} ms, 99 % ${p99_ms!.toFixed(1)} ms`;
  const gigabytes = totals.bytes / 1e9;
  const cells = [
    load.name,
    perSecond(load.events, seconds),
    perSecond(load.events, (totals.last_at_ms - begun_ms) / 1000),
    (cpu_seconds / gigabytes).toFixed(1),
    rss_peak_mb.toFixed(0),
    answer,
  ];
  console.log(`| ${cells.join(" | ")} |`);
}

function perSecond(events: number, seconds: number): string {
  return Math.round(events / seconds).toLocaleString("en-US");
}
