/**
 * The ledger: the counts of every input by fate and reason, and the checkpoints of every stream.
 *
 * It keeps two sets of counts. The live ones are what status shows. The committed ones hold only blocks that
 * a checkpoint has passed; they are what is written, in the same file as the checkpoints, so that after a
 * crash the books still balance: what is read again was never booked.
 */
import { randomUUID } from "node:crypto";
import {
  addTo,
  closeBooks,
  emptyBooks,
  fates,
  type Books,
  type Fate,
  type InputBooks,
  type InputBooksNow,
} from "./books.ts";
import { Backlogs, type Backlog } from "./backlogs.ts";
import { InputAccounts, type CountedEvents } from "./input-accounts.ts";
import { KeptValues, type KeptValue } from "./lanes/kept-values.ts";
import { Lanes } from "./lanes/lanes.ts";
import type { Account } from "./receipt.ts";
import type { LedgerState, StreamState } from "./state.ts";
import { StreamLedger, type LedgerTotals } from "./stream-ledger.ts";
import { UnwrittenStreams, type Snapshot } from "./unwritten-streams.ts";

/** A plugin that makes up reasons must not fill the memory: later ones are counted as `other`. */
const accounts_max = 1000;

export class Ledger implements LedgerTotals {
  /** Called whenever there is something new to write. */
  onChange: () => void = () => undefined;
  /** Called before what has changed is taken to be written. */
  onTake: () => void = () => undefined;
  readonly lanes: Lanes;
  /** What others keep in the state file. */
  readonly kept: KeptValues;
  readonly #accountNames: { fate: Fate; reason: string }[] = [];
  readonly #accountIds = new Map<string, Account>();
  readonly #inputs = new Map<string, InputAccounts>();
  readonly #streams = new Map<string, StreamLedger>();
  readonly #backlogs = new Backlogs();
  #written: Readonly<Record<string, InputBooks>>;
  #unwritten = new UnwrittenStreams();
  readonly #watched = new Set<StreamLedger>();

  constructor(state?: LedgerState) {
    this.#written = state?.inputs ?? {};
    this.kept = new KeptValues(state?.kept);
    this.lanes = new Lanes(this.kept, state?.epoch);
    for (const [name, books] of Object.entries(this.#written)) this.#restoreInput(name, books);
    for (const stream of state?.streams ?? []) this.#addStream(stream).written(stream.checkpoint);
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
    this.streamChanged(stream);
    return stream;
  }

  /** All streams, those restored from the state file included. */
  streams(): StreamLedger[] {
    return [...this.#streams.values()];
  }

  /** The streams of `input`, those restored from the state file included. */
  streamsOf(input: string): StreamLedger[] {
    return this.streams().filter((stream) => stream.input === input);
  }

  /** Forgets a stream that will never be read again. Its counts stay. */
  forget(stream: StreamLedger): void {
    this.#streams.delete(stream.id);
    this.#watched.delete(stream);
    this.#unwritten.forget(stream);
    stream.forget();
    this.changed();
  }

  /** Books bytes that are known to have existed and can no longer be read. */
  lose(input: string, reason: string, bytes: number): void {
    addTo(this.#input(input).lost_bytes, reason, bytes);
    this.changed();
  }

  /** Counts bytes of which nobody can know whether they existed. */
  mayHaveLost(input: string, bytes: number): void {
    this.#input(input).maybe_lost_bytes += bytes;
    this.changed();
  }

  /** Books quarantined events that are in quarantine no more, and are lost. They stay quarantined, too. */
  removeFromQuarantine(input: string, reason: string, count: number): void {
    addTo(this.#input(input).quarantine_removed, reason, count);
    this.changed();
  }

  /** Books events of no stream as received and ended: those that could not even be kept. */
  book(input: string, account: Account, count: number, bytes: number): void {
    this.#input(input).book(account, count, bytes);
    this.changed();
  }

  /** Books that a step made `count` events of those that `book` was given. */
  bookMade(input: string, step: string, count: number): void {
    this.#input(input).bookMade(step, count);
    this.changed();
  }

  /** Has `books` show what a journal of an input has accepted and not read yet, as received and in flight. */
  trackBacklog(input: string, backlog: Backlog): void {
    this.openInput(input);
    this.#backlogs.add(input, backlog);
  }

  /** What journals of an input have accepted and not read yet. */
  unread(input: string): number {
    return this.#backlogs.unread(input);
  }

  books(): Books {
    const inputs: Record<string, InputBooksNow> = {};
    for (const [name, accounts] of this.#inputs) {
      const backlog = this.unread(name);
      const books = this.#booksOf(accounts, accounts);
      books.received += backlog;
      inputs[name] = { ...books, in_flight: accounts.pending + backlog };
    }
    return closeBooks(inputs);
  }

  /**
   * The books of every input that a crash now would leave: of what was settled, all that the written state has, and of
   * what was received, what the journals have besides. So none of their counts ever falls, whatever happens.
   */
  writtenBooks(): Record<string, InputBooks> {
    const inputs: Record<string, InputBooks> = {};
    for (const name of this.#inputs.keys()) {
      const written = Object.hasOwn(this.#written, name) ? this.#written[name]! : emptyBooks();
      inputs[name] = { ...written, received: written.received + this.#backlogs.unsaved(name) };
    }
    return inputs;
  }

  /** Bytes of an input that were read and that no written state covers yet: what a crash now would read again. */
  unsavedBytes(input: string): number {
    return this.#inputs.get(input)?.unsaved_bytes ?? 0;
  }

  /** The most that any input has unsaved. */
  get unsaved_bytes_most(): number {
    let most = 0;
    for (const { unsaved_bytes } of this.#inputs.values()) most = Math.max(most, unsaved_bytes);
    return most;
  }

  /** All that must be written for a restart to go on from here. */
  snapshot(): Snapshot {
    const taken = this.#take([...this.#streams.values()]);
    return { ...taken, state: { ...taken.state, kept: [...this.kept.all()] } };
  }

  /** What of it has changed since this or `snapshot` was called last, and all books. */
  changes(): Snapshot {
    return this.#take(this.#unwritten.changed);
  }

  /** The books as a crash now would leave them, if the state were written before. */
  committedBooks(): Record<string, InputBooks> {
    const inputs: Record<string, InputBooks> = {};
    for (const [name, accounts] of this.#inputs) {
      inputs[name] = this.#booksOf(accounts, accounts.committed());
    }
    return inputs;
  }

  /** All streams in their order, and what others keep, each as it is when it is asked for. */
  *whole(): Generator<{ stream: StreamState } | KeptValue> {
    for (const stream of this.#streams.values()) yield { stream: stream.state };
    yield* this.kept.all();
  }

  #take(taken: readonly StreamLedger[]): Snapshot {
    this.onTake();
    const inputs = this.committedBooks();
    const passed = new Map<string, number>();
    for (const [name, accounts] of this.#inputs) {
      passed.set(name, accounts.passed_bytes);
      accounts.passed_bytes = 0;
    }
    const unwritten = this.#unwritten;
    this.#unwritten = new UnwrittenStreams();
    const { forgotten } = unwritten;
    const streams = taken.map((stream) => stream.state);
    const kept = this.kept.take();
    const { state: epoch } = this.lanes.epoch;
    return { state: { inputs, streams, forgotten, epoch, kept }, unwritten, passed };
  }

  /** Says that a snapshot or changes are safely written, or with `written` false that they could not be. */
  saved({ state, unwritten, passed }: Snapshot, written: boolean): void {
    if (written) this.#written = state.inputs;
    for (const [name, bytes] of passed) {
      const accounts = this.#input(name);
      if (written) accounts.unsaved_bytes -= bytes;
      else accounts.passed_bytes += bytes;
    }
    if (!written) {
      this.kept.takeBack(state.kept);
      return this.#unwritten.takeUp(unwritten);
    }
    for (const { id, checkpoint } of state.streams) this.#streams.get(id)?.written(checkpoint);
    for (const stream of this.#watched) stream.saved();
  }

  /** Called by streams only. */
  streamChanged(stream: StreamLedger): void {
    this.streamNoted(stream);
    this.changed();
  }

  /** Called by streams only. */
  streamNoted(stream: StreamLedger): void {
    // A system call that hung can come back when its file is followed no more.
    if (this.#streams.get(stream.id) === stream) this.#unwritten.add(stream);
  }

  /** Whether something of a stream waits for the next write. */
  get has_notes(): boolean {
    return this.#unwritten.changed.length > 0;
  }

  watched(stream: StreamLedger): void {
    this.#watched.add(stream);
  }

  /** Says that there is something new to write. */
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

  #booksOf(accounts: InputAccounts, counted: CountedEvents): InputBooks {
    const { received, received_bytes, replayed, made, counts } = counted;
    const { maybe_lost_bytes } = accounts;
    const books = { ...emptyBooks(), received, received_bytes, replayed, maybe_lost_bytes };
    books.made = { ...made };
    books.lost_bytes = { ...accounts.lost_bytes };
    books.quarantine_removed = { ...accounts.quarantine_removed };
    counts.forEach((count, account) => {
      const { fate, reason } = this.#accountNames[account]!;
      books[fate][reason] = count;
    });
    return books;
  }
}
