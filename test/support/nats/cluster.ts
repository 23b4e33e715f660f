/**
 * Real nats-server processes on loopback, with a store each, that a test can kill, start again and rob of their stores. They end
 * with the test.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { once } from "node:events";
import { connect, type NatsConnection, type NodeConnectionOptions } from "@nats-io/transport-node";
import { onTestFinished } from "vitest";
import { eventually } from "../eventually.ts";
import { freePort } from "../servers/free-port.ts";
import { isInstalled } from "../commands.ts";
import { temporaryDirectory } from "../temporary.ts";

export const has_nats = isInstalled("nats-server");

export interface ClusterOptions {
  servers?: number;
  /** Added to the configuration of each. */
  more?: string;
  /** What a test's own client says when it connects. */
  client?: NodeConnectionOptions;
}

interface ServerPlace {
  readonly name: string;
  readonly port: number;
  readonly route: number;
}

export class NatsCluster {
  readonly servers: NatsServer[];
  readonly #client: ClusterOptions["client"];

  private constructor(servers: NatsServer[], client: ClusterOptions["client"]) {
    this.servers = servers;
    this.#client = client;
  }

  /** Starts all, and waits until streams can be made. */
  static async start({
    servers = 3,
    more = "",
    client,
  }: ClusterOptions = {}): Promise<NatsCluster> {
    const places: ServerPlace[] = [];
    for (let number = 0; number < servers; number += 1) {
      places.push({ name: `n${number + 1}`, port: await freePort(), route: await freePort() });
    }
    const made = places.map((place) => new NatsServer(place, places, more));
    const cluster = new NatsCluster(made, client);
    for (const server of made) server.start();
    await cluster.ready();
    return cluster;
  }

  get urls(): string[] {
    return this.servers.map(
      ({ port }) => `${this.#client?.tls ? "tls" : "nats"}://127.0.0.1:${port}`,
    );
  }

  /** A client of the test's own, which ends with it. */
  async connect(more: object = {}): Promise<NatsConnection> {
    const connection = await connect({
      servers: this.servers.map(({ port }) => `127.0.0.1:${port}`),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      waitOnFirstConnect: true,
      ...this.#client,
      ...more,
    });
    onTestFinished(() => connection.close());
    return connection;
  }

  /** Resolves when JetStream answers. */
  async ready(): Promise<void> {
    const connection = await this.connect();
    await eventually(async () => {
      const answer = await ask<{ error?: unknown }>(connection, "$JS.API.INFO");
      return answer !== undefined && answer.error === undefined;
    });
    await connection.close();
  }

  /** The server that leads a stream. */
  async leaderOf(stream: string): Promise<NatsServer> {
    const connection = await this.connect();
    let leader: NatsServer | undefined;
    await eventually(async () => {
      const subject = `$JS.API.STREAM.INFO.${stream}`;
      const answer = await ask<{ cluster?: { leader?: string } }>(connection, subject);
      leader = this.servers.find(({ name }) => name === answer?.cluster?.leader);
      return leader !== undefined;
    });
    await connection.close();
    return leader!;
  }
}

/** Undefined where nobody answers. */
async function ask<Answer>(
  connection: NatsConnection,
  subject: string,
): Promise<Answer | undefined> {
  try {
    return (await connection.request(subject, "", { timeout: 500 })).json<Answer>();
  } catch {
    return undefined;
  }
}

export class NatsServer {
  readonly name: string;
  readonly port: number;
  readonly store = join(temporaryDirectory(), "store");
  readonly #config = join(temporaryDirectory(), "nats.conf");
  #child: ChildProcess | undefined;

  constructor({ name, port, route }: ServerPlace, all: readonly ServerPlace[], more: string) {
    this.name = name;
    this.port = port;
    mkdirSync(this.store, { recursive: true });
    const routes = all.map((each) => `"nats://127.0.0.1:${each.route}"`).join(", ");
    const cluster =
      all.length === 1
        ? ""
        : `cluster { name: fleet, listen: "127.0.0.1:${route}", routes: [${routes}] }`;
    const jetstream = `jetstream { store_dir: "${this.store}", max_memory_store: 64MB, max_file_store: 2GB }`;
    const lines = [`server_name: ${name}`, `listen: "127.0.0.1:${port}"`, jetstream, cluster, more];
    writeFileSync(this.#config, lines.join("\n"));
    onTestFinished(() => this.kill());
  }

  start(): void {
    this.#child = spawn("nats-server", ["-c", this.#config], { stdio: "ignore" });
  }

  /** SIGKILL, as a loss of power looks to the others; SIGTERM, as for an upgrade. */
  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** What it stored is gone. Comes after `kill`. */
  loseStore(): void {
    rmSync(this.store, { recursive: true, force: true });
    mkdirSync(this.store, { recursive: true });
  }
}
