/** What was refused of a fleet's configurations: counted, said once a minute for each reason, and not looked at again at once. */
import type { FleetRefusalStatus } from "../../admin/status/fleet-status.ts";
import { sha256Of, type FleetRefusal } from "../../config/fleet/signed.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { Reminder } from "../../platform/reminder.ts";

/** What was refused is tried again after this time: a host may have been corrected. */
const again_ms = 600_000;
/** The same where it was the host's disk: there may be room again. */
const unusable_again_ms = 60_000;

export class Refusals {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #reminder: Reminder<string>;
  readonly #counts = new Map<string, number>();
  #note: { readonly sum: string; readonly again_at_ms: number } | undefined;
  /** The last one, until another configuration is in force. */
  last: FleetRefusalStatus | undefined;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
    this.#reminder = new Reminder(clock);
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** Whether the note was refused a short while ago. */
  has(note: string): boolean {
    const before = this.#note;
    if (before === undefined || this.#clock.monotonic() >= before.again_at_ms) return false;
    return before.sum === sha256Of(note);
  }

  /** What was refused may be tried again. */
  forget(): void {
    this.#note = undefined;
  }

  add(note: string, group: string, { reason, detail, serial }: FleetRefusal): void {
    const wait_ms = reason === "state_unusable" ? unusable_again_ms : again_ms;
    this.#note = { sum: sha256Of(note), again_at_ms: this.#clock.monotonic() + wait_ms };
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    this.last = { at: new Date(this.#clock.now()).toISOString(), reason, detail, serial };
    const times = this.#reminder.due(reason);
    if (times === 0) return;
    this.#log.error(
      "fleet_configuration_refused",
      { group, reason, detail, serial, times },
      "A configuration of the fleet is refused. The one in force stays.",
    );
  }
}
