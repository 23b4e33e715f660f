/**
 * The account of what an output has delivered, and how long that took from when the events came in.
 */
import type { Account, Receipt } from "../ledger/receipt.ts";
import type { Clock } from "../platform/clock.ts";
import { Histogram } from "../platform/histogram.ts";

/** Seconds: from a local receiver to a backlog of a weekend. */
const latency_bounds_s = [
  0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400,
];

export class Delivered {
  /** Seconds from when an event was read, or received and kept in a journal, to its delivery. By this process. */
  readonly latency = new Histogram(latency_bounds_s);
  readonly #account: Account;
  readonly #clock: Clock;

  constructor(account: Account, clock: Clock) {
    this.#account = account;
    this.#clock = clock;
  }

  /** Books `count` events of a block. */
  settle(receipt: Receipt, count: number): void {
    receipt.settle(this.#account, count);
    if (receipt.read_at_ms === undefined) return;
    this.latency.add(Math.max(0, this.#clock.now() - receipt.read_at_ms) / 1000, count);
  }
}
