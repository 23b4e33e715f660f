/**
 * The real daemon as a child process, as a test sees it: its log, its memory, its end.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import type { Books } from "../../src/ledger/books.ts";
import type { LogLevel } from "../../src/platform/log-codes/log-code.ts";
import type { LogCode } from "../../src/platform/log-codes/log-codes.ts";
import { main } from "./program.ts";

const unit = readFileSync(new URL("../../systemd/tallyman.service", import.meta.url), "utf8");
/** As the unit sets them, so that the memory is that of a real agent. */
const [, node_options] = /^Environment="NODE_OPTIONS=(.+)"$/m.exec(unit)!;

export interface LogEntry {
  level: LogLevel;
  code: LogCode;
  msg: string;
  books?: Books;
  [fact: string]: unknown;
}

/** Whether it says that a reload is over, applied or refused. */
function isReloadOutcome({ code }: LogEntry): boolean {
  return code === "reloaded" || code === "reload_refused";
}

export class Daemon {
  /** Every line of its standard error, as it came. */
  readonly lines: string[] = [];
  /** Those of them that are log entries. */
  readonly entries: LogEntry[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | string>;
  #waiters: (() => void)[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.once("close", (status, signal) => resolve(status ?? signal ?? "?"));
    });
    createInterface({ input: child.stderr! }).on("line", (line) => {
      this.lines.push(line);
      this.#note(line);
      this.#wake();
    });
    void this.#exited.then(() => this.#wake());
  }

  /** Starts `tallyman run -c FILE` and waits until it runs. It is killed when the test is over. */
  static async start(
    config_file: string,
    environment: NodeJS.ProcessEnv = {},
    limits = "",
  ): Promise<Daemon> {
    const daemon = Daemon.spawn(["run", "-c", config_file], environment, limits);
    await daemon.logged("running");
    return daemon;
  }

  /** Starts any tallyman command, and does not wait. `limits` is what the shell runs before, such as `ulimit -n 64;`. */
  static spawn(args: string[], environment: NodeJS.ProcessEnv = {}, limits = ""): Daemon {
    const program = [process.execPath, main, ...args];
    return Daemon.of(program, { NODE_OPTIONS: node_options, ...environment }, limits);
  }

  /** Starts a program that is tallyman, such as one in a container, and does not wait. */
  static of(program: string[], environment: NodeJS.ProcessEnv = {}, limits = ""): Daemon {
    const child = spawn("/bin/sh", ["-c", `${limits} exec "$@"`, "sh", ...program], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, ...environment },
    });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    return new Daemon(child);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its exit status, or the name of the signal that ended it. */
  get exited(): Promise<number | string> {
    return this.#exited;
  }

  /** The books of its last log line that had any. */
  get books(): Books {
    const books = this.entries.findLast((entry) => entry.books !== undefined)?.books;
    if (books === undefined) throw new Error(`no books were logged:\n${this.lines.join("\n")}`);
    return books;
  }

  /** The log entries with this code. */
  of(code: LogCode): LogEntry[] {
    return this.entries.filter((entry) => entry.code === code);
  }

  /** Resolves with the first log entry, from the start, that has this code, or matches. */
  async logged(wanted: LogCode | ((entry: LogEntry) => boolean)): Promise<LogEntry> {
    const matches =
      typeof wanted === "string" ? ({ code }: LogEntry): boolean => code === wanted : wanted;
    for (;;) {
      const entry = this.entries.find(matches);
      if (entry !== undefined) return entry;
      if (!this.alive) throw new Error(`the daemon ended:\n${this.lines.join("\n")}`);
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** SIGHUP, and what it says of the reload that follows. */
  async reload(): Promise<LogEntry> {
    const outcomes = (): LogEntry[] => this.entries.filter(isReloadOutcome);
    const before = outcomes().length;
    this.signal("SIGHUP");
    await this.logged(() => outcomes().length > before);
    return outcomes()[before]!;
  }

  /** SIGTERM, and its exit status. */
  async stop(): Promise<number | string> {
    this.signal("SIGTERM");
    return this.#exited;
  }

  /** SIGKILL: a crash. */
  async crash(): Promise<void> {
    this.signal("SIGKILL");
    await this.#exited;
  }

  /** Resident memory now, in bytes. */
  rss(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) * 1024;
  }

  #note(line: string): void {
    try {
      this.entries.push(JSON.parse(line) as LogEntry);
    } catch {
      // What Node itself says is no entry.
    }
  }

  #wake(): void {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
