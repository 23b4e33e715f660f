/**
 * The account of what an output has delivered, and how long that took from when the events came in; and the place where
 * somebody can watch it.
 */
import type { Account, Receipt } from "../ledger/receipt.ts";
import type { Clock } from "../platform/clock.ts";
import { Histogram } from "../platform/histogram.ts";

/** Seconds: from a local receiver to a backlog of a weekend. */
const latency_bounds_s = [
  0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 21_600, 86_400,
];

/** Events that are delivered now, in order. They are valid during the call. */
export interface PassingEvents {
  /** The path that they were posted to. */
  readonly path: string;
  /** The inputs that the first `count` of them come from, each with how many follow one another. */
  inputsOf(count: number): readonly { readonly input: string; readonly events: number }[];
  /** One of them as it was sent, from 0. Not a copy. */
  sentAt(number: number): Buffer;
}

/** Is called with what is delivered, while somebody watches. One object for all outputs. */
export interface DeliveryWatch {
  passed: ((output: string, events: PassingEvents, count: number) => void) | undefined;
}

export class Delivered {
  /** Seconds from when an event was read, or received and kept in a journal, to its delivery. By this process. */
  readonly latency = new Histogram(latency_bounds_s);
  readonly #account: Account;
  readonly #clock: Clock;
  readonly #watch: DeliveryWatch | undefined;
  readonly #output: string;

  /** `watched` says who watches, and the output's name. */
  constructor(
    account: Account,
    clock: Clock,
    watched?: { readonly watch: DeliveryWatch | undefined; readonly output: string },
  ) {
    this.#account = account;
    this.#clock = clock;
    this.#watch = watched?.watch;
    this.#output = watched?.output ?? "";
  }

  /** Whether somebody watches. */
  get is_watched(): boolean {
    return this.#watch?.passed !== undefined;
  }

  /** Shows the first `count` events to who watches. Comes before they are settled. */
  show(events: PassingEvents, count: number): void {
    this.#watch?.passed?.(this.#output, events, count);
  }

  /** Books `count` events of a block. */
  settle(receipt: Receipt, count: number): void {
    receipt.settle(this.#account, count);
    if (receipt.read_at_ms === undefined) return;
    this.latency.add(Math.max(0, this.#clock.now() - receipt.read_at_ms) / 1000, count);
  }
}
