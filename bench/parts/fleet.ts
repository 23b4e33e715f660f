/**
 * A fleet on loopback: an agent publishes a file with gzip to real nats-servers, and then an aggregator posts it to the sink. The agent
 * is beside one that posts to the sink itself, the aggregator beside those that look at every event.
 *
 * The agent's rate is from the first batch in the stream to the last. An aggregator's processor time is what it takes
 * from its first tenth of the events on, so that start-up is not in it.
 */
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { NatsServers } from "../../src/cli/demo/fleet/nats-servers.ts";
import {
  consumerConfigOf,
  default_plan,
  managerOf,
  streamConfigOf,
} from "../../src/platform/nats/stream.ts";
import { endProcess } from "../../src/platform/process/process-guard.ts";
import { DaemonProcess, SinkProcess } from "../support/processes.ts";
import { catchUp, median, writeEvents } from "./throughput.ts";

const redact = `- redact: { fields: ["requestHeader.Authorization"], with: "[REDACTED]" }`;
const gone = `- redact: { fields: ["requestHeader.X-None"], with: "[REDACTED]" }`;

interface Way {
  readonly name: string;
  readonly servers: number;
  readonly input: string;
  readonly chain: string;
  readonly compression: string;
}

const ways: readonly Way[] = [
  { name: "as it came", servers: 1, input: "", chain: "", compression: "gzip" },
  { name: "as it came, three servers", servers: 3, input: "", chain: "", compression: "gzip" },
  { name: "as it came, unpacked whole", servers: 1, input: "", chain: "", compression: "none" },
  {
    name: "every event read",
    servers: 1,
    input: "pass_through: false",
    chain: "",
    compression: "gzip",
  },
  { name: "a redact step", servers: 1, input: "", chain: gone, compression: "gzip" },
];

interface Run {
  readonly agent_rate: number;
  readonly agent_us: number;
  readonly aggregator_rate: number;
  readonly aggregator_us: number;
}

interface Facts {
  readonly directory: string;
  readonly log_file: string;
  readonly events: number;
  readonly flags: readonly string[];
}

export async function measureFleet(options: {
  events: number;
  rounds: number;
  variant: string | undefined;
  profile_directory: string | undefined;
}): Promise<void> {
  const { events, rounds, variant, profile_directory } = options;
  // The servers end with it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => endProcess(1));
  const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-"));
  const log_file = join(directory, "audit.log");
  const flags =
    profile_directory === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile_directory}`];
  const chosen = ways.filter(({ name }) => (variant ?? name) === name);
  const runs = new Map(chosen.map(({ name }) => [name, [] as Run[]]));
  const straight: { rate: number; us: number }[] = [];
  try {
    writeEvents(log_file, events);
    for (let round = 0; round < rounds; round += 1) {
      const direct = { name: "", chain: [redact], compression: "gzip" } as const;
      const facts = { log_file, expected: events, events, profile_directory: undefined };
      const { events_per_second: rate, cpu_seconds_per_gb } = await catchUp(
        directory,
        direct,
        facts,
      );
      const cpu_seconds = (cpu_seconds_per_gb * statSync(log_file).size) / 1e9;
      straight.push({ rate, us: (cpu_seconds / events) * 1e6 });
      for (const way of chosen)
        runs.get(way.name)!.push(await runOf(way, { directory, log_file, events, flags }));
    }
    print(runs, straight, options);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function runOf(way: Way, facts: Facts): Promise<Run> {
  const cluster = await Cluster.start(way.servers);
  try {
    const agent = await publish(cluster, facts);
    return { ...agent, ...(await deliver(way, cluster, facts)) };
  } finally {
    await cluster.stop();
  }
}

async function publish(
  { urls, connection }: Cluster,
  { directory, log_file, events, flags }: Facts,
): Promise<Pick<Run, "agent_rate" | "agent_us">> {
  const state_dir = mkdtempSync(join(directory, "agent-"));
  const config_file = join(state_dir, "config.yaml");
  const output = `{ type: nats, servers: ${JSON.stringify(urls)}, agent: bench, confirm: stream }`;
  writeFileSync(
    config_file,
    `state_dir: ${state_dir}
lifecycle: { enabled: false }
inputs: { s3_audit: { paths: ["${log_file}"] } }
chain:
  ${redact}
output: ${output}
`,
  );
  let [published, first_ms, last_ms] = [0, 0, 0];
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const subscription = connection.subscribe("tally.ev.>", {
    callback: (_, message) => {
      last_ms = performance.now();
      if (published === 0) first_ms = last_ms;
      published += Number(message.headers?.get("Tally-Count"));
      if (published >= events) resolve();
    },
  });
  await connection.flush();
  const agent = new DaemonProcess(config_file, [...flags]);
  await done;
  const { cpu_seconds } = agent.use();
  await agent.stop();
  subscription.unsubscribe();
  const seconds = (last_ms - first_ms) / 1000;
  return { agent_rate: events / seconds, agent_us: (cpu_seconds / events) * 1e6 };
}

async function deliver(
  { input, chain, compression }: Way,
  { urls }: Cluster,
  { directory, events, flags }: Facts,
): Promise<Pick<Run, "aggregator_rate" | "aggregator_us">> {
  const sink = await SinkProcess.start();
  const state_dir = mkdtempSync(join(directory, "aggregator-"));
  const config_file = join(state_dir, "config.yaml");
  writeFileSync(
    config_file,
    `state_dir: ${state_dir}
lifecycle: { enabled: false }
inputs:
  fleet:
    type: nats
    servers: ${JSON.stringify(urls)}
    ${input}
chain: ${chain === "" ? "[]" : `\n  ${chain}`}
output: { url: "http://127.0.0.1:${sink.port}", token: bench, compression: ${compression} }
`,
  );
  const aggregator = new DaemonProcess(config_file, [...flags]);
  const before = await sink.arrived(events / 10, aggregator);
  const begun_s = aggregator.use().cpu_seconds;
  const after = await sink.arrived(events, aggregator);
  const cpu_seconds = aggregator.use().cpu_seconds - begun_s;
  await aggregator.stop();
  await sink.stop();
  const seconds = (after.last_at_ms - after.first_at_ms) / 1000;
  const aggregator_us = (cpu_seconds / (events - before.events)) * 1e6;
  return { aggregator_rate: events / seconds, aggregator_us };
}

/** Servers with the stream in them. */
class Cluster {
  readonly connection: NatsConnection;
  readonly #servers: NatsServers;
  readonly #directory: string;

  private constructor(connection: NatsConnection, servers: NatsServers, directory: string) {
    this.connection = connection;
    this.#servers = servers;
    this.#directory = directory;
  }

  get urls(): readonly string[] {
    return this.#servers.urls;
  }

  static async start(servers: number): Promise<Cluster> {
    const directory = mkdtempSync(join(tmpdir(), "tallyman-bench-nats-"));
    const started = await NatsServers.start(directory, { count: servers, store_max: "4GB" });
    const connection = await connect({ servers: started.urls, waitOnFirstConnect: true });
    await makeStream(connection, servers);
    return new Cluster(connection, started, directory);
  }

  async stop(): Promise<void> {
    await this.connection.close();
    await this.#servers.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** Servers that have just started do not find each other at once. */
async function makeStream(connection: NatsConnection, replicas: number): Promise<void> {
  const plan = { ...default_plan, stream: "TALLY", prefix: "tally", replicas };
  const manager = await managerOf(connection);
  for (;;) {
    try {
      await manager.streams.add(streamConfigOf({ ...plan, bytes_max: 2 * 1024 ** 3 }));
      await manager.consumers.add("TALLY", consumerConfigOf(plan));
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function print(
  runs: ReadonlyMap<string, readonly Run[]>,
  straight: readonly { rate: number; us: number }[],
  { events, rounds }: { events: number; rounds: number },
): void {
  const whole = (figures: number[]): string => Math.round(median(figures)).toLocaleString("en-US");
  const short = (figures: number[]): string => median(figures).toFixed(2);
  console.log(`A fleet: ${events.toLocaleString("en-US")} events, median of ${rounds}:\n`);
  console.log(
    `An agent straight to the sink with gzip: ${whole(straight.map(({ rate }) => rate))} events/s, ` +
      `${short(straight.map(({ us }) => us))} µs of CPU an event.\n`,
  );
  console.log(
    "| aggregator | agent, events/s | beside straight | CPU µs an event | beside straight | aggregator, events/s | CPU µs an event |",
  );
  console.log("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const [name, own] of runs) {
    const cells = [
      name,
      whole(own.map((run) => run.agent_rate)),
      short(own.map((run, round) => run.agent_rate / straight[round]!.rate)),
      short(own.map((run) => run.agent_us)),
      short(own.map((run, round) => run.agent_us / straight[round]!.us)),
      whole(own.map((run) => run.aggregator_rate)),
      short(own.map((run) => run.aggregator_us)),
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
  console.log("");
}
