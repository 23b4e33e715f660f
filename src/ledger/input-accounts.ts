/**
 * The counts of one input: the live ones, and the committed ones that hold only what a checkpoint has passed.
 */
import type { InputBooks } from "./books.ts";
import type { Account, Receipt } from "./receipt.ts";

/** Live or committed. */
export interface CountedEvents {
  readonly received: number;
  readonly received_bytes: number;
  readonly replayed: number;
  readonly counts: readonly number[];
}

export class InputAccounts {
  received: number;
  received_bytes: number;
  replayed: number;
  /** Events received and not settled. */
  pending = 0;
  /** Settled events by account. */
  readonly counts: number[];
  readonly lost_bytes: Record<string, number>;
  maybe_lost_bytes: number;
  /** Bytes read that no written state covers yet: what a crash now would read again. */
  unsaved_bytes = 0;
  /** Of these, the bytes that a checkpoint has passed since the last snapshot. */
  passed_bytes = 0;
  readonly quarantine_removed: Record<string, number>;
  #committed_received: number;
  #committed_bytes: number;
  #committed_replayed: number;
  readonly #committed_counts: number[];

  constructor(books: InputBooks, counts: number[]) {
    this.received = books.received;
    this.received_bytes = books.received_bytes;
    this.counts = counts;
    this.replayed = books.replayed;
    this.lost_bytes = { ...books.lost_bytes };
    this.maybe_lost_bytes = books.maybe_lost_bytes;
    this.quarantine_removed = { ...books.quarantine_removed };
    this.#committed_received = books.received;
    this.#committed_bytes = books.received_bytes;
    this.#committed_replayed = books.replayed;
    this.#committed_counts = [...counts];
  }

  /** Takes a settled block, that the checkpoint now passes, into the committed counts. */
  commit(receipt: Receipt): void {
    receipt.counts.forEach((count, account) => {
      this.#committed_received += count;
      if (receipt.is_replay) this.#committed_replayed += count;
      this.#committed_counts[account] = (this.#committed_counts[account] ?? 0) + count;
    });
    this.#committed_bytes += receipt.bytes - receipt.moved_bytes;
    this.passed_bytes += receipt.bytes;
  }

  /** Takes events that no checkpoint will ever pass into the live and the committed counts at once. */
  book(account: Account, count: number, bytes: number): void {
    this.received += count;
    this.received_bytes += bytes;
    this.counts[account] = (this.counts[account] ?? 0) + count;
    this.#committed_received += count;
    this.#committed_bytes += bytes;
    this.#committed_counts[account] = (this.#committed_counts[account] ?? 0) + count;
  }

  committed(): CountedEvents {
    return {
      received: this.#committed_received,
      received_bytes: this.#committed_bytes,
      replayed: this.#committed_replayed,
      counts: this.#committed_counts,
    };
  }
}
