/**
 * How many requests may be in flight now: from 1 up to the configured most, by what is observed.
 *
 * It starts at 1, so that over a fast link events arrive strictly in order, and is raised only where
 * waiting for answers is what holds the sender up: batches queue, and answers take long.
 */

const latency_samples = 16;
const recent_samples = 3;
/** Below this, one request at a time keeps a link busy enough; order is worth more. */
const latency_ms_high = 40;
/** Below this the order is won back, a request at a time. */
const latency_ms_low = 10;

export class Concurrency {
  /** Requests that may be in flight now. */
  limit = 1;
  readonly #limit_max: number;
  readonly #latencies: number[] = [];
  /** Answers since the limit last changed: it takes new ones to judge the change by. */
  #answers = 0;

  constructor(limit_max: number) {
    this.#limit_max = limit_max;
  }

  /** The middle one of the last latencies, in milliseconds; 0 before the first. */
  get latency_ms(): number {
    return medianOf(this.#latencies);
  }

  /** The middle one of the very last, in milliseconds: shows soon when a server becomes slow. */
  get recent_latency_ms(): number {
    return medianOf(this.#latencies.slice(-recent_samples));
  }

  /** Notes an answer that came after `latency_ms`, while `waiting` batches were in the queue. */
  succeeded(latency_ms: number, waiting: number): void {
    if (this.#latencies.length === latency_samples) this.#latencies.shift();
    this.#latencies.push(latency_ms);
    this.#answers += 1;
    if (this.#answers < latency_samples) return;
    const median = this.latency_ms;
    if (median > latency_ms_high && waiting > 0) this.#set(this.limit + 1);
    else if (median < latency_ms_low) this.#set(this.limit - 1);
  }

  /** Notes a failed request, or an answer that asks to slow down. */
  failed(): void {
    this.#set(this.limit >> 1);
  }

  #set(limit: number): void {
    const bounded = Math.min(Math.max(limit, 1), this.#limit_max);
    if (bounded !== this.limit) this.#answers = 0;
    this.limit = bounded;
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[sorted.length >> 1] ?? 0;
}
