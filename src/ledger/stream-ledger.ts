/**
 * The ledger's side of one stream: the open blocks in the order they were read, and the checkpoint.
 *
 * The checkpoint only ever moves to the end of a block whose events, and those of all blocks before it,
 * are settled. So a crash repeats at most what was open, and never skips.
 */
import { addTo } from "./books.ts";
import type { InputAccounts } from "./input-accounts.ts";
import type { Lane } from "./lanes/lane.ts";
import type { Lanes } from "./lanes/lanes.ts";
import { StreamLanes, type LaneCounts } from "./lanes/stream-lanes.ts";
import { Receipt, type Account, type ReceiptInit, type ReceiptOwner } from "./receipt.ts";
import type { StreamState } from "./state.ts";

/** What a stream reports to the ledger that it belongs to. */
export interface LedgerTotals {
  readonly lanes: Lanes;
  /** There is something new of it to write. */
  streamChanged(stream: StreamLedger): void;
  /** The same, where that may wait for something else to be written. */
  streamNoted(stream: StreamLedger): void;
  /** It is to be called when a state was written. */
  watched(stream: StreamLedger): void;
}

/** The open blocks of every stream that has none: there are very many of those. */
const no_receipts: Receipt[] = [];

export class StreamLedger implements ReceiptOwner {
  readonly id: string;
  readonly input: string;
  /** The place in the order in which streams were opened. */
  readonly number: number;
  /** What the input needs to find the stream again after a restart. JSON; its shape is the input's. */
  identity: unknown;
  /** Up to where every event is settled. JSON; its shape is the input's. */
  checkpoint: unknown;
  /** The checkpoint that the state file safely has; undefined before the first one. */
  #saved_checkpoint: unknown;
  #onSaved: ((checkpoint: unknown) => void) | undefined;
  readonly #ledger: LedgerTotals;
  readonly #accounts: InputAccounts;
  #open: Receipt[] = no_receipts;
  #openHead = 0;
  /** Undefined before the first event that is numbered. */
  #lanes: StreamLanes | undefined;
  #is_forgotten = false;

  constructor(
    ledger: LedgerTotals,
    accounts: InputAccounts,
    init: StreamState & { readonly number: number },
  ) {
    this.#ledger = ledger;
    this.#accounts = accounts;
    this.id = init.id;
    this.input = init.input;
    this.number = init.number;
    this.identity = init.identity;
    this.checkpoint = init.checkpoint;
    if (init.lanes !== undefined) this.#lanes = new StreamLanes(ledger.lanes, this, init.lanes);
  }

  /** What is to be written of it. */
  get state(): StreamState {
    const { id, input, identity, checkpoint } = this;
    const lanes = this.#lanes?.state;
    return { id, input, identity, checkpoint, ...(lanes !== undefined && { lanes }) };
  }

  laneOf(output: string, index: string | undefined, source: string): Lane | undefined {
    this.#lanes ??= new StreamLanes(this.#ledger.lanes, this, undefined);
    return this.#lanes.of(output, index, source);
  }

  /** How far each of its lanes is. */
  laneCounts(): LaneCounts[] {
    return this.#lanes?.counts() ?? [];
  }

  /** Called by the ledger only: it will never be read again. */
  forget(): void {
    this.#lanes?.forget();
    for (const { generation } of this.#open.slice(this.#openHead)) {
      if (generation !== undefined) this.#ledger.lanes.epoch.passed(generation);
    }
    this.#is_forgotten = true;
  }

  /** Is called with the checkpoint of this stream that a state file safely has, each time that one was written. */
  set onSaved(handler: (checkpoint: unknown) => void) {
    this.#onSaved = handler;
    this.#ledger.watched(this);
  }

  /** Called by the ledger only: this checkpoint is in the written state. */
  written(checkpoint: unknown): void {
    this.#saved_checkpoint = checkpoint;
  }

  /** Called by the ledger only, when a state was written. */
  saved(): void {
    if (this.#saved_checkpoint !== undefined) this.#onSaved?.(this.#saved_checkpoint);
  }

  /** Whether its input alone knows more of it than what is written. */
  get may_sleep(): boolean {
    return this.idle && this.#lanes === undefined && this.#onSaved === undefined;
  }

  /** Whether every block that was opened is settled. */
  get idle(): boolean {
    return this.#openHead === this.#open.length;
  }

  /** Up to where the stream was read: the end of the block that was opened last, though it is not settled yet. */
  get position(): unknown {
    return this.idle ? this.checkpoint : this.#open.at(-1)!.end;
  }

  /** When the oldest events that are not settled came in; undefined where all are, or nobody knows. */
  get oldest_open_ms(): number | undefined {
    return this.#open[this.#openHead]?.read_at_ms;
  }

  /**
   * Books `count` events as received, and gives the receipt to settle them with.
   * `end` is the checkpoint once they are. A block may have no events: it then only moves the checkpoint.
   */
  open(count: number, bytes: number, end: unknown, read_at_ms?: number): Receipt {
    return this.#opened({ count, bytes, end, read_at_ms });
  }

  /** The same for events that were in quarantine, where they were received before. */
  openReplay(count: number, bytes: number, end: unknown): Receipt {
    this.#accounts.replayed += count;
    return this.#opened({ count, bytes, end, is_replay: true });
  }

  #opened(init: ReceiptInit): Receipt {
    const { count, bytes } = init;
    const generation = this.#is_forgotten ? undefined : this.#ledger.lanes.epoch.opened();
    const receipt = new Receipt(this, { ...init, generation });
    if (this.#open === no_receipts) this.#open = [receipt];
    else this.#open.push(receipt);
    this.#accounts.received += count;
    this.#accounts.received_bytes += bytes;
    this.#accounts.pending += count;
    this.#accounts.unsaved_bytes += bytes;
    if (count === 0) this.#commit();
    return receipt;
  }

  /** Called by Receipt.settle only. */
  settled(receipt: Receipt, account: Account, count: number): void {
    this.#accounts.pending -= count;
    this.#accounts.counts[account] = (this.#accounts.counts[account] ?? 0) + count;
    if (receipt.pending === 0) this.#commit();
  }

  /** Called by Receipt.move only. */
  moved(receipt: Receipt, count: number, bytes: number): void {
    this.#accounts.pending -= count;
    this.#accounts.received -= count;
    this.#accounts.received_bytes -= bytes;
    if (receipt.pending === 0) this.#commit();
  }

  /** Called by Receipt.grow only. */
  grown(count: number): void {
    this.#accounts.pending += count;
    this.#accounts.received += count;
  }

  /** Called by Receipt.noteMade only. */
  made(step: string, count: number): void {
    addTo(this.#accounts.made, step, count);
  }

  /** Says that `identity` has changed and must be written. */
  identityChanged(): void {
    this.#ledger.streamChanged(this);
  }

  /** Says that `identity` has changed, and is to be written with the next state that is. */
  identityNoted(): void {
    this.#ledger.streamNoted(this);
  }

  #commit(): void {
    let moved = false;
    for (;;) {
      const receipt = this.#open[this.#openHead];
      if (receipt === undefined || receipt.pending > 0) break;
      this.#openHead += 1;
      moved = true;
      this.checkpoint = receipt.end;
      this.#accounts.commit(receipt);
      this.#commitLanes(receipt);
    }
    if (this.idle) {
      this.#open = no_receipts;
      this.#openHead = 0;
    } else if (this.#openHead > 64 && this.#openHead * 2 > this.#open.length) {
      this.#open = this.#open.slice(this.#openHead);
      this.#openHead = 0;
    }
    if (moved) this.#ledger.streamChanged(this);
  }

  #commitLanes({ generation, placed }: Receipt): void {
    const { lanes } = this.#ledger;
    if (generation !== undefined && !this.#is_forgotten) lanes.epoch.passed(generation);
    if (placed === undefined) return;
    for (const { lane, count, holes = [], undelivered } of placed) {
      lane.committed += count;
      lane.undelivered += undelivered;
      if (lane.is_ended)
        lanes.ended({ output: lane.output, lanes: 0, events: count - undelivered });
      lanes.watchOf(this)?.committed(lane, count, holes);
    }
  }
}
