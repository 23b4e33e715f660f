/**
 * Fills batches. A batch is closed when the next event does not fit, when it is due, or when its turn comes.
 *
 * Events of another index, or of another path (raw mode: other metadata), fill another batch, so that an index that
 * the token may not write to holds up none but its own. Only a few are open at a time, since each holds a buffer.
 */
import assert from "node:assert";
import type { LogEvent } from "../../event/log-event.ts";
import type { Clock } from "../../platform/clock.ts";
import { ownCopy } from "../../platform/packing/own-copy.ts";
import { Batch } from "./batch.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { Encoder } from "./encoder.ts";

const open_batches_max = 8;

export interface BatcherDeps {
  encoder: Encoder;
  clock: Clock;
  /** Gives buffers of the size of a batch. */
  pool: BufferPool;
  batch_wait_ms_max: number;
  /** Called with a batch that is full. */
  onFull: (batch: Batch) => void;
  /** Called when an open batch has become due. */
  onDue: () => void;
}

export class Batcher {
  readonly #deps: BatcherDeps;
  readonly #encoder: Encoder;
  readonly #pool: BufferPool;
  /** Open batches by path and index, the longest open first. */
  readonly #open = new Map<string, Batch>();
  /** The open batch that the last event went into. */
  #last: Batch | undefined;

  constructor(deps: BatcherDeps) {
    this.#deps = deps;
    this.#encoder = deps.encoder;
    this.#pool = deps.pool;
  }

  get empty(): boolean {
    return this.#open.size === 0;
  }

  add(event: LogEvent): void {
    const path = this.#encoder.pathOf(event);
    const { index } = event.metadata;
    const last = this.#last;
    const batch =
      last?.path === path && last.index === index ? last : this.#open.get(keyOf(path, index));
    if (batch?.add(event, this.#encoder)) {
      this.#last = batch;
      return;
    }
    if (batch !== undefined) this.#deps.onFull(this.#close(batch));
    this.#start(path, event);
  }

  /** Closes and gives the batch that is open the longest, or with `due_only` the first that is due. */
  take(due_only: boolean): Batch | undefined {
    for (const batch of this.#open.values()) {
      if (batch.due || !due_only) return this.#close(batch);
    }
    return undefined;
  }

  /** Closes and gives the open batch of that path and index. */
  takeOf(path: string, index: string | undefined): Batch | undefined {
    const batch = this.#open.get(keyOf(path, index));
    return batch && this.#close(batch);
  }

  /** Closes and gives all open batches. */
  takeAll(): Batch[] {
    return [...this.#open.values()].map((batch) => this.#close(batch));
  }

  /** Takes back a batch whose events are settled. */
  recycle(batch: Batch): void {
    // Nothing else is written over bytes that somebody may still read.
    if (!batch.shared) this.#pool.giveBack(batch.buffer);
  }

  /** Lets all timers go. */
  stop(): void {
    for (const batch of this.#open.values()) batch.timer?.cancel();
  }

  #start(path: string, event: LogEvent): void {
    if (this.#open.size === open_batches_max) this.#deps.onFull(this.take(false)!);
    const { clock, batch_wait_ms_max, onDue } = this.#deps;
    const batch = this.#batchFor(path, event);
    batch.timer = clock.after(batch_wait_ms_max, () => {
      batch.due = true;
      onDue();
    });
    this.#open.set(keyOf(path, batch.index), batch);
    this.#last = batch;
  }

  #batchFor(path: string, event: LogEvent): Batch {
    const { index } = event.metadata;
    const batch = new Batch(path, index, this.#pool.take());
    if (batch.add(event, this.#encoder)) return batch;
    // It does not fit into an empty batch, so it gets one of its own.
    this.#pool.giveBack(batch.buffer);
    const own = new Batch(path, index, Buffer.allocUnsafeSlow(this.#encoder.sizeMax(event)));
    assert(own.add(event, this.#encoder), "an encoder's sizeMax is enough for the event");
    // So that it stays alone: what is too large must not cost others a request.
    own.buffer = own.body;
    return own;
  }

  #close(batch: Batch): Batch {
    batch.timer?.cancel();
    this.#open.delete(keyOf(batch.path, batch.index));
    if (this.#last === batch) this.#last = undefined;
    if (batch.length * 2 <= batch.buffer.length) this.#trim(batch);
    return batch;
  }

  /** Many part-filled batches may come to wait (raw mode, ever new metadata); each is to hold what it needs. */
  #trim(batch: Batch): void {
    const { buffer, body } = batch;
    batch.buffer = ownCopy(body);
    this.#pool.giveBack(buffer);
  }
}

function keyOf(path: string, index: string | undefined): string {
  return index === undefined ? path : `${path}\n${index}`;
}
