/** A process with inputs one after the other on a socket that was handed over, as systemd does. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { eventually } from "../eventually.ts";

const program = join(import.meta.dirname, "successive-in-process.ts");

/** Listens without ever accepting, and has the program serve its socket. It is itself blocked meanwhile. */
const parent = `
  const [listen, program, options] = process.argv.slice(1);
  const server = require("node:net").createServer().listen(JSON.parse(listen), () => {
    process.stdout.write(JSON.stringify({ port: server.address().port }) + "\\n");
    const args = ["-c", 'LISTEN_PID=$$ exec "$@"', "sh", process.execPath, program, options];
    const stdio = ["ignore", "inherit", "inherit", server._handle.fd];
    const env = { ...process.env, LISTEN_FDS: "1", LISTEN_FDNAMES: "apps" };
    require("node:child_process").spawnSync("sh", args, { stdio, env });
    process.exit();
  })`;

export interface Fact {
  port?: number;
  started?: number;
  event?: string;
  /** The number of the input that received it. */
  by?: number;
  gap?: number;
  stopped?: number;
}

export class SuccessiveInputs {
  readonly facts: Fact[] = [];

  /** Starts the process; `listen` is where its parent does. */
  constructor(listen: object, options: object) {
    const args = ["-e", parent, JSON.stringify(listen), program, JSON.stringify(options)];
    const stdio = ["ignore", "pipe", "inherit"] as const;
    const child = spawn(process.execPath, args, { stdio: [...stdio], detached: true });
    onTestFinished(async () => {
      if (child.exitCode !== null) return;
      // The program that it has started, too.
      process.kill(-child.pid!, "SIGKILL");
      await once(child, "close");
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (text + chunk).split("\n");
      text = lines.pop()!;
      this.facts.push(...lines.map((line) => JSON.parse(line) as Fact));
    });
  }

  get port(): number {
    return this.facts[0]!.port!;
  }

  /** What came in, and by which input. */
  get events(): [string, number][] {
    return this.facts.flatMap(({ event, by }) => (event === undefined ? [] : [[event, by!]]));
  }

  async until(wanted: (fact: Fact) => boolean): Promise<void> {
    await eventually(() => this.facts.some(wanted));
  }
}
