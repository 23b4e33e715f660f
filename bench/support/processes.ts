/**
 * The two processes of a benchmark: the daemon under test, and the sink that counts what arrives.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** The program under test, as it ships. */
export const main = new URL("../../dist/tallyman.js", import.meta.url).pathname;
const sink = new URL("sink.ts", import.meta.url).pathname;
const clock_ticks_per_second = 100;

/** Has a process write at its end, into its fourth file, what it took. tallyman ends by this call. */
export const reporting = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from "node:fs";
  const end = process.reallyExit;
  process.reallyExit = (status) => {
    writeSync(3, JSON.stringify(process.resourceUsage()));
    end.call(process, status);
  };
`)}`;

export interface SinkTotals {
  events: number;
  bytes: number;
  requests: number;
  first_at_ms: number;
  last_at_ms: number;
}

/** The configuration that ships one file as it is, to a sink on loopback. */
export function passThroughConfig(directory: string, log_file: string, port: number): string {
  return (
    `state_dir: ${directory}/state\nlifecycle: { enabled: false }\ninputs: { audit: { paths: ["${log_file}"] } }\n` +
    `output: { url: "http://127.0.0.1:${port}", token: bench }\n`
  );
}

export class SinkProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(flags: string[] = []): Promise<SinkProcess> {
    const child = spawn(process.execPath, [sink, ...flags], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout });
    const [line] = (await once(lines, "line")) as [string];
    return new SinkProcess(child, (JSON.parse(line) as { port: number }).port);
  }

  async totals(): Promise<SinkTotals> {
    const response = await fetch(`http://127.0.0.1:${this.port}/totals`);
    return (await response.json()) as SinkTotals;
  }

  /** When each mark came that has come since this was asked last; wall-clock time. */
  async marks(): Promise<readonly [mark: number, at_ms: number][]> {
    const response = await fetch(`http://127.0.0.1:${this.port}/marks`);
    return (await response.json()) as [number, number][];
  }

  /** The totals once so many events have arrived. Throws where the daemon ends before. */
  async arrived(events: number, daemon: DaemonProcess): Promise<SinkTotals> {
    for (;;) {
      const totals = await this.totals();
      if (totals.events >= events) return totals;
      daemon.assertAlive();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await once(this.#child, "close");
  }
}

export interface ProcessUse {
  cpu_seconds: number;
  rss_peak_mb: number;
}

/** CPU time of all threads so far, and the highest resident size. */
export function useOf(pid: number): ProcessUse {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const peak_kb = Number(/VmHWM:\s+(\d+)/.exec(status)![1]);
  return { cpu_seconds: ticks / clock_ticks_per_second, rss_peak_mb: peak_kb / 1024 };
}

export class DaemonProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #log = "";

  constructor(config_file: string, node_flags: string[] = [], program = main) {
    this.#child = spawn(process.execPath, [...node_flags, program, "run", "-c", config_file], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.#log += text));
    this.#closed = once(this.#child, "close");
  }

  /** Resolves when the agent says that it runs. */
  async running(): Promise<void> {
    while (!this.#log.includes('"code":"running"')) {
      this.assertAlive();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  get pid(): number {
    return this.#child.pid!;
  }

  use(): ProcessUse {
    return useOf(this.pid);
  }

  assertAlive(): void {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
      throw new Error(`the daemon ended:\n${this.#log}`);
    }
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#closed;
  }
}
