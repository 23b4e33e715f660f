/** A time in which something cannot be written: said when it begins, once a minute while it lasts, and when it ends. */
import type { Clock } from "../../platform/clock.ts";
import { messageOf } from "../../platform/errors.ts";
import type { Logger } from "../../platform/log.ts";

const reminder_interval_ms = 60_000;

export interface WriteOutageFacts {
  clock: Clock;
  log: Logger;
  /** What each line in the log carries. */
  logged: object;
  /** What the log says at the beginning, and at the end. */
  sentences: { readonly began: string; readonly ended: string };
}

export class WriteOutage {
  readonly #facts: WriteOutageFacts;
  /** Monotonic time of the first failure, and of the last line about it in the log. */
  #failure: { began_ms: number; logged_ms: number } | undefined;

  constructor(facts: WriteOutageFacts) {
    this.#facts = facts;
  }

  /** Wall-clock time of its beginning, milliseconds since the epoch; undefined while there is none. */
  get since_ms(): number | undefined {
    const { clock } = this.#facts;
    return this.#failure && clock.now() - (clock.monotonic() - this.#failure.began_ms);
  }

  failed(cause: unknown, waiting_bytes: number): void {
    const { clock, log, logged, sentences } = this.#facts;
    const now = clock.monotonic();
    this.#failure ??= { began_ms: now, logged_ms: -Infinity };
    if (now - this.#failure.logged_ms < reminder_interval_ms) return;
    this.#failure.logged_ms = now;
    log.error({ ...logged, error: messageOf(cause), waiting_bytes }, sentences.began);
  }

  worked(): void {
    if (this.#failure === undefined) return;
    const { clock, log, logged, sentences } = this.#facts;
    const outage_ms = Math.round(clock.monotonic() - this.#failure.began_ms);
    this.#failure = undefined;
    log.info({ ...logged, outage_ms }, sentences.ended);
  }
}
