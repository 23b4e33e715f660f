/**
 * Reports the agent's state to systemd: ready, a status line, that it works, that it reloads, and that it stops.
 *
 * It works while its event loop turns (all of this runs on it) and files can be reached (a look at the state directory
 * comes back; it goes through the threads that also read, sync and compress). Where either hangs, systemd hears nothing
 * more, and restarts tallyman. An output that is down is no such case: a restart would fix nothing, and repeat events.
 */
import { stat } from "node:fs/promises";
import type { Clock } from "../../platform/clock.ts";
import { untilAborted } from "../../platform/patience.ts";
import type { Notification, ServiceNotifier } from "../../platform/process/service-notifier.ts";
import { statusLine, type AgentStatus } from "./status-line.ts";

/** Each report starts a small program. */
const report_interval_ms_max = 10_000;
/** How much longer than it means to a stop may take, until systemd kills it. */
const stop_margin_ms = 30_000;

export interface ServiceReportDeps {
  notifier: ServiceNotifier;
  agent: { status(): AgentStatus };
  state_dir: string;
  clock: Clock;
}

export class ServiceReports {
  readonly #deps: ServiceReportDeps;
  readonly #ended = new AbortController();
  readonly #reporting: Promise<void>;
  #line = "";
  /** At the last report. */
  #received: number;
  #at_ms: number;
  /** Events that came in or were settled, and since when there were no more. */
  #moved: number;
  #moved_at_ms: number;
  #is_stopping = false;

  /** Says that the agent is ready, and goes on to say how it is. */
  constructor(deps: ServiceReportDeps) {
    this.#deps = deps;
    const { books } = deps.agent.status();
    this.#received = books.total.received;
    this.#moved = movedBy(books);
    this.#at_ms = this.#moved_at_ms = deps.clock.monotonic();
    deps.notifier.notify({ READY: "1", ...this.#news() });
    this.#reporting = this.#report();
  }

  /** Says that a reload begins. */
  reloading(): void {
    // CLOCK_MONOTONIC, which every process of the machine sees alike.
    const usec = process.hrtime.bigint() / 1000n;
    this.#deps.notifier.notify({ RELOADING: "1", MONOTONIC_USEC: String(usec) });
  }

  /** Says that the reload has ended, whether the configuration was applied or refused. */
  reloaded(): void {
    // A stop ends one that is in progress, and nothing is ready after that.
    if (this.#is_stopping) return;
    this.#deps.notifier.notify({ READY: "1", ...this.#news() });
  }

  /** Says that the agent stops, and may take so long for it. */
  stopping(shutdown_timeout_ms: number): void {
    this.#is_stopping = true;
    const usec = Math.ceil((shutdown_timeout_ms + stop_margin_ms) * 1000);
    this.#deps.notifier.notify({ STOPPING: "1", EXTEND_TIMEOUT_USEC: String(usec) });
  }

  /** Comes after the agent has stopped. Never rejects. */
  async end(): Promise<void> {
    this.#ended.abort();
    await this.#reporting;
    await this.#deps.notifier.sent();
  }

  async #report(): Promise<void> {
    const { clock, notifier } = this.#deps;
    const { watchdog_ms = Infinity } = notifier;
    const interval_ms = Math.min(report_interval_ms_max, watchdog_ms / 2);
    const stop = this.#ended.signal;
    for (;;) {
      await clock.sleep(interval_ms, stop);
      await untilAborted(this.#reachFiles(), stop);
      if (stop.aborted) return;
      const watchdog: Notification = watchdog_ms === Infinity ? {} : { WATCHDOG: "1" };
      const notification = { ...watchdog, ...this.#news() };
      if (Object.keys(notification).length > 0) notifier.notify(notification);
    }
  }

  /** Resolves also where it fails: what is wrong with the directory then is for those who write there to say. */
  async #reachFiles(): Promise<void> {
    await stat(this.#deps.state_dir).catch(() => undefined);
  }

  /** The status line, where it is another than before. */
  #news(): Notification {
    const { agent, clock } = this.#deps;
    const status = agent.status();
    const now_ms = clock.monotonic();
    const moved = movedBy(status.books);
    if (moved !== this.#moved) this.#moved_at_ms = now_ms;
    const { received } = status.books.total;
    const elapsed_s = (now_ms - this.#at_ms) / 1000;
    const events_per_s = elapsed_s > 0 ? (received - this.#received) / elapsed_s : 0;
    this.#moved = moved;
    this.#received = received;
    this.#at_ms = now_ms;
    const line = statusLine(status, { events_per_s, still_ms: now_ms - this.#moved_at_ms });
    if (line === this.#line) return {};
    this.#line = line;
    return { STATUS: line };
  }
}

/** Grows whenever an event comes in or is settled. */
function movedBy({ total }: AgentStatus["books"]): number {
  return 2 * total.received - total.in_flight;
}
