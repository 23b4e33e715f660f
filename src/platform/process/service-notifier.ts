/**
 * Telling systemd how this process is (sd_notify(3)), through the program `systemd-notify`: systemd's socket takes
 * datagrams, which Node cannot send over a UNIX socket.
 *
 * At most one such program runs at a time; what is reported meanwhile is reported together after it, the latest value of each
 * key, but for the beginning of a reload, which systemd must hear of before its end. Where the program is missing or
 * fails, that is logged once, and nothing else depends on it.
 */
import { execFile } from "node:child_process";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";

/** Values by key, as in sd_notify(3). */
export interface Notification {
  READY?: "1";
  /** Begins a reload, that READY ends. Comes with MONOTONIC_USEC. */
  RELOADING?: "1";
  /** What the machine's monotonic clock says, in microseconds. */
  MONOTONIC_USEC?: string;
  STOPPING?: "1";
  WATCHDOG?: "1";
  /** One line. */
  STATUS?: string;
  /** Microseconds from now on. */
  EXTEND_TIMEOUT_USEC?: string;
}

const program = "systemd-notify";
/** It waits up to 5 s for systemd to have read what it says. */
const run_ms_max = 10_000;

export class ServiceNotifier {
  /** How often systemd wants to hear that this process works; undefined where it does not watch. */
  readonly watchdog_ms: number | undefined;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #log: Logger;
  /** What is reported together, the next first. */
  readonly #waiting: Notification[] = [];
  #telling: Promise<void> | undefined;
  #has_failed = false;

  private constructor(
    environment: NodeJS.ProcessEnv,
    watchdog_ms: number | undefined,
    log: Logger,
  ) {
    this.#environment = environment;
    this.watchdog_ms = watchdog_ms;
    this.#log = log;
  }

  /** Undefined where nobody asks for reports. */
  static find(
    log: Logger,
    environment: NodeJS.ProcessEnv = process.env,
    pid = process.pid,
  ): ServiceNotifier | undefined {
    const { NOTIFY_SOCKET, PATH } = environment;
    if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === "") return undefined;
    // Nothing else is the program's business: neither tokens nor the sockets that were handed to this process.
    return new ServiceNotifier({ NOTIFY_SOCKET, PATH }, watchdogOf(environment, pid), log);
  }

  notify(notification: Notification): void {
    const last = this.#waiting.at(-1);
    const is_turn = notification.RELOADING !== undefined || last?.RELOADING !== undefined;
    if (last === undefined || is_turn) this.#waiting.push({ ...notification });
    else Object.assign(last, notification);
    this.#telling ??= this.#tellAll();
  }

  /** Resolves when all is reported, or could not be. Never rejects. */
  async sent(): Promise<void> {
    await this.#telling;
  }

  async #tellAll(): Promise<void> {
    for (;;) {
      const notification = this.#waiting.shift();
      if (notification === undefined) break;
      await this.#run(Object.entries(notification).map(([key, value]) => `${key}=${value}`));
    }
    this.#telling = undefined;
  }

  /** Never rejects. */
  #run(assignments: string[]): Promise<void> {
    return new Promise((resolve) => {
      const options = {
        env: this.#environment,
        timeout: run_ms_max,
        killSignal: "SIGKILL",
      } as const;
      execFile(program, assignments, options, (error, _output, complaint) => {
        if (error !== null) this.#failed(error, complaint);
        resolve();
      });
    });
  }

  #failed(error: Error & { code?: unknown }, complaint: string): void {
    if (this.#has_failed) return;
    this.#has_failed = true;
    const reason = error.code === "ENOENT" ? "it is not installed" : complaint.trim();
    this.#log.warn(
      "service_notify_failed",
      { program, error: reason || messageOf(error) },
      "Cannot report to systemd; events are shipped. This is logged once.",
    );
  }
}

/** sd_watchdog_enabled(3). */
function watchdogOf(environment: NodeJS.ProcessEnv, pid: number): number | undefined {
  const { WATCHDOG_USEC = "", WATCHDOG_PID = String(pid) } = environment;
  if (WATCHDOG_PID !== String(pid) || !/^[1-9]\d{0,14}$/.test(WATCHDOG_USEC)) return undefined;
  return Number(WATCHDOG_USEC) / 1000;
}
