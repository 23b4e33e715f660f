/** The wait for the answer of an isolated step to one event: how long it lasts, and what ends it. */
import { formatSize } from "../../platform/text/units.ts";
import { watchdog } from "../../platform/watchdog/watchdog.ts";
import type { Budget } from "../options.ts";
import { residentBytes, workOf } from "./process-facts.ts";

/** While an event is waited for. */
const wait_look_ms = 20;
/** One that the machine does not let work gets this many times its time, and no more than so much longer. */
const patience_factor = 10;
const patience_ms_max = 10_000;

export class EventWait {
  readonly #pid: number;
  readonly #budget: Budget;
  readonly #resident_bytes: number;
  #waited_ms = 0;
  #looked_ms = 0;
  #spent_ms: number | undefined;
  #has_too_much = false;

  /** What it takes beyond `resident_bytes`, it takes for this event. */
  constructor(pid: number, budget: Budget, resident_bytes: number) {
    this.#pid = pid;
    this.#budget = budget;
    this.#resident_bytes = resident_bytes;
  }

  /** Why there is no more patience. */
  get reason(): string {
    const { timeout, memory } = this.#budget;
    return this.#has_too_much ? tooMuch(memory) : `it did not return within ${timeout} ms`;
  }

  /** Counts what was waited, not the time: a process that is stopped or frozen meanwhile loses nothing. */
  readonly patience = (nap_ms: number): boolean => {
    this.#waited_ms += nap_ms;
    if (this.#waited_ms - this.#looked_ms < wait_look_ms) return true;
    this.#looked_ms = this.#waited_ms;
    // The process has a bounded time, so the watchdog need not take the wait for a hang.
    watchdog.beat();
    const { timeout, memory } = this.#budget;
    this.#has_too_much = residentBytes(this.#pid) - this.#resident_bytes > memory;
    if (this.#has_too_much) return false;
    const { spent_ms, is_running } = workOf(this.#pid);
    this.#spent_ms ??= spent_ms;
    if (this.#waited_ms < timeout) return true;
    const most_ms = Math.min(patience_factor * timeout, timeout + patience_ms_max);
    // A busy machine may not let it work: then only what it has worked counts.
    const is_starved = is_running && spent_ms - this.#spent_ms < timeout;
    return is_starved && this.#waited_ms < most_ms;
  };
}

/** Why a process is ended that takes more memory than this. */
export function tooMuch(memory: number): string {
  return `it uses more than ${formatSize(memory)} of memory`;
}
