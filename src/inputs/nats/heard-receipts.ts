/**
 * The receipts that other aggregators have given: of a batch that comes again, also to another one, nothing is sent twice.
 *
 * Only the very batch is recognised, by its checksum. Numbers alone are not enough: whoever may publish receipts could make
 * aggregators pass over events that nobody has delivered.
 */
import type { ReceiptText } from "../../platform/nats/batch-head.ts";

const kept_max = 100_000;

export class HeardReceipts {
  /** Checksums by agent and batch, the oldest first. */
  readonly #sums = new Map<string, string>();

  note(agent: string, { id, sum }: ReceiptText): void {
    const key = `${agent} ${id}`;
    this.#sums.delete(key);
    this.#sums.set(key, sum);
    if (this.#sums.size <= kept_max) return;
    for (const oldest of this.#sums.keys()) {
      this.#sums.delete(oldest);
      return;
    }
  }

  has(agent: string, id: string, sum: string): boolean {
    return this.#sums.get(`${agent} ${id}`) === sum;
  }
}
