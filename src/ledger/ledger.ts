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
  type Books,
  type Fate,
  type InputBooks,
  type InputBooksNow,
} from "./books.ts";
import { AsleepInputs } from "./asleep/asleep-inputs.ts";
import type { AsleepStreams } from "./asleep/asleep-streams.ts";
import { Backlogs, type Backlog } from "./backlogs.ts";
import { Accounts } from "./input-accounts.ts";
import { KeptValues, type KeptValue } from "./lanes/kept-values.ts";
import { Lanes } from "./lanes/lanes.ts";
import type { Account } from "./receipt.ts";
import type { LedgerState, StreamState } from "./state.ts";
import { StreamLedger, type LedgerTotals } from "./stream-ledger.ts";
import { statesInOrder, UnwrittenStreams, type Snapshot } from "./unwritten-streams.ts";

/** Streams with something new that waits for the next write: with more, they do not wait. */
const noted_max = 256;

export class Ledger implements LedgerTotals {
  /** Called whenever there is something new to write. */
  onChange: () => void = () => undefined;
  /** Called before what has changed is taken to be written. */
  onTake: () => void = () => undefined;
  readonly lanes: Lanes;
  /** What others keep in the state file. */
  readonly kept: KeptValues;
  readonly #accounts = new Accounts();
  readonly #streams = new Map<string, StreamLedger>();
  readonly #backlogs = new Backlogs();
  #written: Readonly<Record<string, InputBooks>>;
  #unwritten = new UnwrittenStreams();
  /** What is being written. */
  #taken: UnwrittenStreams | undefined;
  /** Streams that nobody reads: only their input knows them. */
  readonly #asleep: AsleepInputs;
  #opened = 0;
  /** Whether the whole state was asked for, and not yet what has changed since. */
  #is_whole_begun = false;
  readonly #watched = new Set<StreamLedger>();

  constructor(state?: LedgerState) {
    this.#written = state?.inputs ?? {};
    this.kept = new KeptValues(state?.kept);
    this.lanes = new Lanes(this.kept, state?.epoch);
    for (const [name, books] of Object.entries(this.#written)) this.#accounts.input(name, books);
    this.#asleep = state?.asleep ?? new AsleepInputs();
    this.#opened = this.#asleep.next_number;
    state?.streams.forEach((stream, at) => {
      this.#addStream(stream, state.numbers?.[at]).written(stream.checkpoint);
    });
  }

  /** The account for events that end with `fate` because of `reason`. */
  account(fate: Fate, reason: string): Account {
    return this.#accounts.of(fate, reason);
  }

  /** Starts the books of an input, so that it is shown before its first event. */
  openInput(name: string): void {
    this.#accounts.input(name);
  }

  /** A new stream of `input`. */
  openStream(input: string, identity: unknown, checkpoint: unknown): StreamLedger {
    const stream = this.#addStream({ id: randomUUID(), input, identity, checkpoint });
    this.streamChanged(stream);
    return stream;
  }

  /** All streams that are awake, those restored from the state file included. */
  streams(): StreamLedger[] {
    return [...this.#streams.values()];
  }

  /** Those of them that are of `input`. */
  streamsOf(input: string): StreamLedger[] {
    return this.streams().filter((stream) => stream.input === input);
  }

  /** The streams of `input` that are asleep. Those of files are at a start, unless they have lanes. */
  asleep(input: string): AsleepStreams {
    return this.#asleep.of(input);
  }

  /** Puts a stream to sleep that is written and of which nothing is open; gives its slot, or undefined where it cannot sleep now. */
  sleep(stream: StreamLedger, note: unknown): number | undefined {
    const { id, input, identity, checkpoint, number } = stream;
    if (!stream.may_sleep || this.#streams.get(id) !== stream) return undefined;
    if (this.#unwritten.has(stream) || this.#taken?.has(stream) === true) return undefined;
    this.#streams.delete(id);
    return this.#asleep.of(input).add(number, { id, identity, checkpoint, note });
  }

  /** Wakes a stream up. While the whole state is being written it may be left out there, and is written after it. */
  wake(input: string, slot: number): { stream: StreamLedger; note: unknown } {
    const streams = this.#asleep.of(input);
    const { note, ...state } = streams.at(slot);
    const stream = this.#addStream({ input, ...state }, streams.numberOf(slot));
    streams.delete(slot);
    if (this.#is_whole_begun) this.streamNoted(stream);
    return { stream, note };
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
    addTo(this.#accounts.input(input).lost_bytes, reason, bytes);
    this.changed();
  }

  /** Counts bytes of which nobody can know whether they existed. */
  mayHaveLost(input: string, bytes: number): void {
    this.#accounts.input(input).maybe_lost_bytes += bytes;
    this.changed();
  }

  /** Books quarantined events that are in quarantine no more, and are lost. They stay quarantined, too. */
  removeFromQuarantine(input: string, reason: string, count: number): void {
    addTo(this.#accounts.input(input).quarantine_removed, reason, count);
    this.changed();
  }

  /** Books events of no stream as received and ended: those that could not even be kept. */
  book(input: string, account: Account, count: number, bytes: number): void {
    this.#accounts.input(input).book(account, count, bytes);
    this.changed();
  }

  /** Books that a step made `count` of the events that `book` was given. */
  bookMade(input: string, step: string, count: number): void {
    this.#accounts.input(input).bookMade(step, count);
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
    for (const [name, accounts] of this.#accounts) {
      const backlog = this.unread(name);
      const books = this.#accounts.booksOf(accounts, accounts);
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
    for (const [name] of this.#accounts) {
      const written = Object.hasOwn(this.#written, name) ? this.#written[name]! : emptyBooks();
      inputs[name] = { ...written, received: written.received + this.#backlogs.unsaved(name) };
    }
    return inputs;
  }

  /** Bytes of an input that were read and that no written state covers yet: what a crash now would read again. */
  unsavedBytes(input: string): number {
    return this.#accounts.known(input)?.unsaved_bytes ?? 0;
  }

  /** The most that any input has unsaved. */
  get unsaved_bytes_most(): number {
    let most = 0;
    for (const [, { unsaved_bytes }] of this.#accounts) most = Math.max(most, unsaved_bytes);
    return most;
  }

  /** All that must be written for a restart to go on from here. */
  snapshot(): Snapshot {
    const taken = this.#take([]);
    const streams = [...statesInOrder(this.#streams.values(), this.#asleep)];
    return { ...taken, state: { ...taken.state, streams, kept: [...this.kept.all()] } };
  }

  /** What of it has changed since this or `snapshot` was called last, and all books. */
  changes(): Snapshot {
    this.#is_whole_begun = false;
    this.#taken = this.#unwritten;
    return this.#take(this.#unwritten.changed);
  }

  /** The books as a crash now would leave them, if the state were written before. */
  committedBooks(): Record<string, InputBooks> {
    const inputs: Record<string, InputBooks> = {};
    for (const [name, accounts] of this.#accounts) {
      inputs[name] = this.#accounts.booksOf(accounts, accounts.committed());
    }
    return inputs;
  }

  /** All streams in their order, and what others keep, each as it is when it is asked for. */
  *whole(): Generator<{ stream: StreamState } | KeptValue> {
    this.#is_whole_begun = true;
    for (const stream of statesInOrder(this.#streams.values(), this.#asleep)) yield { stream };
    yield* this.kept.all();
  }

  #take(taken: readonly StreamLedger[]): Snapshot {
    this.onTake();
    this.lanes.naming.taken();
    const inputs = this.committedBooks();
    const passed = new Map<string, number>();
    for (const [name, accounts] of this.#accounts) {
      passed.set(name, accounts.passed_bytes);
      accounts.passed_bytes = 0;
    }
    const unwritten = this.#unwritten;
    this.#unwritten = new UnwrittenStreams();
    const streams = taken.map(({ state }) => state);
    const [kept, { epoch }] = [this.kept.take(), this.lanes];
    const state = { inputs, streams, forgotten: unwritten.forgotten, epoch: epoch.state, kept };
    return { state, unwritten, passed };
  }

  /** Says that a snapshot or changes are safely written, or with `written` false that they could not be. */
  saved({ state, unwritten, passed }: Snapshot, written: boolean): void {
    if (written) this.#written = state.inputs;
    this.#taken = undefined;
    this.lanes.naming.ended();
    for (const [name, bytes] of passed) {
      const accounts = this.#accounts.input(name);
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

  streamChanged(stream: StreamLedger): void {
    this.streamNoted(stream);
    this.changed();
  }

  streamNoted(stream: StreamLedger): void {
    // A system call that hung can come back when its file is followed no more.
    if (this.#streams.get(stream.id) !== stream) return;
    this.#unwritten.add(stream);
    if (this.#unwritten.size === noted_max) this.changed();
  }

  /** Whether something of a stream waits for the next write. */
  get has_notes(): boolean {
    return this.#unwritten.size > 0;
  }

  watched(stream: StreamLedger): void {
    this.#watched.add(stream);
  }

  /** Says that there is something new to write. */
  changed(): void {
    this.onChange();
  }

  #addStream(state: StreamState, number = this.#opened): StreamLedger {
    this.#opened = Math.max(this.#opened, number + 1);
    const stream = new StreamLedger(this, this.#accounts.input(state.input), { ...state, number });
    this.#streams.set(stream.id, stream);
    return stream;
  }
}
