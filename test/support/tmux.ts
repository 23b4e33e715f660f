/** A real terminal for a program: tmux, with a server of its own, that is gone when the test is over. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { eventually } from "./eventually.ts";
import { temporaryDirectory } from "./temporary.ts";

export class Tmux {
  readonly #socket = join(temporaryDirectory(), "tmux.sock");
  readonly #environment: NodeJS.ProcessEnv;

  /** A shell on a terminal of this size. */
  constructor(columns: number, rows: number, environment: NodeJS.ProcessEnv = {}) {
    const { CI: _ci, TMUX: _tmux, ...inherited } = process.env;
    this.#environment = { ...inherited, LC_ALL: "C.UTF-8", ...environment };
    const size = ["-x", String(columns), "-y", String(rows)];
    this.#tmux("-f", "/dev/null", "new-session", "-d", ...size, "bash --norc --noprofile");
    onTestFinished(() => {
      this.close();
    });
  }

  /** What is typed, and Enter. */
  type(text: string): void {
    this.#tmux("send-keys", "-l", text);
    this.keys("Enter");
  }

  /** Keys by tmux's names. */
  keys(...names: string[]): void {
    this.#tmux("send-keys", ...names);
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** What is on the screen. */
  screen(): string {
    return this.#tmux("capture-pane", "-p");
  }

  /** Waits until the screen matches, and gives it. */
  async shows(pattern: RegExp): Promise<string> {
    let screen = "";
    await eventually(() => pattern.test((screen = this.screen())));
    return screen;
  }

  /** The terminal goes away with all that runs on it. */
  close(): void {
    try {
      this.#tmux("kill-server");
    } catch {
      // It is closed already.
    }
  }

  #tmux(...args: string[]): string {
    const env = this.#environment;
    return execFileSync("tmux", ["-S", this.#socket, ...args], {
      encoding: "utf8",
      env,
      stdio: ["ignore", "pipe", "ignore"],
    });
  }
}
