/**
 * A time in which the stream takes nothing: why, since when, and when it is tried again.
 */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { LogFacts, Logger } from "../../platform/log.ts";
import { Reminder } from "../../platform/reminder.ts";
import type { Published, Trouble } from "./publisher.ts";

const pause_ms_min = 100;
const pause_ms_max = 5000;

export interface OutageDeps {
  clock: Clock;
  log: Logger;
  logged: LogFacts;
  /** Called when it may be tried again. */
  onDue: () => void;
}

export class Outage {
  readonly #deps: OutageDeps;
  readonly #reminder: Reminder<Trouble>;
  #timer: Timer | undefined;
  #pause_ms = 0;
  #began_ms = 0;
  trouble: Trouble | undefined;
  /** Wall clock. */
  since_ms: number | undefined;

  constructor(deps: OutageDeps) {
    this.#deps = deps;
    this.#reminder = new Reminder(deps.clock);
  }

  /** Whether it is not time yet for another attempt. */
  get waits(): boolean {
    return this.#timer !== undefined;
  }

  note(published: Published): void {
    if (published.kind === "trouble") this.#failed(published.trouble, published.detail);
    else if (published.kind === "stored") this.worked();
  }

  /** Lets the next attempt begin at once. */
  hurry(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#pause_ms = 0;
  }

  close(): void {
    this.#timer?.cancel();
  }

  /** It is over, if there was one. */
  worked(): void {
    if (this.trouble === undefined) return;
    const { clock, log, logged } = this.#deps;
    const outage_ms = Math.round(clock.monotonic() - this.#began_ms);
    this.trouble = undefined;
    this.since_ms = undefined;
    this.hurry();
    log.info("nats_taken", { ...logged, outage_ms }, "The stream accepts batches again.");
  }

  #failed(trouble: Trouble, error: string): void {
    const { clock, log, logged, onDue } = this.#deps;
    if (this.trouble === undefined) {
      this.since_ms = clock.now();
      this.#began_ms = clock.monotonic();
    }
    this.trouble = trouble;
    this.#pause_ms = Math.min(Math.max(pause_ms_min, this.#pause_ms * 2), pause_ms_max);
    this.#timer?.cancel();
    this.#timer = clock.after(this.#pause_ms, () => {
      this.#timer = undefined;
      onDue();
    });
    // The connection has its own line.
    if (trouble === "unreachable" || this.#reminder.due(trouble) === 0) return;
    log.error(
      "nats_not_taken",
      { ...logged, reason: trouble, error },
      "The stream accepts no batches. They are kept, and published when it does.",
    );
  }
}
