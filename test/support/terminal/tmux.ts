/** A real terminal that is gone when the test is over. */
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { eventually } from "../eventually.ts";
import { temporaryDirectory } from "../temporary.ts";
import { TerminalSession } from "./terminal-session.ts";

export class Tmux extends TerminalSession {
  constructor(columns: number, rows: number, environment: NodeJS.ProcessEnv = {}) {
    super({ socket: join(temporaryDirectory(), "tmux.sock"), columns, rows, environment });
    onTestFinished(() => {
      this.close();
    });
  }

  /** Waits until the screen matches, and gives it. */
  async shows(pattern: RegExp): Promise<string> {
    let screen = "";
    await eventually(() => pattern.test((screen = this.screen())));
    return screen;
  }
}
