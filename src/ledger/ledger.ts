/**
 * The ledger: the counts of every input by fate and reason, and the checkpoints of every stream.
 *
 * It keeps two sets of counts. The live ones are what status shows. The committed ones hold only blocks that
 * a checkpoint has passed; they are what is written, in the same file as the checkpoints, so that after a
 * crash the books still balance: what is read again was never booked.
 */
import { randomUUID } from "node:crypto";
import {
  closeBooks,
  emptyBooks,
  fates,
  type Books,
  type Fate,
  type InputBooks,
  type InputBooksNow,
} from "./books.ts";
import { InputAccounts } from "./input-accounts.ts";
import type { Account } from "./receipt.ts";
import type { LedgerState, StreamState } from "./state.ts";
import { StreamLedger, type LedgerTotals } from "./stream-ledger.ts";

/** A plugin that makes up reasons must not fill the memory: later ones are counted as `other`. */
const accounts_max = 1000;

export class Ledger implements LedgerTotals {
  /** Bytes read that no written state covers yet: what a crash now would read again. */
  unsaved_bytes = 0;
  /** Called whenever there is something new to write. */
  onChange: () => void = () => undefined;
  readonly #accountNames: { fate: Fate; reason: string }[] = [];
  readonly #accountIds = new Map<string, Account>();
  readonly #inputs = new Map<string, InputAccounts>();
  readonly #streams = new Map<string, StreamLedger>();
  readonly #backlogs = new Map<string, (() => number)[]>();
  #committed_bytes = 0;

  constructor(state?: LedgerState) {
    for (const [name, books] of Object.entries(state?.inputs ?? {}))
      this.#restoreInput(name, books);
    for (const stream of state?.streams ?? []) this.#addStream(stream);
  }

  /** The account for events that end with `fate` because of `reason`. */
  account(fate: Fate, reason: string): Account {
    const key = `${fate}\0${reason}`;
    let account = this.#accountIds.get(key);
    if (account === undefined) {
      if (this.#accountNames.length >= accounts_max && reason !== "other") {
        return this.account(fate, "other");
      }
      account = this.#accountNames.push({ fate, reason }) - 1;
      this.#accountIds.set(key, account);
    }
    return account;
  }

  /** Starts the books of an input, so that it is shown before its first event. */
  openInput(name: string): void {
    this.#input(name);
  }

  /** A new stream of `input`. */
  openStream(input: string, identity: unknown, checkpoint: unknown): StreamLedger {
    const stream = this.#addStream({ id: randomUUID(), input, identity, checkpoint });
    this.changed();
    return stream;
  }

  /** The streams of `input`, those restored from the state file included. */
  streamsOf(input: string): StreamLedger[] {
    return [...this.#streams.values()].filter((stream) => stream.input === input);
  }

  /** Forgets a stream that will never be read again. Its counts stay. */
  forget(stream: StreamLedger): void {
    this.#streams.delete(stream.id);
    this.changed();
  }

  /** Books bytes that are known to have existed and can no longer be read. */
  lose(input: string, reason: string, bytes: number): void {
    const lost = this.#input(input).lost_bytes;
    lost[reason] = (lost[reason] ?? 0) + bytes;
    this.changed();
  }

  /** Books events of no stream as received and ended: those that could not even be kept. */
  book(input: string, account: Account, count: number, bytes: number): void {
    this.#input(input).book(account, count, bytes);
    this.changed();
  }

  /** Has `books` show what a journal of an input has accepted and not read yet, as received and in flight. */
  trackBacklog(input: string, events_unread: () => number): void {
    this.openInput(input);
    this.#backlogs.set(input, [...(this.#backlogs.get(input) ?? []), events_unread]);
  }

  books(): Books {
    const inputs: Record<string, InputBooksNow> = {};
    for (const [name, accounts] of this.#inputs) {
      let backlog = 0;
      for (const events_unread of this.#backlogs.get(name) ?? []) backlog += events_unread();
      const books = this.#booksOf(accounts, accounts);
      books.received += backlog;
      inputs[name] = { ...books, in_flight: accounts.pending + backlog };
    }
    return closeBooks(inputs);
  }

  /** What must be written for a restart to go on from here. Call `saved` with its bytes once it is. */
  snapshot(): { state: LedgerState; bytes: number } {
    const inputs: Record<string, InputBooks> = {};
    for (const [name, accounts] of this.#inputs) {
      inputs[name] = this.#booksOf(accounts, accounts.committed());
    }
    const streams = [...this.#streams.values()].map(
      ({ id, input, identity, checkpoint }): StreamState => ({ id, input, identity, checkpoint }),
    );
    const bytes = this.#committed_bytes;
    this.#committed_bytes = 0;
    return { state: { inputs, streams }, bytes };
  }

  /** Says that a snapshot is safely written, or with `written` false that it could not be. */
  saved(bytes: number, written: boolean): void {
    if (written) this.unsaved_bytes -= bytes;
    else this.#committed_bytes += bytes;
  }

  /** Called by StreamLedger. */
  opened(bytes: number): void {
    this.unsaved_bytes += bytes;
  }

  /** Called by StreamLedger. */
  committed(bytes: number): void {
    this.#committed_bytes += bytes;
    this.onChange();
  }

  changed(): void {
    this.onChange();
  }

  #input(name: string): InputAccounts {
    return this.#inputs.get(name) ?? this.#restoreInput(name, emptyBooks());
  }

  #restoreInput(name: string, books: InputBooks): InputAccounts {
    const counts: number[] = [];
    for (const fate of fates) {
      for (const [reason, count] of Object.entries(books[fate])) {
        const account = this.account(fate, reason);
        counts[account] = (counts[account] ?? 0) + count;
      }
    }
    const accounts = new InputAccounts(books, counts);
    this.#inputs.set(name, accounts);
    return accounts;
  }

  #addStream(state: StreamState): StreamLedger {
    const stream = new StreamLedger(this, this.#input(state.input), state);
    this.#streams.set(stream.id, stream);
    return stream;
  }

  #booksOf(
    accounts: InputAccounts,
    counted: { received: number; received_bytes: number; counts: readonly number[] },
  ): InputBooks {
    const books = emptyBooks();
    books.received = counted.received;
    books.received_bytes = counted.received_bytes;
    books.lost_bytes = { ...accounts.lost_bytes };
    counted.counts.forEach((count, account) => {
      const { fate, reason } = this.#accountNames[account]!;
      books[fate][reason] = count;
    });
    return books;
  }
}
