/**
 * The real agent as a child process, `tallyman run -c FILE`, and the books that it logs when it ends.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Books } from "../../ledger/books.ts";
import { atEnd } from "../../platform/process/process-guard.ts";

export class AgentProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | null>;
  /** The books of the last log line that had any. */
  books: Books | undefined;
  /** Log lines of level warn and error, and whatever is not a log line. */
  readonly complaints: string[] = [];

  constructor(config_file: string) {
    const program = ["--disable-sigusr1", process.argv[1]!, "run", "-c", config_file];
    this.#child = spawn(process.execPath, program, {
      stdio: ["ignore", "ignore", "pipe"],
      // Ctrl-C in a terminal goes to a whole group, and the agent would take our SIGTERM for a second signal.
      detached: true,
    });
    atEnd(() => this.#child.kill("SIGKILL"));
    this.#exited = new Promise((resolve) => {
      this.#child.once("close", resolve);
      this.#child.once("error", (error) => {
        this.complaints.push(error.message);
        resolve(null);
      });
    });
    createInterface({ input: this.#child.stderr! }).on("line", (line) => this.#read(line));
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ends the agent as systemd would, and resolves with its exit status. */
  async stop(): Promise<number | null> {
    this.#child.kill("SIGTERM");
    return this.#exited;
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  #read(line: string): void {
    try {
      const entry = JSON.parse(line) as { level?: string; books?: Books };
      if (entry.books !== undefined) this.books = entry.books;
      if (entry.level === "warn" || entry.level === "error") this.complaints.push(line);
    } catch {
      this.complaints.push(line);
    }
  }
}
