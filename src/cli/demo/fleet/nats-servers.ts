/** Real servers of NATS on loopback, for as long as this process lasts. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { TallymanError } from "../../../platform/errors.ts";
import { atEnd } from "../../../platform/process/process-guard.ts";

/** Throws TallymanError demo_failed where it is not installed. */
export function requireNats(): void {
  const { error } = spawnSync("nats-server", ["--version"], { stdio: "ignore" });
  if (error === undefined) return;
  const message =
    "the demo of a fleet needs nats-server, which is not installed: apt-get install nats-server";
  throw new TallymanError("demo_failed", message, {}, { cause: error });
}

interface Place {
  readonly name: string;
  readonly port: number;
  readonly route: number;
}

export interface ServersOptions {
  readonly count: number;
  /** The most that each of them stores, in the words of its configuration. */
  readonly store_max: string;
}

const of_demo: ServersOptions = { count: 3, store_max: "1GB" };

export class NatsServers {
  readonly #servers: readonly NatsServer[];

  private constructor(servers: readonly NatsServer[]) {
    this.#servers = servers;
  }

  /** Started, and not ready yet. */
  static async start(
    directory: string,
    { count, store_max }: ServersOptions = of_demo,
  ): Promise<NatsServers> {
    const ports = await freePorts(2 * count);
    const places = Array.from({ length: count }, (_, number) => {
      return { name: `n${number + 1}`, port: ports[number * 2]!, route: ports[number * 2 + 1]! };
    });
    const servers = places.map(
      (place) => new NatsServer(place, { all: places, directory, store_max }),
    );
    for (const server of servers) server.start();
    return new NatsServers(servers);
  }

  get all(): readonly NatsServer[] {
    return this.#servers;
  }

  get urls(): string[] {
    return this.#servers.map(({ port }) => `nats://127.0.0.1:${port}`);
  }

  /** The one of that name; the first where nobody is called so. */
  of(name: string | undefined): NatsServer {
    return this.#servers.find((server) => server.name === name) ?? this.#servers[0]!;
  }

  async kill(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.kill()));
  }
}

interface Surroundings {
  readonly all: readonly Place[];
  readonly directory: string;
  readonly store_max: string;
}

export class NatsServer {
  readonly name: string;
  readonly port: number;
  readonly store: string;
  readonly #config: string;
  #child: ChildProcess | undefined;

  constructor({ name, port, route }: Place, { all, directory, store_max }: Surroundings) {
    this.name = name;
    this.port = port;
    this.store = join(directory, name);
    mkdirSync(this.store);
    this.#config = join(directory, `${name}.conf`);
    const routes = all.map((each) => `"nats://127.0.0.1:${each.route}"`).join(", ");
    const lines = [
      `server_name: ${name}`,
      `listen: "127.0.0.1:${port}"`,
      `jetstream { store_dir: "${this.store}", max_memory_store: 64MB, max_file_store: ${store_max} }`,
      all.length === 1
        ? ""
        : `cluster { name: demo, listen: "127.0.0.1:${route}", routes: [${routes}] }`,
    ];
    writeFileSync(this.#config, lines.join("\n"), { mode: 0o600 });
    atEnd(() => this.#child?.kill("SIGKILL"));
  }

  start(): void {
    // Ctrl-C in a terminal goes to a whole group, and the demo ends its servers itself.
    this.#child = spawn("nats-server", ["-c", this.#config], { stdio: "ignore", detached: true });
    this.#child.on("error", () => undefined);
  }

  /** SIGKILL, as a loss of power looks to the others; SIGTERM, as for an upgrade. */
  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}

/** Held until all are found, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await once(server.listen(0, "127.0.0.1"), "listening");
    ports.push((server.address() as AddressInfo).port);
  }
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
