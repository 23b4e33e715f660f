/**
 * The agent under soak: the real daemon as a child process with the unit's environment, and what can be seen of it from
 * outside.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { createInterface } from "node:readline";
import type { Books } from "../../src/ledger/books.ts";

const main = new URL("../../dist/tallyman.js", import.meta.url).pathname;
const unit = readFileSync(new URL("../../systemd/tallyman.service", import.meta.url), "utf8");
const [, node_options] = /^Environment="NODE_OPTIONS=(.+)"$/m.exec(unit)!;
const clock_ticks_per_second = 100;
const log_lines_kept = 20;
const metrics_wait_ms = 2000;

interface LogEntry {
  level?: string;
  code?: string;
  books?: Books;
}

/** What the agent uses at one moment. */
export interface Use {
  rss_mb: number;
  descriptors: number;
  threads: number;
  /** User and system time of all threads so far. */
  cpu_seconds: number;
}

export class AgentUnderSoak {
  readonly #child: ChildProcess;
  readonly #running = Promise.withResolvers<void>();
  readonly #exited: Promise<number | string>;
  /** The last lines of its log that are a warning or worse. */
  readonly complaints: string[] = [];
  /** How many lines of each code, of warnings and errors. */
  readonly counts = new Map<string, number>();
  /** The books that were logged last. */
  books: Books | undefined;

  constructor(config_file: string) {
    this.#child = spawn(process.execPath, [main, "run", "-c", config_file], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { NODE_OPTIONS: node_options, ...process.env },
    });
    createInterface({ input: this.#child.stderr! }).on("line", (line) => this.#read(line));
    this.#exited = once(this.#child, "close").then(
      ([status, signal]) => (status ?? signal ?? "?") as number | string,
    );
    void this.#exited.then((end) => this.#running.reject(new Error(this.#ended(end))));
    this.#running.promise.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it says that it runs; rejects where it ends before. */
  running(): Promise<void> {
    return this.#running.promise;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Its exit status, or the signal that ended it. */
  async ended(signal: "SIGTERM" | "SIGKILL"): Promise<number | string> {
    this.#child.kill(signal);
    return this.#exited;
  }

  /** Undefined where it is just ending. */
  use(): Use | undefined {
    try {
      const proc = `/proc/${this.pid}`;
      const status = readFileSync(`${proc}/status`, "utf8");
      const stat = readFileSync(`${proc}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return {
        rss_mb: Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024,
        threads: Number(/Threads:\s+(\d+)/.exec(status)![1]),
        descriptors: readdirSync(`${proc}/fd`).length,
        cpu_seconds: (Number(fields[11]) + Number(fields[12])) / clock_ticks_per_second,
      };
    } catch {
      return undefined;
    }
  }

  #read(line: string): void {
    let entry: LogEntry;
    try {
      entry = JSON.parse(line) as LogEntry;
    } catch {
      entry = { level: "error", code: line };
    }
    if (entry.code === "running") this.#running.resolve();
    if (entry.books !== undefined) this.books = entry.books;
    if (entry.level !== "warn" && entry.level !== "error") return;
    const code = entry.code ?? "";
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
    this.complaints.push(line);
    if (this.complaints.length > log_lines_kept) this.complaints.shift();
  }

  #ended(end: number | string): string {
    return `the agent ended (${end}):\n${this.complaints.join("\n")}`;
  }
}

/** The agent's metrics as text; empty where it does not answer. */
export function readMetrics(socket_path: string): Promise<string> {
  return new Promise((resolve) => {
    const options = { socketPath: socket_path, path: "/metrics", timeout: metrics_wait_ms };
    const request = get({ ...options, headers: { host: "localhost" } }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve(response.statusCode === 200 ? text : ""));
      response.on("error", () => resolve(""));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(""));
  });
}
