/** A container of an image that umoci has unpacked, run by runc: what it may write, as whom it runs, and what is mounted. */
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { isInstalled } from "../commands.ts";
import { Daemon } from "../daemon.ts";
import { temporaryDirectory } from "../temporary.ts";

export interface Mount {
  /** On this machine. */
  readonly source: string;
  readonly destination: string;
  readonly read_only: boolean;
}

export interface ContainerOptions {
  /** What umoci has unpacked. */
  readonly bundle: string;
  /** What stands behind the image's entrypoint. Default: what the image says. */
  readonly args?: readonly string[];
  /** User and group. Default: the image's. */
  readonly user?: number;
  readonly capabilities?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly mounts?: readonly Mount[];
}

/** What this reads and writes of the configuration of runtimes (config.json of the OCI's specification). */
interface RuntimeConfig {
  process: {
    terminal: boolean;
    user: { uid: number; gid: number };
    args: string[];
    env: string[];
    capabilities: Record<string, readonly string[]>;
    rlimits: object[];
    noNewPrivileges: boolean;
  };
  root: { path: string; readonly: boolean };
  mounts: { destination: string; type: string; source: string; options?: string[] }[];
  linux: { namespaces: { type: string }[]; resources?: object };
}

/** Whether there is what images are built with, unpacked and run. */
export const can_contain =
  ["umoci", "runc", "dpkg-deb", "apt-get", "readelf"].every(isInstalled) &&
  process.getuid!() === 0 &&
  process.arch === "x64";

/**
 * Why no container can be started here, as where this is a container itself that may make no namespaces; undefined where
 * one can. What goes wrong in the image is no reason.
 */
export function whyNotRun(bundle: string): string | undefined {
  const { errors } = Container.of({ bundle, args: ["--version"] }).run();
  const [reason] = /runc (?:run|create) failed: (?!.*\bexec: ).*/.exec(errors) ?? [];
  return reason;
}

let number = 0;

export class Container {
  readonly #folder: string;
  readonly #id: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#id = `tallyman-test-${process.pid}-${number++}`;
  }

  /** Prepares it; its root is read-only, and its network is this machine's, since Splunk is on loopback. */
  static of(options: ContainerOptions): Container {
    const folder = temporaryDirectory();
    const text = readFileSync(join(options.bundle, "config.json"), "utf8");
    const config = configure(JSON.parse(text) as RuntimeConfig, options);
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    return new Container(folder);
  }

  /** Runs it to its end. */
  run(): { status: number | null; output: string; errors: string } {
    const [program, ...args] = this.#command("run", "--bundle", this.#folder, this.#id);
    const ran = spawnSync(program!, args, { encoding: "utf8" });
    return { status: ran.status, output: ran.stdout, errors: ran.stderr };
  }

  /** Starts it, with its standard error as a daemon's. A signal goes on to what runs in it. */
  start(): Daemon {
    onTestFinished(() => {
      const [program, ...args] = this.#command("delete", "--force", this.#id);
      spawnSync(program!, args);
    });
    return Daemon.of(this.#command("run", "--bundle", this.#folder, this.#id));
  }

  /** Runs another command in it, and gives its output. Rejects where it fails. */
  async exec(...command: string[]): Promise<string> {
    const [program, ...args] = this.#command("exec", this.#id, ...command);
    return (await promisify(execFile)(program!, args)).stdout;
  }

  #command(...args: string[]): string[] {
    const root = join(this.#folder, "runc");
    mkdirSync(root, { recursive: true });
    return ["runc", "--root", root, ...args];
  }
}

function configure(config: RuntimeConfig, options: ContainerOptions): RuntimeConfig {
  const { bundle, args, user, capabilities = [], environment = {}, mounts = [] } = options;
  const { process: own, linux } = config;
  own.terminal = false;
  if (args !== undefined) own.args = [own.args[0]!, ...args];
  if (user !== undefined) own.user = { uid: user, gid: user };
  own.env.push(...Object.entries(environment).map(([name, value]) => `${name}=${value}`));
  for (const set of ["bounding", "effective", "permitted"]) own.capabilities[set] = capabilities;
  for (const set of ["inheritable", "ambient"]) own.capabilities[set] = [];
  own.rlimits = [];
  own.noNewPrivileges = true;
  linux.namespaces = linux.namespaces.filter(({ type }) => type !== "network");
  // There may be no cgroups here that are ours to divide.
  delete linux.resources;
  const taken = new Set(["/sys", "/sys/fs/cgroup", ...mounts.map((each) => each.destination)]);
  const bound = mounts.map(({ source, destination, read_only }) => {
    const mode = read_only ? "ro" : "rw";
    return { source, destination, type: "bind", options: ["rbind", mode, "nosuid", "nodev"] };
  });
  const others = config.mounts.filter(({ destination }) => !taken.has(destination));
  const root = { path: join(bundle, "rootfs"), readonly: true };
  return { ...config, root, mounts: [...others, ...bound] };
}
