/** A Debian 12 that is booted from a folder, with systemd as its first process and the network of this machine. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { isInstalled } from "../commands.ts";
import { eventually } from "../eventually.ts";

const packages = ["systemd", "systemd-sysv", "dbus", "ca-certificates", "man-db", "procps"];
/** Made once, and kept: a minute's work. */
const kept = "/var/tmp/tallyman-test-debian12";

export const can_boot =
  process.getuid!() === 0 && ["systemd-nspawn", "debootstrap", "nsenter"].every(isInstalled);

/** A folder with the system as it was installed. */
export function debian12(): string {
  const given = process.env["TALLYMAN_TEST_DEBIAN"];
  if (given !== undefined) return given;
  if (existsSync(join(kept, "done"))) return join(kept, "root");
  rmSync(kept, { recursive: true, force: true });
  const options = ["--variant=minbase", `--include=${packages.join(",")}`];
  execFileSync("debootstrap", [...options, "bookworm", join(kept, "root")], { stdio: "ignore" });
  execFileSync("touch", [join(kept, "done")]);
  return join(kept, "root");
}

export class Machine {
  readonly #child: ChildProcess;
  #leader = 0;

  private constructor(folder: string) {
    const name = `--machine=tallyman-test-${process.pid}`;
    const options = ["--register=no", "--keep-unit", "--resolv-conf=copy-host", name, "--quiet"];
    this.#child = spawn("systemd-nspawn", [...options, "--boot", "-D", folder], {
      stdio: "ignore",
    });
    process.once("exit", () => this.#child.kill("SIGKILL"));
  }

  /** Boots a copy of the system; it is gone after the test. */
  static async boot(): Promise<Machine> {
    const folder = mkdtempSync("/var/tmp/tallyman-test-machine-");
    execFileSync("cp", ["-a", "--reflink=auto", debian12(), join(folder, "root")]);
    const machine = new Machine(join(folder, "root"));
    onTestFinished(async () => {
      await machine.#end();
      rmSync(folder, { recursive: true, force: true });
    });
    await eventually(() => machine.#isUp());
    return machine;
  }

  /** A path of the machine, as this machine sees it: also below its /run. */
  path(path: string): string {
    return `/proc/${this.#leader}/root${path}`;
  }

  /** Runs a line of shell as root there, and gives what it printed. Throws where it fails. */
  run(line: string): string {
    const { status, out } = this.try(line);
    if (status !== 0) throw new Error(`${line}\nends with ${status}:\n${out}`);
    return out;
  }

  try(line: string): { status: number | null; out: string } {
    const run = spawnSync("nsenter", this.#words(line), {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    return { status: run.status, out: run.stdout };
  }

  /** As run, for what needs a server of this process meanwhile. */
  runAside(line: string): Promise<string> {
    const child = spawn("nsenter", this.#words(line), { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    return new Promise((resolve, reject) => {
      child.once("close", (status) => {
        if (status === 0) resolve(out);
        else reject(new Error(`${line}\nends with ${status}:\n${out}`));
      });
    });
  }

  /** The arguments of nsenter that run a line of shell there. */
  #words(line: string): string[] {
    const env = [
      "env",
      "-i",
      "PATH=/usr/sbin:/usr/bin",
      "LC_ALL=C",
      "DEBIAN_FRONTEND=noninteractive",
    ];
    const into = ["-m", "-u", "-i", "-p", "-C", "-r", "-w", "-t", String(this.#leader)];
    return [...into, ...env, "sh", "-c", `exec 2>&1; ${line}`];
  }

  #isUp(): boolean {
    const { pid } = this.#child;
    const children = `/proc/${pid}/task/${pid}/children`;
    if (!existsSync(children)) throw new Error("systemd-nspawn has ended");
    // Its first child makes the machine's first process, and goes.
    this.#leader = Number(readFileSync(children, "utf8").split(" ")[0]);
    // "degraded" where a unit of Debian's own does not like the container.
    const { out } = this.try("systemctl is-system-running");
    return /^(running|degraded)$/m.test(out);
  }

  async #end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    // Has systemd shut the machine down.
    this.#child.kill("SIGTERM");
    await ended;
  }
}
