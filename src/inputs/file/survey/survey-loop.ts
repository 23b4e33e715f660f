/**
 * Runs surveys one after the other: a full one at each poll, and one for changes soon after a notification.
 *
 * A survey of very many files costs time that reading could use, so surveys are spaced out by what they cost.
 */
import type { Clock } from "../../../platform/clock.ts";
import type { FileInputContext } from "../files/context.ts";
import type { Survey } from "./survey.ts";

/** A full survey may take this part of the time, up to the longest wait. */
const full_cost_divisor = 20;
const full_wait_ms_max = 5000;
/** A survey for changes may take this part of the time. */
const changes_cost_divisor = 4;
const changes_wait_ms_max = 1000;

export class SurveyLoop {
  readonly #survey: Survey;
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  readonly #poll_interval_ms: number;
  #requested = false;
  #wake: AbortController | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(survey: Survey, context: FileInputContext, poll_interval_ms: number) {
    this.#survey = survey;
    this.#clock = context.clock;
    this.#stop = context.stop;
    this.#poll_interval_ms = poll_interval_ms;
    this.#stop.addEventListener("abort", () => this.#wake?.abort(), { once: true });
  }

  /** Resolves when the loop has ended after a stop. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** Resolves after the first survey. */
  start(): Promise<void> {
    const first = this.#survey.run("full");
    this.#done = first.then(() => this.#run());
    return first;
  }

  /** Asks for a survey of what changed. */
  request(): void {
    this.#requested = true;
    this.#wake?.abort();
  }

  async #run(): Promise<void> {
    const clock = this.#clock;
    let full_cost_ms = 0;
    let full_at_ms = clock.monotonic();
    while (!this.#stop.aborted) {
      const spacing_ms = Math.min(full_wait_ms_max, full_cost_ms * full_cost_divisor);
      const due_ms = full_at_ms + Math.max(this.#poll_interval_ms, spacing_ms);
      await this.#wait(due_ms - clock.monotonic());
      if (this.#stop.aborted) return;
      this.#requested = false;
      const begun_ms = clock.monotonic();
      const kind = begun_ms >= due_ms ? "full" : "changes";
      await this.#survey.run(kind);
      const cost_ms = clock.monotonic() - begun_ms;
      if (kind === "full") {
        full_at_ms = begun_ms + cost_ms;
        full_cost_ms = cost_ms;
      } else {
        const pause_ms = Math.min(changes_wait_ms_max, cost_ms * changes_cost_divisor);
        if (pause_ms > 1) await clock.sleep(pause_ms, this.#stop);
      }
    }
  }

  /** Waits, or until a survey is requested. */
  async #wait(delay_ms: number): Promise<void> {
    if (this.#requested || delay_ms <= 0 || this.#stop.aborted) return;
    const wake = new AbortController();
    this.#wake = wake;
    await this.#clock.sleep(delay_ms, wake.signal);
    this.#wake = undefined;
  }
}
