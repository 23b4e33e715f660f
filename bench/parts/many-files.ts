/**
 * Many files: what it costs to follow them while nearly all are idle. The time until what they hold is delivered, memory and
 * processor time at rest, the time from a write into ten of them to the arrival, and what a start with all of them takes.
 *
 * With another program beside this one, such as that of the commit before, both do the same in turn.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";
import { main } from "../support/processes.ts";

export interface ManyFilesOptions {
  /** How many files, one case for each. */
  readonly counts: readonly number[];
  /** Another program to compare with. */
  readonly beside: string | undefined;
}

const directories_count = 200;
const written_count = 10;
const rest_ms = 10_000;
const wait_ms_max = 600_000;
const clock_ticks_per_second = 100;

interface Figures {
  readonly [name: string]: string;
}

export async function measureManyFiles({ counts, beside }: ManyFilesOptions): Promise<void> {
  for (const count of counts) {
    const programs = [...(beside === undefined ? [] : [beside]), main];
    for (const program of programs) {
      console.log(`Many files: ${count.toLocaleString("en")}, ${program}`);
      for (const [name, value] of Object.entries(await measure(program, count)))
        console.log(`  ${name.padEnd(44)} ${value.padStart(12)}`);
      console.log();
    }
  }
}

async function measure(program: string, count: number): Promise<Figures> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const sink = new Sink();
  try {
    const paths = makeFiles(directory, count);
    const config_file = join(directory, "config.yaml");
    writeConfig(directory, config_file, await sink.listen());
    const figures: Record<string, string> = {};
    let agent = new FollowingAgent(program, config_file);
    const backlog_ms = await sink.until(count, agent);
    figures["backlog delivered after"] = seconds(backlog_ms);
    figures["processor time until then"] = seconds(agent.cpu_ms());
    await atRest(agent, figures, "");
    figures["state on the disk"] = `${(sizeBelow(join(directory, "state")) / 1e6).toFixed(1)} MB`;
    figures["arrival after a write"] = seconds(await writeSome(paths, sink, agent));
    figures["stop"] = seconds(await agent.stop());
    const began_ms = performance.now();
    agent = new FollowingAgent(program, config_file);
    await writeSome(paths, sink, agent);
    figures["start, until a new event has arrived"] = seconds(performance.now() - began_ms);
    await agent.running();
    figures["start, until it runs"] = seconds(performance.now() - began_ms);
    figures["processor time of the start"] = seconds(agent.cpu_ms());
    await atRest(agent, figures, ", after the start");
    await agent.stop();
    return figures;
  } finally {
    sink.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function atRest(
  agent: FollowingAgent,
  figures: Record<string, string>,
  when: string,
): Promise<void> {
  await pause(rest_ms);
  const before_ms = agent.cpu_ms();
  await pause(rest_ms);
  const share = (agent.cpu_ms() - before_ms) / rest_ms;
  figures[`processor at rest${when}`] = `${(share * 100).toFixed(1)} %`;
  figures[`resident at rest${when}`] = `${agent.resident_mb().toFixed(0)} MB`;
}

/** One event into each of some files, and how long it takes until all have arrived. */
async function writeSome(
  paths: readonly string[],
  sink: Sink,
  agent: FollowingAgent,
): Promise<number> {
  const expected = sink.events + written_count;
  const step = Math.floor(paths.length / written_count);
  for (let n = 0; n < written_count; n += 1) {
    appendFileSync(paths[n * step]!, `${wekaEvent(n)}\n`);
  }
  return sink.until(expected, agent);
}

/** One event in each file, in directories of the same size. */
function makeFiles(directory: string, count: number): string[] {
  const paths: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const folder = join(directory, "logs", `bucket-${number % directories_count}`);
    if (number < directories_count) mkdirSync(folder, { recursive: true });
    const path = join(folder, `audit-${number}.log`);
    writeFileSync(path, `${wekaEvent(number)}\n`);
    paths.push(path);
  }
  return paths;
}

function writeConfig(directory: string, config_file: string, port: number): void {
  writeFileSync(
    config_file,
    `state_dir: ${directory}/state
lifecycle: { enabled: false }
inputs: { audit: { paths: ["${directory}/logs/*/*.log"], start_at: beginning } }
output: { url: "http://127.0.0.1:${port}", token: bench, compression: none }
`,
  );
}

/** Counts the events that arrive. */
class Sink {
  events = 0;
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (bytes: Buffer) => chunks.push(bytes));
    request.on("end", () => {
      this.events += Buffer.concat(chunks).toString("latin1").split('"event":').length - 1;
      response.end('{"text":"Success","code":0}');
    });
  });

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves with how long it took from now on. */
  async until(events: number, agent: FollowingAgent): Promise<number> {
    const began_ms = performance.now();
    while (this.events < events) {
      agent.assertAlive();
      if (performance.now() - began_ms > wait_ms_max)
        throw new Error(`${this.events} of ${events} events have arrived`);
      await pause(20);
    }
    return performance.now() - began_ms;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

class FollowingAgent {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #log = "";

  constructor(program: string, config_file: string) {
    const flags = process.env["TALLYMAN_BENCH_FLAGS"]?.split(" ") ?? [];
    const args = [...flags, "--disable-sigusr1", program, "run", "-c", config_file];
    this.#child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#log = (this.#log + text).slice(-100_000);
    });
    this.#closed = once(this.#child, "close");
  }

  async running(): Promise<void> {
    while (!this.#log.includes('"code":"running"')) {
      this.assertAlive();
      await pause(5);
    }
  }

  cpu_ms(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / clock_ticks_per_second;
  }

  resident_mb(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
  }

  assertAlive(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) return;
    throw new Error(`the agent has ended:\n${this.#log}`);
  }

  async stop(): Promise<number> {
    const began_ms = performance.now();
    this.#child.kill("SIGTERM");
    await this.#closed;
    return performance.now() - began_ms;
  }
}

function sizeBelow(directory: string): number {
  let bytes = 0;
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" }))
    bytes += statSync(join(directory, name)).size;
  return bytes;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
