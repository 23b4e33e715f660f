/**
 * The receipts that other aggregators have given: of a batch that comes again, also to another one, nothing is sent twice.
 *
 * Only the very batch is recognised, by its checksum. Numbers alone are not enough: whoever may publish receipts could make
 * aggregators pass over events that nobody has delivered.
 */
import { readReceipt } from "../../platform/nats/batch-head.ts";

const kept_max = 100_000;

export class HeardReceipts {
  /** Checksums by agent and batch, the oldest first. */
  readonly #sums = new Map<string, string>();

  note(agent: string, text: string): void {
    const receipt = readReceipt(text);
    if (receipt === undefined) return;
    const key = `${agent} ${receipt.id}`;
    this.#sums.delete(key);
    this.#sums.set(key, receipt.sum);
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
