/**
 * The proof as a whole, with many events: four files, each a lane, are shipped through crashes, reloads and an outage that repeats
 * events; then `tallyman verify` says whether what the sink has is all that was sealed.
 *
 *     node bench/proof-run/run.ts [--events 10000000] [--keep]
 *
 * It takes about 2.3 KB of disk for each event. Ends with 1 where something is missing, or verify is not clean.
 */
import { spawn, fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { askStatus } from "../../test/support/reports/metrics.ts";
import { main, useOf } from "../support/processes.ts";
import { writeEvents } from "../parts/throughput.ts";
import type { SinkMode } from "./sink.ts";

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "10000000" },
    /** Leaves the directory behind, to look into. */
    keep: { type: "boolean", default: false },
  },
});
const lanes = 4;
const events = Math.ceil(Number(values.events) / lanes) * lanes;
const outage_ms = 5000;
const look_ms = 200;

/** What happens when so many events, as a part of all, are delivered. */
const incidents: readonly [part: number, incident: "crash" | "reload" | "outage"][] = [
  [0.15, "crash"],
  [0.3, "reload"],
  [0.4, "outage"],
  [0.55, "crash"],
  [0.7, "reload"],
  [0.85, "crash"],
];

class Run {
  readonly #directory: string;
  readonly #sink: ChildProcess;
  readonly #port: number;
  #agent: ChildProcess | undefined;
  #reloads = 0;

  constructor(directory: string, sink: ChildProcess, port: number) {
    this.#directory = directory;
    this.#sink = sink;
    this.#port = port;
  }

  get config(): string {
    return join(this.#directory, "config.yaml");
  }

  get export(): string {
    return join(this.#directory, "export.jsonl");
  }

  /** Each reload has another configuration. */
  configure(): void {
    const settings = {
      state_dir: join(this.#directory, "state"),
      proof: { enabled: true, interval: "10s" },
      inputs: { audit: { paths: [join(this.#directory, "audit-*.log")] } },
      chain: [{ redact: { fields: ["requestHeader.Authorization"] } }],
      output: {
        url: `http://127.0.0.1:${this.#port}`,
        token: "bench",
        compression: "none",
        batch: { max_bytes: `${512 + 64 * this.#reloads}KiB` },
      },
    };
    writeFileSync(this.config, JSON.stringify(settings));
  }

  start(): void {
    this.#agent = spawn(process.execPath, [main, "run", "-c", this.config], {
      stdio: ["ignore", "ignore", "ignore"],
    });
  }

  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const ended = once(this.#agent!, "exit");
    this.#agent!.kill(signal);
    await ended;
  }

  async incident(kind: "crash" | "reload" | "outage"): Promise<void> {
    if (kind === "crash") {
      await this.end("SIGKILL");
      return this.start();
    }
    if (kind === "reload") {
      this.#reloads += 1;
      this.configure();
      this.#agent!.kill("SIGHUP");
      return;
    }
    for (const mode of ["reset", "busy", "normal"] as const satisfies SinkMode[]) {
      this.#sink.send(mode);
      if (mode !== "normal") await pause(outage_ms / 2);
    }
  }

  /** Events that are delivered by the books; undefined while nobody answers. */
  async delivered(): Promise<number | undefined> {
    const socket = join(this.#directory, "state", "admin.sock");
    if (this.#agent!.exitCode !== null) throw new Error("the agent has ended");
    if (!existsSync(socket)) return undefined;
    try {
      const { inputs } = (await askStatus(socket)).books;
      return inputs["audit"] === undefined
        ? undefined
        : Object.values(inputs["audit"].delivered).reduce((sum, each) => sum + each, 0);
    } catch {
      return undefined;
    }
  }
}

function pause(time_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time_ms));
}

/** What a command of tallyman prints, its exit status and the most that it held, in MB. */
async function tallyman(
  ...words: string[]
): Promise<{ out: string; status: number; peak_mb: number }> {
  const child = spawn(process.execPath, [main, ...words], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close") as Promise<[number]>;
  let [out, peak_mb] = ["", 0];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  const looking = setInterval(() => {
    try {
      peak_mb = Math.max(peak_mb, useOf(child.pid!).rss_peak_mb);
    } catch {
      // It has just ended.
    }
  }, look_ms);
  const [status] = await closed;
  clearInterval(looking);
  return { out, status, peak_mb };
}

async function ship(run: Run): Promise<void> {
  run.start();
  const left = [...incidents];
  for (let delivered: number | undefined = 0; delivered !== events;) {
    await pause(look_ms);
    delivered = await run.delivered();
    const [next] = left;
    if (next === undefined || delivered === undefined || delivered < next[0] * events) continue;
    console.log(`${delivered.toLocaleString("en-US")} delivered: ${next[1]}`);
    left.shift();
    await run.incident(next[1]);
  }
  if (left.length > 0) throw new Error(`${left.length} incidents came too late`);
  await run.end("SIGTERM");
}

async function prove(directory: string): Promise<boolean> {
  for (let lane = 0; lane < lanes; lane += 1)
    writeEvents(join(directory, `audit-${lane}.log`), events / lanes);
  const script = new URL("sink.ts", import.meta.url).pathname;
  const sink = fork(script, [join(directory, "export.jsonl")]);
  const [port] = (await once(sink, "message")) as [number];
  const run = new Run(directory, sink, port);
  run.configure();
  const { out: root } = await tallyman("proof", "init", "-c", run.config);
  const started_ms = performance.now();
  await ship(run);
  sink.disconnect();
  const shipped_s = (performance.now() - started_ms) / 1000;
  const bytes = statSync(run.export).size;
  console.log(`Shipped in ${shipped_s.toFixed(0)} s; the sink has ${(bytes / 1e9).toFixed(2)} GB.`);
  const verify_ms = performance.now();
  const [fingerprint = ""] = root.split("\n");
  const { out, status, peak_mb } = await tallyman("verify", "--root", fingerprint, run.export);
  const seconds = (performance.now() - verify_ms) / 1000;
  console.log(out);
  const rate = Math.round(events / seconds).toLocaleString("en-US");
  console.log(
    `verify: ${seconds.toFixed(0)} s, ${rate} events/s, ${peak_mb.toFixed(0)} MB at most.`,
  );
  return status === 0;
}

const directory = mkdtempSync(join(tmpdir(), "tallyman-proof-"));
try {
  process.exitCode = (await prove(directory)) ? 0 : 1;
} finally {
  if (values.keep) console.log(`Left behind: ${directory}`);
  else rmSync(directory, { recursive: true, force: true });
}
