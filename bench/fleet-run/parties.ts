/** Who takes part in the run: servers of NATS with the stream, agents, aggregators, and a sink in the place of Splunk. */
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { JetStreamManager, StreamInfo } from "@nats-io/jetstream";
import { NatsServers, type NatsServer } from "../../src/cli/demo/fleet/nats-servers.ts";
import {
  consumerConfigOf,
  default_plan,
  managerOf,
  streamConfigOf,
} from "../../src/platform/nats/stream.ts";
import { SinkProcess } from "../soak/processes.ts";
import { Member } from "./member.ts";

export interface Sizes {
  readonly agents: number;
  readonly aggregators: number;
  readonly batch_bytes: number;
  /** Of each agent. */
  readonly unconfirmed_bytes: number;
  readonly stream_bytes: number;
  /** How long the consumer waits for an aggregator. */
  readonly wait_ms: number;
  /** How long an agent waits for a receipt. */
  readonly receipt_timeout_ms: number;
}

const stream = "TALLY";
const look_ms = 100;
const patience_ms = 300_000;
const redact = { redact: { fields: ["requestHeader.Authorization"] } };

export class Parties {
  readonly servers: NatsServers;
  readonly sink: SinkProcess;
  readonly agents: readonly Member[];
  readonly aggregators: readonly Member[];
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;

  private constructor(
    own: Pick<Parties, "servers" | "sink" | "agents" | "aggregators">,
    connection: NatsConnection,
    manager: JetStreamManager,
  ) {
    this.servers = own.servers;
    this.sink = own.sink;
    this.agents = own.agents;
    this.aggregators = own.aggregators;
    this.#connection = connection;
    this.#manager = manager;
  }

  /** All run, and the stream is made. */
  static async start(directory: string, sizes: Sizes): Promise<Parties> {
    const servers = await NatsServers.start(directory, { count: 3, store_max: "8GB" });
    const sink = await SinkProcess.start();
    const { urls } = servers;
    const agents = named("agent", sizes.agents).map(
      (name) => new Member(directory, name, agentConfig(`${directory}/${name}`, name, urls, sizes)),
    );
    const aggregators = named("aggregator", sizes.aggregators).map(
      (name) => new Member(directory, name, aggregatorConfig(urls, sink.port, sizes)),
    );
    const connection = await connect({
      servers: urls,
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
    });
    const own = { servers, sink, agents, aggregators };
    const parties = new Parties(own, connection, await managerOf(connection));
    await parties.#makeStream(sizes);
    for (const member of parties.members) member.start();
    return parties;
  }

  get members(): readonly Member[] {
    return [...this.aggregators, ...this.agents];
  }

  /** Who leads the stream. */
  async leader(): Promise<NatsServer> {
    let name: string | undefined;
    await until(async () => (name = (await this.#info())?.cluster?.leader) !== undefined);
    return this.servers.of(name);
  }

  /** Resolves when all servers have the stream as it is. */
  async isWhole(): Promise<void> {
    await until(async () => {
      const replicas = (await this.#info())?.cluster?.replicas ?? [];
      return replicas.length === 2 && replicas.every(({ current }) => current);
    });
  }

  /** Resolves when so few messages are in the stream. */
  async holds(messages_max: number): Promise<void> {
    await until(async () => ((await this.#info())?.state.messages ?? Infinity) <= messages_max);
  }

  /** Events that agents have given out and no receipt has come for. */
  async inFlight(): Promise<number> {
    const each = await Promise.all(this.agents.map((agent) => agent.inFlight()));
    return each.reduce((sum, events) => sum + events, 0);
  }

  /** Ends all that is left. */
  async kill(): Promise<void> {
    await Promise.all(this.members.map((member) => member.end("SIGKILL")));
    await this.#connection.close();
    await this.servers.kill();
    this.sink.stop();
  }

  /** Undefined where nobody answers. */
  async #info(): Promise<StreamInfo | undefined> {
    try {
      return await this.#manager.streams.info(stream);
    } catch {
      return undefined;
    }
  }

  /** Servers that have just started do not find each other at once. */
  async #makeStream({ stream_bytes, wait_ms }: Sizes): Promise<void> {
    const plan = { ...default_plan, stream, prefix: "tally", bytes_max: stream_bytes, wait_ms };
    await until(async () => {
      try {
        await this.#manager.streams.add(streamConfigOf(plan));
        await this.#manager.consumers.add(stream, consumerConfigOf(plan));
        return true;
      } catch {
        return false;
      }
    });
  }
}

/** Throws where it lasts too long. */
export async function until(isDone: () => Promise<boolean>, most_ms = patience_ms): Promise<void> {
  for (const end_ms = performance.now() + most_ms; !(await isDone());) {
    if (performance.now() > end_ms) throw new Error("what is waited for does not come");
    await new Promise((resolve) => setTimeout(resolve, look_ms));
  }
}

function named(what: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `${what}-${number + 1}`);
}

function agentConfig(
  directory: string,
  agent: string,
  servers: readonly string[],
  { batch_bytes, unconfirmed_bytes, receipt_timeout_ms }: Sizes,
): object {
  return {
    inputs: { s3_audit: { paths: [`${directory}/audit.log`] } },
    chain: [redact],
    output: {
      type: "nats",
      servers,
      agent,
      batch: { max_bytes: `${batch_bytes}B` },
      max_unconfirmed: `${unconfirmed_bytes}B`,
      receipt_timeout: `${receipt_timeout_ms}ms`,
    },
  };
}

function aggregatorConfig(
  servers: readonly string[],
  port: number,
  { batch_bytes }: Sizes,
): object {
  return {
    inputs: { fleet: { type: "nats", servers } },
    output: {
      url: `http://127.0.0.1:${port}`,
      token: "bench",
      compression: "gzip",
      batch: { max_bytes: `${batch_bytes}B` },
    },
  };
}
