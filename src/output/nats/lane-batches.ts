/**
 * Fills batches of one lane each, whose events have consecutive numbers.
 *
 * Only some are open at a time, since each holds a buffer: with more lanes than that, the one that is open the longest goes.
 */
import assert from "node:assert";
import type { LogEvent } from "../../event/log-event.ts";
import type { Lane } from "../../ledger/lanes/lane.ts";
import type { Clock } from "../../platform/clock.ts";
import { ownCopy } from "../../platform/packing/own-copy.ts";
import { Batch } from "../batch/batch.ts";
import { BufferPool } from "../batch/buffer-pool.ts";
import type { Encoder } from "../batch/encoder.ts";
import type { Shares } from "./shares.ts";

const open_batches_max = 16;

/** A batch that is filled, and where its events stand in their lane. */
export interface LaneBatch {
  readonly batch: Batch;
  readonly lane: Lane;
  /** The number of its first event. */
  readonly first: number;
  /** That all of its events come from. */
  readonly input: string;
}

interface OpenBatch extends LaneBatch {
  /** The number of the event that would be next. */
  next: number;
}

export interface LaneBatchesDeps {
  encoder: Encoder;
  /** Has what is in open batches counted. */
  shares: Shares;
  clock: Clock;
  batch_bytes_max: number;
  batch_wait_ms_max: number;
  spare_buffers_max: number;
  /** Called with a batch that is full, or ends since its lane goes on elsewhere. */
  onFull: (full: LaneBatch) => void;
  /** Called when an open batch has become due. */
  onDue: () => void;
}

export class LaneBatches {
  readonly #deps: LaneBatchesDeps;
  readonly #pool: BufferPool;
  /** By lane, the longest open first. */
  readonly #open = new Map<Lane, OpenBatch>();

  constructor(deps: LaneBatchesDeps) {
    this.#deps = deps;
    this.#pool = new BufferPool(deps.batch_bytes_max, deps.spare_buffers_max);
  }

  get empty(): boolean {
    return this.#open.size === 0;
  }

  add(event: LogEvent): void {
    const { place } = event;
    assert(place !== undefined, "an event has its place before it comes to an output");
    const { lane, number } = place;
    const open = this.#open.get(lane);
    if (open !== undefined) {
      const before = open.batch.length;
      if (open.next === number && open.batch.add(event, this.#deps.encoder)) {
        open.next += 1;
        this.#deps.shares.take(open.input, open.batch.length - before);
        return;
      }
      this.#deps.onFull(this.#close(open));
    }
    this.#start(lane, number, event);
  }

  /** Closes and gives the batch that is open the longest, or with `due_only` the first that is due. */
  take(due_only: boolean): LaneBatch | undefined {
    for (const open of this.#open.values()) {
      if (open.batch.due || !due_only) return this.#close(open);
    }
    return undefined;
  }

  takeAll(): LaneBatch[] {
    return [...this.#open.values()].map((open) => this.#close(open));
  }

  /** Takes back a batch whose events are settled. */
  recycle(batch: Batch): void {
    if (!batch.shared) this.#pool.giveBack(batch.buffer);
  }

  /** Takes back the buffer of a batch that is kept under compression alone. */
  reuse(buffer: Buffer): void {
    this.#pool.giveBack(buffer);
  }

  /** Lets all timers go. */
  stop(): void {
    for (const { batch } of this.#open.values()) batch.timer?.cancel();
  }

  #start(lane: Lane, first: number, event: LogEvent): void {
    if (this.#open.size === open_batches_max) this.#deps.onFull(this.take(false)!);
    const { clock, shares, batch_wait_ms_max, onDue } = this.#deps;
    const { input } = event.block.origin;
    const batch = this.#batchFor(event);
    batch.timer = clock.after(batch_wait_ms_max, () => {
      batch.due = true;
      onDue();
    });
    this.#open.set(lane, { batch, lane, first, input, next: first + 1 });
    shares.take(input, batch.length);
  }

  #batchFor(event: LogEvent): Batch {
    const { encoder } = this.#deps;
    const path = encoder.pathOf(event);
    const { index } = event.metadata;
    const batch = new Batch(path, index, this.#pool.take());
    if (batch.add(event, encoder)) return batch;
    // It does not fit into an empty batch, so it gets one of its own.
    this.#pool.giveBack(batch.buffer);
    const own = new Batch(path, index, Buffer.allocUnsafeSlow(encoder.sizeMax(event)));
    assert(own.add(event, encoder), "an encoder's sizeMax is enough for the event");
    own.buffer = own.body;
    return own;
  }

  #close(open: OpenBatch): LaneBatch {
    const { batch, lane, first, input } = open;
    batch.timer?.cancel();
    this.#open.delete(lane);
    this.#deps.shares.giveBack(input, batch.length);
    if (batch.length * 2 <= batch.buffer.length) {
      // Many that are filled in part may come to wait; each is to hold what it needs.
      const { buffer, body } = batch;
      batch.buffer = ownCopy(body);
      this.#pool.giveBack(buffer);
    }
    return { batch, lane, first, input };
  }
}
