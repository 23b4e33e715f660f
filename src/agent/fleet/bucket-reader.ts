/** Asks the fleet's bucket for the configuration of a group, and knows since when it cannot be read. */
import type { FleetUnreadStatus } from "../../admin/status/fleet-status.ts";
import type { Clock } from "../../platform/clock.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";
import { configurationBucket, readKey } from "../../platform/nats/buckets.ts";
import type { NatsLink } from "../../platform/nats/connection.ts";
import { Reminder } from "../../platform/reminder.ts";

export interface BucketReaderDeps {
  readonly link: NatsLink;
  readonly clock: Clock;
  readonly log: Logger;
}

export class BucketReader {
  readonly #name: string;
  readonly #deps: BucketReaderDeps;
  readonly #reminder: Reminder;
  /** Undefined where it could be read the last time that there was a connection. */
  unread: FleetUnreadStatus | undefined;

  /** `name` is the one that the options have. */
  constructor(name: string, deps: BucketReaderDeps) {
    this.#name = name;
    this.#deps = deps;
    this.#reminder = new Reminder(deps.clock);
  }

  /** What the bucket has for the group; undefined where it has nothing, or cannot be asked. */
  async read(group: string): Promise<string | undefined> {
    const { link } = this.#deps;
    const { connection } = link;
    if (connection === undefined) return undefined;
    const bucket = configurationBucket(this.#name);
    try {
      const entry = await readKey(connection, bucket, group);
      this.unread = undefined;
      link.answered();
      return entry?.value;
    } catch (cause) {
      // What is lost with the connection is asked again.
      if (link.connection === connection) this.#failed(bucket.name, group, messageOf(cause));
      link.unanswered(connection);
      return undefined;
    }
  }

  #failed(bucket: string, group: string, error: string): void {
    const { clock, log } = this.#deps;
    this.unread = { since: this.unread?.since ?? new Date(clock.now()).toISOString(), error };
    if (this.#reminder.due("any") === 0) return;
    log.warn(
      "fleet_unanswered",
      { bucket, group, error },
      "The fleet's bucket of configurations cannot be read.",
    );
  }
}
