/**
 * The counts of one input: the live ones, and the committed ones that hold only what a checkpoint has passed.
 */
import {
  addTo,
  emptyBooks,
  fates,
  type CountsByReason,
  type Fate,
  type InputBooks,
} from "./books.ts";
import type { Account, Receipt } from "./receipt.ts";

/** A plugin that makes up reasons must not fill the memory: later ones are counted as `other`. */
const accounts_max = 1000;

/** Live or committed. */
export interface CountedEvents {
  readonly received: number;
  readonly received_bytes: number;
  readonly replayed: number;
  readonly made: CountsByReason;
  readonly counts: readonly number[];
}

export class InputAccounts {
  received: number;
  received_bytes: number;
  replayed: number;
  readonly made: CountsByReason;
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
  readonly #committed_made: CountsByReason;
  readonly #committed_counts: number[];

  constructor(books: InputBooks, counts: number[]) {
    this.received = books.received;
    this.received_bytes = books.received_bytes;
    this.counts = counts;
    this.replayed = books.replayed;
    this.made = { ...books.made };
    this.lost_bytes = { ...books.lost_bytes };
    this.maybe_lost_bytes = books.maybe_lost_bytes;
    this.quarantine_removed = { ...books.quarantine_removed };
    this.#committed_received = books.received;
    this.#committed_bytes = books.received_bytes;
    this.#committed_replayed = books.replayed;
    this.#committed_made = { ...books.made };
    this.#committed_counts = [...counts];
  }

  /** Takes a settled block, that the checkpoint now passes, into the committed counts. */
  commit(receipt: Receipt): void {
    receipt.counts.forEach((count, account) => {
      this.#committed_received += count;
      if (receipt.is_replay) this.#committed_replayed += count;
      this.#committed_counts[account] = (this.#committed_counts[account] ?? 0) + count;
    });
    for (const step in receipt.made) addTo(this.#committed_made, step, receipt.made[step]!);
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

  /** Takes into both that a step made so many of those events. */
  bookMade(step: string, count: number): void {
    addTo(this.made, step, count);
    addTo(this.#committed_made, step, count);
  }

  committed(): CountedEvents {
    return {
      received: this.#committed_received,
      received_bytes: this.#committed_bytes,
      replayed: this.#committed_replayed,
      made: this.#committed_made,
      counts: this.#committed_counts,
    };
  }
}

/** The accounts of all inputs, by name, and which fate and reason each account is of. */
export class Accounts {
  readonly #inputs = new Map<string, InputAccounts>();
  readonly #names: { fate: Fate; reason: string }[] = [];
  readonly #ids = new Map<string, Account>();

  [Symbol.iterator](): IterableIterator<[string, InputAccounts]> {
    return this.#inputs.entries();
  }

  /** Those of an input; undefined where it was never opened. */
  known(name: string): InputAccounts | undefined {
    return this.#inputs.get(name);
  }

  /** Those of an input; where there are none, they go on from these books. */
  input(name: string, books = emptyBooks()): InputAccounts {
    const accounts = this.known(name) ?? this.#restore(books);
    this.#inputs.set(name, accounts);
    return accounts;
  }

  /** The account for events that end with `fate` because of `reason`. */
  of(fate: Fate, reason: string): Account {
    const key = `${fate}\0${reason}`;
    let account = this.#ids.get(key);
    if (account === undefined) {
      if (this.#names.length >= accounts_max && reason !== "other") return this.of(fate, "other");
      account = this.#names.push({ fate, reason }) - 1;
      this.#ids.set(key, account);
    }
    return account;
  }

  #restore(books: InputBooks): InputAccounts {
    const counts: number[] = [];
    for (const fate of fates) {
      for (const [reason, count] of Object.entries(books[fate])) {
        const account = this.of(fate, reason);
        counts[account] = (counts[account] ?? 0) + count;
      }
    }
    return new InputAccounts(books, counts);
  }

  booksOf(accounts: InputAccounts, counted: CountedEvents): InputBooks {
    const { received, received_bytes, replayed, made, counts } = counted;
    const { maybe_lost_bytes } = accounts;
    const books = { ...emptyBooks(), received, received_bytes, replayed, maybe_lost_bytes };
    books.made = { ...made };
    books.lost_bytes = { ...accounts.lost_bytes };
    books.quarantine_removed = { ...accounts.quarantine_removed };
    counts.forEach((count, account) => {
      const { fate, reason } = this.#names[account]!;
      books[fate][reason] = count;
    });
    return books;
  }
}
