/** A fleet on loopback: real servers with the stream, and the configurations of agents and aggregators. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { JetStreamManager } from "@nats-io/jetstream";
import {
  consumerConfigOf,
  default_plan,
  managerOf,
  streamConfigOf,
} from "../../../src/platform/nats/stream.ts";
import { redact, writeConfig } from "../agent-config.ts";
import { Daemon } from "../daemon.ts";
import { eventually } from "../eventually.ts";
import { temporaryDirectory } from "../temporary.ts";
import { NatsCluster, type ClusterOptions } from "./cluster.ts";

export interface FleetOptions extends ClusterOptions {
  bytes_max?: number;
  wait_ms?: number;
}

export const stream = "TALLY";

export class Fleet {
  readonly cluster: NatsCluster;
  readonly manager: JetStreamManager;
  readonly #options: FleetOptions;
  readonly directory = temporaryDirectory();

  private constructor(cluster: NatsCluster, manager: JetStreamManager, options: FleetOptions) {
    this.cluster = cluster;
    this.manager = manager;
    this.#options = options;
  }

  static async start(options: FleetOptions = {}): Promise<Fleet> {
    const cluster = await NatsCluster.start(options);
    const manager = await managerOf(await cluster.connect());
    const fleet = new Fleet(cluster, manager, options);
    await fleet.setUp();
    return fleet;
  }

  /** Makes the stream and its consumer. */
  async setUp(): Promise<void> {
    const { servers = 3, bytes_max = 512 * 1024 ** 2, wait_ms = 4000 } = this.#options;
    const plan = {
      ...default_plan,
      stream,
      prefix: "tally",
      replicas: servers,
      bytes_max,
      wait_ms,
    };
    // Servers that have just started do not find each other at once.
    await eventually(async () => {
      try {
        await this.manager.streams.add(streamConfigOf(plan));
        await this.manager.consumers.add(stream, consumerConfigOf(plan));
        return true;
      } catch {
        return false;
      }
    });
  }

  /** Resolves when all servers have the stream as it is. */
  async isWhole(): Promise<void> {
    await eventually(async () => {
      const { cluster } = await this.manager.streams
        .info(stream)
        .catch(() => ({ cluster: undefined }));
      return cluster?.replicas?.length === 2 && cluster.replicas.every(({ current }) => current);
    });
  }

  /** Where an agent's files and state are. */
  folderOf(name: string): string {
    const folder = join(this.directory, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  configOf(name: string): string {
    return join(this.folderOf(name), "config.yaml");
  }

  /** The configuration of an agent that follows `audit.log` in its folder, or has other inputs. */
  agentConfig(name: string, more: { output?: string[]; inputs?: string[] } = {}): string {
    const directory = this.folderOf(name);
    const output = ["type: nats", this.#servers, `agent: ${name}`, ...(more.output ?? [])];
    return writeConfig({
      directory,
      url: "",
      paths: [join(directory, "audit.log")],
      chain: [redact],
      outputs: ["nats:", ...output.map((line) => `  ${line}`)],
      ...(more.inputs && { inputs: more.inputs }),
    });
  }

  aggregatorConfig(
    name: string,
    url: string,
    more: { output?: string[]; input?: string[]; chain?: string[] } = {},
  ): string {
    const input = ["type: nats", this.#servers, ...(more.input ?? [])];
    return writeConfig({
      directory: this.folderOf(name),
      url,
      inputs: ["fleet:", ...input.map((line) => `  ${line}`)],
      output: more.output ?? [],
      ...(more.chain && { chain: more.chain }),
    });
  }

  agent(name: string, more: { output?: string[]; inputs?: string[] } = {}): Promise<Daemon> {
    return Daemon.start(this.agentConfig(name, more));
  }

  aggregator(
    name: string,
    url: string,
    more: { output?: string[]; input?: string[]; chain?: string[] } = {},
  ): Promise<Daemon> {
    return Daemon.start(this.aggregatorConfig(name, url, more));
  }

  get #servers(): string {
    return `servers: ${JSON.stringify(this.cluster.urls)}`;
  }
}
