/**
 * Clients that could not be served: each is counted, and their number is logged at once and then once a minute.
 */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { reminder_interval_ms } from "../../platform/reminder.ts";

export class Refusals {
  readonly #input: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  #unlogged: { clients: number; cause: string } | undefined;
  #timer: Timer | undefined;

  constructor(input: string, clock: Clock, log: Logger) {
    this.#input = input;
    this.#clock = clock;
    this.#log = log;
  }

  /** Counts a client that was turned away, for a cause if there was one. */
  add(cause: string): void {
    this.#unlogged = { clients: (this.#unlogged?.clients ?? 0) + 1, cause };
    if (this.#timer === undefined) this.#report();
  }

  /** Logs what was not logged yet. */
  close(): void {
    this.#timer?.cancel();
    this.#report();
    this.#timer?.cancel();
  }

  #report(): void {
    this.#timer = undefined;
    if (this.#unlogged === undefined) return;
    this.#log.warn(
      "socket_clients_refused",
      { input: this.#input, ...this.#unlogged },
      "Clients were refused.",
    );
    this.#unlogged = undefined;
    this.#timer = this.#clock.after(reminder_interval_ms, () => this.#report());
  }
}
