/** A time in which something cannot be written: said when it begins, once a minute while it lasts, and when it ends. */
import type { Clock } from "./clock.ts";
import { messageOf } from "./errors.ts";
import { type LogFacts, type Logger, type LogLine, logLine } from "./log.ts";
import { Reminder } from "./reminder.ts";

export interface WriteOutageDeps {
  clock: Clock;
  log: Logger;
  /** What each line in the log carries. */
  logged: LogFacts;
  /** What the log says at the beginning and while it lasts, and at the end. */
  lines: { readonly began: LogLine; readonly ended: LogLine };
}

export class WriteOutage {
  readonly #deps: WriteOutageDeps;
  /** While it lasts: monotonic time of the first failure. */
  #failure: { began_ms: number; reminder: Reminder } | undefined;

  constructor(deps: WriteOutageDeps) {
    this.#deps = deps;
  }

  /** Wall-clock time of its beginning, milliseconds since the epoch; undefined while there is none. */
  get since_ms(): number | undefined {
    const { clock } = this.#deps;
    return this.#failure && clock.now() - (clock.monotonic() - this.#failure.began_ms);
  }

  get lasts(): boolean {
    return this.#failure !== undefined;
  }

  /** `more` is what the line in the log says beside the error. */
  failed(cause: unknown, more: LogFacts = {}): void {
    const { clock, log, logged, lines } = this.#deps;
    this.#failure ??= { began_ms: clock.monotonic(), reminder: new Reminder(clock) };
    if (this.#failure.reminder.due("any") === 0) return;
    logLine(log, lines.began, { ...logged, error: messageOf(cause), ...more });
  }

  worked(): void {
    if (this.#failure === undefined) return;
    const { clock, log, logged, lines } = this.#deps;
    const outage_ms = Math.round(clock.monotonic() - this.#failure.began_ms);
    this.#failure = undefined;
    logLine(log, lines.ended, { ...logged, outage_ms });
  }
}
