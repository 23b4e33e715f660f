/**
 * A socket as systemd's, for what a service tells: cat writes all that comes to a file. It reads without taking the
 * descriptors that come along, which is what systemd-notify waits for (sd_notify_barrier(3)).
 *
 * Datagrams follow one another there without anything between them, but systemd-notify sends BARRIER=1 after each.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { isInstalled } from "../commands.ts";
import { eventually } from "../eventually.ts";
import { temporaryDirectory } from "../temporary.ts";

const activate = "systemd-socket-activate";

/** Whether a test can listen, and a daemon tell. */
export const can_notify = isInstalled(activate) && isInstalled("systemd-notify");

export class NotifySocket {
  /** What NOTIFY_SOCKET is to be. */
  readonly path: string;
  readonly #file: string;

  private constructor(path: string, file: string) {
    this.path = path;
    this.#file = file;
  }

  static async open(): Promise<NotifySocket> {
    const directory = temporaryDirectory();
    const path = join(directory, "notify");
    const file = join(directory, "told");
    const out = openSync(file, "w");
    // Listens, and becomes cat when the first datagram comes, with the socket as descriptor 3.
    const args = ["--datagram", "-l", path, "/bin/sh", "-c", "exec cat <&3"];
    const listener = spawn(activate, args, { stdio: ["ignore", out, "ignore"] });
    closeSync(out);
    onTestFinished(async () => {
      const closed = once(listener, "close");
      if (listener.kill("SIGKILL")) await closed;
    });
    await eventually(() => existsSync(path));
    return new NotifySocket(path, file);
  }

  /** What was told so far: the assignments of each message. */
  get messages(): string[][] {
    const parts = readFileSync(this.#file, "utf8").split("BARRIER=1");
    return parts.slice(0, -1).map((message) => message.split("\n").filter((line) => line !== ""));
  }

  /** How many messages have this assignment. */
  count(assignment: string): number {
    return this.messages.filter((message) => message.includes(assignment)).length;
  }

  /** The status lines so far. */
  get statuses(): string[] {
    const lines = this.messages.flat().filter((line) => line.startsWith("STATUS="));
    return lines.map((line) => line.slice("STATUS=".length));
  }
}
