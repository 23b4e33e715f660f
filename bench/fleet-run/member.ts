/** An agent or an aggregator of the run: a real process with a state of its own, that can be killed and started again. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Status } from "../../src/admin/status/status.ts";
import { atEnd } from "../../src/platform/process/process-guard.ts";
import { askStatus } from "../../test/support/reports/metrics.ts";
import { main } from "../support/processes.ts";

export class Member {
  readonly name: string;
  readonly directory: string;
  #child: ChildProcess | undefined;
  #in_flight = 0;

  /** `config` is the configuration but for `state_dir`. */
  constructor(directory: string, name: string, config: object) {
    this.name = name;
    this.directory = join(directory, name);
    mkdirSync(this.directory);
    const whole = { state_dir: join(this.directory, "state"), lifecycle: { enabled: false } };
    const text = JSON.stringify({ ...whole, ...config });
    writeFileSync(this.config_file, text, { mode: 0o600 });
    atEnd(() => this.#child?.kill("SIGKILL"));
  }

  get config_file(): string {
    return join(this.directory, "config.yaml");
  }

  /** What the agent follows. */
  get log_file(): string {
    return join(this.directory, "audit.log");
  }

  start(): void {
    const log = openSync(join(this.directory, "tallyman.log"), "a");
    const program = [main, "run", "-c", this.config_file];
    this.#child = spawn(process.execPath, program, { stdio: ["ignore", "ignore", log] });
    closeSync(log);
  }

  /** Its exit status; undefined where a signal has ended it, or it does not run. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<number | undefined> {
    const child = this.#child;
    if (child === undefined) return undefined;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill(signal);
      await ended;
    }
    return child.exitCode ?? undefined;
  }

  /** Undefined while nobody answers. Throws where it has ended by itself. */
  async status(): Promise<Status | undefined> {
    const child = this.#child;
    if (child !== undefined && child.exitCode !== null)
      throw new Error(`${this.name} has ended with ${child.exitCode}`);
    try {
      return await askStatus(join(this.directory, "state", "admin.sock"));
    } catch {
      return undefined;
    }
  }

  /** Events without a fate, as it has said last. */
  async inFlight(): Promise<number> {
    const status = await this.status();
    if (status !== undefined) this.#in_flight = status.books.total.in_flight;
    return this.#in_flight;
  }
}
