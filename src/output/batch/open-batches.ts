/**
 * Batches that are filled, by what the events of each have in common. One is closed when the next event does not fit, when it is due,
 * or when its turn comes: only a few are open at a time, since each holds a buffer.
 */
import assert from "node:assert";
import type { LogEvent } from "../../event/log-event.ts";
import type { Clock } from "../../platform/clock.ts";
import { ownCopy } from "../../platform/packing/own-copy.ts";
import { Batch } from "./batch.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { Encoder } from "./encoder.ts";

export interface OpenBatchesDeps {
  encoder: Encoder;
  clock: Clock;
  /** Gives buffers of the size of a batch. */
  pool: BufferPool;
  batch_wait_ms_max: number;
  /** Called with a batch that is closed since another event needs its place. */
  onFull: (batch: Batch) => void;
  /** Called when an open batch has become due. */
  onDue: () => void;
}

export abstract class OpenBatches<Key> {
  /** The longest open first. */
  protected readonly open = new Map<Key, Batch>();
  protected readonly encoder: Encoder;
  readonly #deps: OpenBatchesDeps;
  readonly #open_max: number;

  constructor(deps: OpenBatchesDeps, open_max: number) {
    this.encoder = deps.encoder;
    this.#deps = deps;
    this.#open_max = open_max;
  }

  get empty(): boolean {
    return this.open.size === 0;
  }

  /** Closes and gives the batch that is open the longest, or with `due_only` the first that is due. */
  take(due_only: boolean): Batch | undefined {
    for (const [key, batch] of this.open) {
      if (batch.due || !due_only) return this.close(key, batch);
    }
    return undefined;
  }

  /** Closes and gives all open batches. */
  takeAll(): Batch[] {
    return [...this.open].map(([key, batch]) => this.close(key, batch));
  }

  /** Takes back a batch whose events are settled. */
  recycle(batch: Batch): void {
    // Nothing else is written over bytes that somebody may still read.
    if (!batch.shared) this.#deps.pool.giveBack(batch.buffer);
  }

  /** Lets all timers go. */
  stop(): void {
    for (const batch of this.open.values()) batch.timer?.cancel();
  }

  /** Opens a batch with the event. Closes the one that takes no more, and of too many the one that is open the longest. */
  protected start(key: Key, event: LogEvent): Batch {
    const { clock, batch_wait_ms_max, onFull, onDue } = this.#deps;
    const before = this.open.get(key);
    if (before !== undefined) onFull(this.close(key, before));
    if (this.open.size === this.#open_max) onFull(this.take(false)!);
    const batch = this.#batchFor(event);
    batch.timer = clock.after(batch_wait_ms_max, () => {
      batch.due = true;
      onDue();
    });
    this.open.set(key, batch);
    return batch;
  }

  protected close(key: Key, batch: Batch): Batch {
    batch.timer?.cancel();
    this.open.delete(key);
    this.closed(batch);
    if (batch.length * 2 <= batch.buffer.length) {
      // Many that are filled in part may come to wait; each is to hold what it needs.
      const { buffer, body } = batch;
      batch.buffer = ownCopy(body);
      this.#deps.pool.giveBack(buffer);
    }
    return batch;
  }

  /** Called with a batch that no event goes into any more. */
  protected abstract closed(batch: Batch): void;

  #batchFor(event: LogEvent): Batch {
    const { encoder } = this;
    const { pool } = this.#deps;
    const path = encoder.pathOf(event);
    const { index } = event.metadata;
    const batch = new Batch(path, index, pool.take());
    if (batch.add(event, encoder)) return batch;
    // It does not fit into an empty batch, so it gets one of its own.
    pool.giveBack(batch.buffer);
    const own = new Batch(path, index, Buffer.allocUnsafeSlow(encoder.sizeMax(event)));
    assert(own.add(event, encoder), "an encoder's sizeMax is enough for the event");
    // So that it stays alone: what is too large must not cost others a request.
    own.buffer = own.body;
    return own;
  }
}
