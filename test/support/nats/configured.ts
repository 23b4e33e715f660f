/** A fleet that takes its configuration from a bucket: one real server, keys, and the files of agents and of whoever pushes. */
import assert from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Status } from "../../../src/admin/status/status.ts";
import {
  sha256Of,
  signConfiguration,
  type Configuration,
} from "../../../src/config/fleet/signed.ts";
import { readSigningKey } from "../../../src/cli/fleet/signing-key.ts";
import { tallyman, type Ended } from "../command-line.ts";
import { Daemon } from "../daemon.ts";
import { freePort } from "../servers/free-port.ts";
import { temporaryDirectory } from "../temporary.ts";
import { answered } from "./sending.ts";
import { NatsCluster, type ClusterOptions } from "./cluster.ts";

export const config_subject = "$KV.TALLY_CONFIG.web";

export function stateOf(folder: string): string {
  return join(folder, "state");
}

/** What the running agent with this file says of itself. */
export async function statusOf(file: string): Promise<Status> {
  return JSON.parse((await tallyman(["status", "-c", file, "--json"])).out) as Status;
}

export interface ConfiguredOptions extends ClusterOptions {
  /** Options of the fleet in the file of whoever pushes. */
  operator?: readonly string[];
}

interface ConfiguredFacts {
  readonly key: string;
  readonly pin: string;
  readonly operator: readonly string[];
  readonly monitor: string;
}

export class ConfiguredFleet {
  readonly directory = temporaryDirectory();
  readonly cluster: NatsCluster;
  readonly connection: NatsConnection;
  readonly key: string;
  readonly #pin: string;
  readonly #operator: readonly string[];
  /** Where a single server says what its clients do. */
  readonly #monitor: string;

  private constructor(
    cluster: NatsCluster,
    connection: NatsConnection,
    { key, pin, operator, monitor }: ConfiguredFacts,
  ) {
    this.cluster = cluster;
    this.connection = connection;
    this.key = key;
    this.#pin = pin;
    this.#operator = operator;
    this.#monitor = monitor;
  }

  /** With its buckets, on so many servers as there are. */
  static async start(options: ConfiguredOptions = {}): Promise<ConfiguredFleet> {
    const { servers = 1, operator = [] } = options;
    const monitor = await freePort();
    const more = servers === 1 ? { more: `http: "127.0.0.1:${monitor}"` } : {};
    const cluster = await NatsCluster.start({ ...more, ...options, servers });
    const key = join(temporaryDirectory(), "ops.key");
    const { out } = await tallyman(["fleet", "key", key, "--name", "ops"]);
    const connection = await cluster.connect();
    const fleet = new ConfiguredFleet(cluster, connection, {
      key,
      pin: out.trim(),
      operator,
      monitor: `http://127.0.0.1:${monitor}`,
    });
    const { status, err } = await fleet.command("setup", "--replicas", `${servers}`);
    // Replicas on one server could lose events, and are said to.
    assert.ok(status === 0 || servers === 1, `the buckets are not there: ${err}`);
    return fleet;
  }

  /** The file of an agent, which has an output and no inputs of its own; `more` begins with options of its fleet. */
  fileOf(name: string, more: readonly string[] = []): string {
    const folder = this.folderOf(name);
    const file = join(folder, "config.yaml");
    const lines = [
      `state_dir: ${stateOf(folder)}`,
      "lifecycle: { enabled: false }",
      `output: { type: file, path: ${join(folder, "out.log")} }`,
      "fleet:",
      `  servers: ${JSON.stringify(this.cluster.urls)}`,
      `  agent: ${name}`,
      "  group: web",
      "  every: 1s",
      `  signed_by: ["${this.#pin}"]`,
      `  paths: ["${this.directory}", /var/log]`,
      ...more,
    ];
    writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
    return file;
  }

  folderOf(name: string): string {
    const folder = join(this.directory, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  agent(name: string, more: readonly string[] = []): Promise<Daemon> {
    return Daemon.start(this.fileOf(name, more));
  }

  /** A configuration for the group in a file; `text` is its YAML. */
  write(text: string): string {
    const file = join(this.folderOf("pushed"), "web.yaml");
    writeFileSync(file, text);
    return file;
  }

  /** `tallyman fleet …` with the file of somebody who pushes. */
  command(...words: string[]): Promise<Ended> {
    return tallyman(["fleet", ...words, "-c", this.fileOf("operator", this.#operator)]);
  }

  push(text: string, ...more: string[]): Promise<Ended> {
    return this.command("push", this.write(text), "--key", this.key, "--yes", ...more);
  }

  /** A note, signed by the fleet's key or another. */
  sign(given: Partial<Configuration> & { yaml: string }, key_file = this.key): string {
    const { key, private_key } = readSigningKey(key_file);
    const time = new Date().toISOString();
    const whole = { group: "web", serial: 1, time, sha256: sha256Of(given.yaml), ...given };
    return signConfiguration(whole, key, private_key);
  }

  /** Puts anything into the bucket, as who may write there and has no key. */
  async put(value: string | Uint8Array, subject = config_subject): Promise<void> {
    await answered(this.connection, subject, value);
  }

  /** What clients of the server are subscribed to. */
  async subjects(): Promise<string[]> {
    const answer = await fetch(`${this.#monitor}/connz?subs=1`);
    const { connections } = (await answer.json()) as {
      connections: { subscriptions_list?: string[] }[];
    };
    return connections.flatMap(({ subscriptions_list = [] }) => subscriptions_list);
  }

  /** What the bucket has. */
  async note(): Promise<string> {
    const subject = `$JS.API.DIRECT.GET.KV_TALLY_CONFIG.${config_subject}`;
    return (await answered(this.connection, subject)).string();
  }
}
