/** A real terminal for a program: tmux, with a server of its own. */
import { execFileSync } from "node:child_process";

export interface TerminalOptions {
  /** Where the server's socket is. */
  readonly socket: string;
  readonly columns: number;
  readonly rows: number;
  readonly environment?: NodeJS.ProcessEnv;
}

export class TerminalSession {
  readonly #socket: string;
  readonly #environment: NodeJS.ProcessEnv;

  /** A shell on a terminal of this size. */
  constructor({ socket, columns, rows, environment }: TerminalOptions) {
    const { CI: _ci, TMUX: _tmux, ...inherited } = process.env;
    this.#socket = socket;
    this.#environment = { ...inherited, LC_ALL: "C.UTF-8", ...environment };
    const size = ["-x", String(columns), "-y", String(rows)];
    this.#tmux("-f", "/dev/null", "new-session", "-d", ...size, "bash --norc --noprofile");
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

  /** The same with its colours, as escape sequences, and with the blanks at the ends of lines. */
  styledScreen(): string {
    return this.#tmux("capture-pane", "-p", "-e", "-N");
  }

  /** The terminal's own state, by the names that tmux has for it, such as `cursor_flag`. */
  state(...names: string[]): string {
    const format = names.map((name) => `${name}=#{${name}}`).join(" ");
    return this.#tmux("display-message", "-p", format).trim();
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
