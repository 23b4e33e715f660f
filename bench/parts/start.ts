/**
 * What a start costs, beside `node -e 0`: `--version`, `check`, from the start of `run` to the first delivery, and the
 * resident memory of an agent at rest that follows one file.
 *
 * All are measured in turn in the same run, so that a busy machine is as slow for each: the ratio says more than the time.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { main, useOf } from "../support/processes.ts";
import { median } from "./throughput.ts";

/** As the first line of the program has it. */
const node_flags = ["--disable-sigusr1"];
/** After its first delivery, the agent is at rest. */
const settle_ms = 3000;
const wait_ms_max = 60_000;

/** Where an event is delivered to; it says when the first request has come. */
class FirstDelivery {
  readonly #server = createServer((request, response) => {
    request.resume().on("end", () => {
      response.end('{"text":"Success","code":0}');
      this.#arrived.resolve();
    });
  });
  #arrived = Promise.withResolvers<void>();

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  next(): Promise<void> {
    this.#arrived = Promise.withResolvers<void>();
    return this.#arrived.promise;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** A start, measured in one way. */
type Measure = () => Promise<number> | number;

/** By what was started, how long each start took; and of the agent at rest, its memory and the share of a core that it took. */
export interface Starts {
  readonly times_ms: ReadonlyMap<string, number[]>;
  readonly resident_mb: number[];
  readonly cpu_shares: number[];
}

export const to_first_delivery = "run, to the first delivery";

export async function measureStart(rounds: number): Promise<void> {
  print(await startsOf({ rounds, rest_ms: 0 }));
}

/** With `rest_ms`, the agent stays at rest for so long, and its processor time is taken. */
export async function startsOf(options: { rounds: number; rest_ms: number }): Promise<Starts> {
  const { rounds, rest_ms } = options;
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const delivery = new FirstDelivery();
  const config_file = join(directory, "config.yaml");
  writeConfig(directory, config_file, await delivery.listen());
  const resident_mb: number[] = [];
  const cpu_shares: number[] = [];
  const measures: Record<string, Measure> = {
    "node -e 0": () => timeOf(["-e", "0"]),
    "--version": () => timeOf([...node_flags, main, "--version"]),
    check: () => timeOf([...node_flags, main, "check", "-c", config_file]),
    [to_first_delivery]: async () => {
      rmSync(join(directory, "state"), { recursive: true, force: true });
      const first = delivery.next();
      const started_ms = performance.now();
      const args = [...node_flags, main, "run", "-c", config_file];
      const agent = spawn(process.execPath, args, { stdio: "ignore" });
      const late = AbortSignal.timeout(wait_ms_max);
      await Promise.race([first, once(late, "abort").then(() => agent.kill("SIGKILL"))]);
      const took_ms = performance.now() - started_ms;
      if (late.aborted) throw new Error("the agent has delivered nothing");
      await new Promise((resolve) => setTimeout(resolve, settle_ms));
      const before = useOf(agent.pid!).cpu_seconds;
      await new Promise((resolve) => setTimeout(resolve, rest_ms));
      const used = useOf(agent.pid!).cpu_seconds - before;
      if (rest_ms > 0) cpu_shares.push((1000 * used) / rest_ms);
      resident_mb.push(residentOf(agent));
      agent.kill("SIGTERM");
      await once(agent, "close");
      return took_ms;
    },
  };
  try {
    const times_ms = new Map(Object.keys(measures).map((name) => [name, [] as number[]]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, measure] of Object.entries(measures))
        times_ms.get(name)!.push(await measure());
    }
    return { times_ms, resident_mb, cpu_shares };
  } finally {
    delivery.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** One file with one event, and a chain as the demo's. */
function writeConfig(directory: string, config_file: string, port: number): void {
  mkdirSync(join(directory, "logs"));
  const log_file = join(directory, "logs", "audit.log");
  writeFileSync(log_file, `${wekaEvent(1)}\n`);
  writeFileSync(
    config_file,
    `state_dir: ${directory}/state
lifecycle: { enabled: false }
inputs: { audit: { paths: ["${log_file}"], start_at: beginning } }
chain:
  - filter: { drop: 'api.name == "HeadObject" && api.statusCode == 200' }
  - redact: { fields: ["requestHeader.Authorization"], with: "[REDACTED]" }
output: { url: "http://127.0.0.1:${port}", token: bench }
`,
  );
}

function timeOf(args: string[]): number {
  const started_ms = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
  return performance.now() - started_ms;
}

function residentOf({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
}

function print({ times_ms: times, resident_mb }: Starts): void {
  console.log(`Start: medians of ${resident_mb.length} runs, each beside the others`);
  const base_ms = median(times.get("node -e 0")!);
  for (const [name, each] of times) {
    const ms = median(each);
    const ratio = (ms / base_ms).toFixed(1);
    console.log(`  ${name.padEnd(28)} ${ms.toFixed(0).padStart(6)} ms  ${ratio.padStart(5)} ×`);
  }
  console.log(
    `  ${"resident at rest".padEnd(28)} ${median(resident_mb).toFixed(0).padStart(6)} MB\n`,
  );
}
