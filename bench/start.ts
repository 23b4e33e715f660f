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
import { wekaEvent } from "../src/cli/demo/weka-events.ts";
import { main } from "./processes.ts";

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

export async function measureStart(rounds: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const delivery = new FirstDelivery();
  const config_file = join(directory, "config.yaml");
  writeConfig(directory, config_file, await delivery.listen());
  const resident_mb: number[] = [];
  const measures: Record<string, Measure> = {
    "node -e 0": () => timeOf(["-e", "0"]),
    "--version": () => timeOf([...node_flags, main, "--version"]),
    check: () => timeOf([...node_flags, main, "check", "-c", config_file]),
    "run, to the first delivery": async () => {
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
      resident_mb.push(residentOf(agent));
      agent.kill("SIGTERM");
      await once(agent, "close");
      return took_ms;
    },
  };
  try {
    const times = new Map(Object.keys(measures).map((name) => [name, [] as number[]]));
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, measure] of Object.entries(measures))
        times.get(name)!.push(await measure());
    }
    print(times, resident_mb);
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

function print(times: ReadonlyMap<string, number[]>, resident_mb: readonly number[]): void {
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

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
}
