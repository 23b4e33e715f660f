/**
 * A receipt counts what is still open of one block, and is where an event's fate is booked.
 *
 * `settle` is the only place where an event is counted, and the same call acknowledges it: when a block's
 * last event is settled and all earlier blocks of its stream are, the stream's checkpoint moves to its end.
 * An event can leave a block without a fate only to another stream, which has it in its books from then on.
 */
import assert from "node:assert";
import { addTo } from "./books.ts";
import type { Generation } from "./lanes/epoch.ts";
import type { Hole, Lane, Place } from "./lanes/lane.ts";

/** The number under which a ledger keeps one (fate, reason) pair; see Ledger.account. */
export type Account = number;

/** Whom a receipt reports to: the ledger's side of its stream. */
export interface ReceiptOwner {
  readonly id: string;
  readonly input: string;
  settled(receipt: Receipt, account: Account, count: number): void;
  moved(receipt: Receipt, count: number, bytes: number): void;
  grown(count: number): void;
  made(step: string, count: number): void;
  /** Where its events get their numbers; undefined where they get none. */
  laneOf?(output: string, index: string | undefined, source: string): Lane | undefined;
}

/** What a block has in one lane. */
interface Placed {
  readonly lane: Lane;
  count: number;
  holes: Hole[] | undefined;
  /** How many of them are not delivered. */
  undelivered: number;
}

export interface ReceiptInit {
  count: number;
  bytes: number;
  end: unknown;
  is_replay?: boolean;
  read_at_ms?: number | undefined;
  generation?: Generation | undefined;
}

export class Receipt {
  readonly stream: ReceiptOwner;
  /** Where the stream's checkpoint is once this block is settled. JSON; its shape is the input's. */
  readonly end: unknown;
  readonly bytes: number;
  /** Whether its events came before, and were taken out of quarantine. */
  readonly is_replay: boolean;
  /** When its events came in, milliseconds since the epoch; undefined where nobody knows. */
  readonly read_at_ms: number | undefined;
  /** Events of the block that are not settled yet. */
  pending: number;
  /** Settled events by account. */
  readonly counts: number[] = [];
  /** How many of its events steps made, by their names; undefined where they made none. */
  made: Record<string, number> | undefined = undefined;
  /** Of `bytes`: those of events that were moved. */
  moved_bytes = 0;
  /** The configuration that was in force when it was opened. */
  readonly generation: Generation | undefined;
  /** Its events that have a place, by lane; undefined where none has. */
  placed: Placed[] | undefined = undefined;

  constructor(stream: ReceiptOwner, init: ReceiptInit) {
    const { count, bytes, end, is_replay = false } = init;
    this.stream = stream;
    this.pending = count;
    this.bytes = bytes;
    this.end = end;
    this.is_replay = is_replay;
    this.read_at_ms = init.read_at_ms;
    this.generation = init.generation;
  }

  /** Gives the next event of the block that goes to `output` its place; undefined where events are not numbered. */
  place(output: string, index: string | undefined, source: string): Place | undefined {
    const lane = this.stream.laneOf?.(output, index, source);
    if (lane === undefined) return undefined;
    this.#placedIn(lane).count += 1;
    return lane.take();
  }

  /** Says that one of its events is not delivered as it was encoded at its place. */
  spoil({ lane, number }: Place, reason: string): void {
    if (lane.recorder?.spoil(number) !== true) return;
    (this.#placedIn(lane).holes ??= []).push({ number, reason });
  }

  /** Says that one of its events is not delivered at all, though it has a place. */
  withhold(place: Place, reason: string): void {
    this.spoil(place, reason);
    this.#placedIn(place.lane).undelivered += 1;
  }

  #placedIn(lane: Lane): Placed {
    const placed = (this.placed ??= []);
    const last = placed.at(-1);
    if (last?.lane === lane) return last;
    let found = placed.find((each) => each.lane === lane);
    if (found === undefined)
      placed.push((found = { lane, count: 0, holes: undefined, undelivered: 0 }));
    return found;
  }

  /** Books `count` events of this block under `account`, once and for all. */
  settle(account: Account, count: number): void {
    assert(count <= this.pending, "more events settled than the block has");
    this.pending -= count;
    this.counts[account] = (this.counts[account] ?? 0) + count;
    this.stream.settled(this, account, count);
  }

  /** Adds `count` events that a step has made of those of the block: it is settled only when they are, too. */
  grow(step: string, count: number): void {
    assert(this.pending > 0, "events made of a block that is settled");
    this.pending += count;
    this.stream.grown(count);
    this.noteMade(step, count);
  }

  /** Says that a step made `count` of its events. */
  noteMade(step: string, count: number): void {
    addTo((this.made ??= {}), step, count);
    this.stream.made(step, count);
  }

  /**
   * Acknowledges `count` events of this block without a fate: another stream of the same input keeps them, and books them
   * as received when it reads them. `bytes` is what it will book for them.
   */
  move(count: number, bytes: number): void {
    assert(count <= this.pending, "more events moved than the block has");
    this.pending -= count;
    // Steps can make events longer than they were.
    const moved_bytes = Math.min(bytes, this.bytes - this.moved_bytes);
    this.moved_bytes += moved_bytes;
    this.stream.moved(this, count, moved_bytes);
  }
}
