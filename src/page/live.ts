/** Keeps what the page knows of the agent up to date: asks each second, and goes on where the agent was away. */
import type { HistoryReport } from "../admin/web/history-report.ts";
import type { Summary } from "../admin/web/summary.ts";
import { ask, nowMs, sleep } from "./browser.ts";
import type { Known } from "./model/health.ts";
import { type Hour, hourOf } from "./model/hour.ts";
import { Rates } from "./model/rates.ts";

const interval_ms = 1000;
const answer_wait_ms = 5000;
const history_every_ms = 10_000;
/** One answer that fails to come is no news: a reload or a busy moment. */
const failures_max = 1;

export interface Seen extends Known {
  readonly hour: Hour | undefined;
  readonly is_paused: boolean;
  /** When the agent was seen to have been started again, ISO 8601. */
  readonly restarted_at: string | undefined;
}

export class Live {
  #seen: Seen = {
    summary: undefined,
    rates: undefined,
    lost_since_ms: undefined,
    hour: undefined,
    is_paused: false,
    restarted_at: undefined,
  };
  readonly #show: (seen: Seen) => void;
  #failures = 0;
  #history_due_ms = 0;

  constructor(show: (seen: Seen) => void) {
    this.#show = show;
  }

  get seen(): Seen {
    return this.#seen;
  }

  pause(is_paused: boolean): void {
    this.#change({ is_paused });
  }

  /** Goes on as long as the page is there. */
  async run(): Promise<void> {
    for (;;) {
      if (!this.#seen.is_paused && !document.hidden) await this.#look();
      await sleep(interval_ms);
    }
  }

  async #look(): Promise<void> {
    try {
      const summary = await ask<Summary>("/page/summary", answer_wait_ms);
      const was_paused = this.#seen.is_paused;
      if (was_paused) return;
      this.#failures = 0;
      this.#take(summary);
      if (nowMs() >= this.#history_due_ms) await this.#lookBack();
    } catch {
      this.#failures += 1;
      if (this.#failures <= failures_max && this.#seen.summary !== undefined) return;
      this.#history_due_ms = 0;
      this.#change({ lost_since_ms: this.#seen.lost_since_ms ?? nowMs() });
    }
  }

  #take(summary: Summary): void {
    const { summary: before, rates } = this.#seen;
    // Another version has another page.
    if (before !== undefined && before.version !== summary.version) location.reload();
    const is_other = before !== undefined && before.started_at !== summary.started_at;
    if (is_other) this.#history_due_ms = 0;
    this.#change({
      summary,
      rates: Rates.after(summary, rates),
      lost_since_ms: undefined,
      ...(is_other && { restarted_at: summary.started_at }),
    });
  }

  async #lookBack(): Promise<void> {
    const history = await ask<HistoryReport>("/page/history", answer_wait_ms);
    this.#history_due_ms = nowMs() + history_every_ms;
    this.#change({ hour: hourOf(history) });
  }

  #change(part: Partial<Seen>): void {
    this.#seen = { ...this.#seen, ...part };
    this.#show(this.#seen);
  }
}
