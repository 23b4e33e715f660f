/**
 * Puts the agent's report into the fleet's bucket, and notices where another agent reports by the same name, as on a host that was
 * copied: then what was put there last is not what this one has put there.
 */
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { readKey, replaceKey, reportBucket, type Bucket } from "../../platform/nats/buckets.ts";
import type { NatsConnection } from "../../platform/nats/connection.ts";
import { Reminder } from "../../platform/reminder.ts";
import { readReport, type FleetReport } from "./report.ts";

/** For so long after it was noticed last, it is reported. */
const shared_ms_max = 600_000;
/** So often in a row, where the bucket may not be read: one answer of the server can be lost. */
const changes_min = 2;

export interface ReporterDeps {
  readonly agent: string;
  /** The name of the bucket in the options. */
  readonly bucket: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export class Reporter {
  readonly #deps: ReporterDeps;
  readonly #bucket: Bucket;
  readonly #reminder: Reminder;
  /** Of what this agent has put there last. */
  #revision: number | undefined;
  #changes = 0;
  #shared: { readonly host: string | undefined; readonly seen_ms: number } | undefined;
  #is_reporting = false;

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
    this.#bucket = reportBucket(deps.bucket);
    this.#reminder = new Reminder(deps.clock);
  }

  /** Another agent that has reported by this name of late, as far as it is known where; undefined where there is none. */
  get shared(): { readonly host: string | undefined } | undefined {
    if (this.#shared === undefined) return undefined;
    const { host, seen_ms } = this.#shared;
    return this.#deps.clock.monotonic() - seen_ms > shared_ms_max ? undefined : { host };
  }

  /** Leaves it out while the one before is on its way. Never rejects: the next report comes soon. */
  async report(connection: NatsConnection, report: FleetReport): Promise<void> {
    if (this.#is_reporting) return;
    this.#is_reporting = true;
    try {
      const put = await this.#put(connection, report, this.#revision);
      if (put !== undefined) {
        this.#revision = put;
        this.#changes = 0;
        return;
      }
      await this.#lookWho(connection, report);
      this.#revision = await this.#put(connection, report, undefined);
    } catch {
      // Nobody has answered.
    } finally {
      this.#is_reporting = false;
    }
  }

  /** Undefined where something else was put there since. */
  #put(
    connection: NatsConnection,
    report: FleetReport,
    revision: number | undefined,
  ): Promise<number | undefined> {
    const value = JSON.stringify({ ...report, shared: this.shared });
    return replaceKey(connection, this.#bucket, { key: this.#deps.agent, value, revision });
  }

  async #lookWho(connection: NatsConnection, own: FleetReport): Promise<void> {
    const { agent, clock, log } = this.#deps;
    this.#changes += 1;
    let host: string | undefined;
    try {
      const entry = await readKey(connection, this.#bucket, agent);
      const other = entry && readReport(entry.value);
      // It was removed, or the server's answer was lost.
      if (entry === undefined || other?.instance === own.instance) return;
      host = other?.host;
    } catch {
      if (this.#changes < changes_min) return;
    }
    this.#shared = { host, seen_ms: clock.monotonic() };
    const times = this.#reminder.due("any");
    if (times === 0) return;
    log.error(
      "fleet_name_shared",
      { agent, host: own.host, other_host: host, times },
      "Another agent of the fleet has the same name.",
    );
  }
}
