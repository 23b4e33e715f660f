/**
 * The `splunk_hec` output: batches events, and keeps each batch until Splunk has taken it.
 *
 * An idle agent sends at once; a busy one fills its batches. At most `max_in_flight` requests run at a time, and
 * only a few batches wait behind them: beyond that `room` makes the inputs wait, so the memory is bounded.
 */
import type { Aside, PackedBlock, PackedBody, UnpackReason } from "../../event/block.ts";
import type { LogEvent } from "../../event/log-event.ts";
import { untilAborted } from "../../platform/patience.ts";
import { Batch } from "../batch/batch.ts";
import { Batcher } from "../batch/batcher.ts";
import { BufferPool } from "../batch/buffer-pool.ts";
import { Delivered } from "../delivered.ts";
import { Delivery, waiting_batches_max } from "./delivery/delivery.ts";
import type { Encoder } from "../batch/encoder.ts";
import { event_path, EventEncoder } from "../batch/envelope.ts";
import { Handover } from "../batch/handover.ts";
import { AckSupport } from "./endpoints/ack-support.ts";
import { endpointsOf, type SplunkHecOptions } from "./options.ts";
import type { Successor, Held, Output } from "../output.ts";
import { RawEncoder } from "../batch/raw.ts";
import type { SplunkHecDeps } from "./deps.ts";
import { noTotals, type SplunkHecStatus } from "./delivery/status.ts";

/** A body that is smaller than this is better sent together with others: a request costs more than looking at its events. */
const whole_bytes_min = 32 * 1024;

export class SplunkHecOutput implements Output {
  readonly name: string;
  readonly delivered: Delivered;
  readonly #options: SplunkHecOptions;
  readonly #encoder: Encoder;
  readonly #batcher: Batcher;
  readonly #delivery: Delivery;
  readonly #handoverTo: (successor: Successor) => Handover;
  #state: "open" | "retired" | "closed" = "open";
  /** Whether it was given what another output had, and not all of that was tried yet; `new` until it may go. */
  #inherited: "none" | "new" | "some" = "none";
  /** Whether nothing was at hand after the last event. */
  #idle = true;
  /** Calls of drain that are not over: nothing waits to be filled meanwhile. */
  #drains = 0;
  /** What `room` gave while there was none. */
  #room: PromiseWithResolvers<void> | undefined;
  /** What `drain` waits for: everything is delivered. */
  #empty: PromiseWithResolvers<void> | undefined;

  constructor(name: string, options: SplunkHecOptions, deps: SplunkHecDeps) {
    const { ledger, clock, random = Math.random, totals = noTotals() } = deps;
    const { batch, max_in_flight, mode } = options;
    this.name = name;
    this.delivered = deps.delivered ?? new Delivered(ledger.account("delivered", name), clock);
    this.#options = options;
    const encoder = mode === "raw" ? new RawEncoder() : new EventEncoder();
    this.#encoder = encoder;
    this.#handoverTo = (successor) => new Handover({ successor, encoder, clock });
    const pool = deps.pools?.of(batch.max_bytes) ?? new BufferPool(batch.max_bytes);
    pool.keep(max_in_flight * endpointsOf(options).length + waiting_batches_max);
    this.#batcher = new Batcher({
      encoder,
      clock,
      pool,
      batch_wait_ms_max: batch.max_wait,
      onFull: (full) => this.#delivery.send(full),
      onDue: () => this.#pump(),
    });
    this.#delivery = new Delivery(options, {
      ...deps,
      name,
      encoder,
      delivered: this.delivered,
      totals,
      ack_support: deps.ack_support ?? new AckSupport(),
      random,
      connect: deps.connect,
      onProgress: () => this.#pump(),
      onCompressed: (buffer) => pool.giveBack(buffer),
      onEnded: (ended) => this.#batcher.recycle(ended),
    });
  }

  get refused_indexes(): (string | undefined)[] {
    return this.#delivery.refused_indexes;
  }

  get held_bytes_max(): number {
    return this.#delivery.held_bytes_max;
  }

  add(event: LogEvent): void {
    this.#idle = false;
    this.#batcher.add(event);
  }

  whyUnpacked({ packing, bytes }: PackedBody): UnpackReason | undefined {
    const { mode, compression, batch } = this.#options;
    if (mode !== "event") return "output";
    if (bytes > batch.max_bytes) return "large";
    if (bytes < whole_bytes_min) return "small";
    return packing === "gzip" && compression !== "gzip" ? "compression" : undefined;
  }

  pass(block: PackedBlock): void {
    this.#idle = false;
    // What came before it goes before it.
    const before = this.#batcher.takeOf(event_path, block.index);
    if (before !== undefined) this.#delivery.send(before);
    this.#delivery.send(Batch.whole(event_path, block, this.#encoder));
  }

  inherit(event: LogEvent): void {
    this.#batcher.add(event);
    if (this.#inherited === "new") return;
    this.#inherited = "new";
    // What comes in one go is to share a request.
    queueMicrotask(() => {
      this.#inherited = "some";
      this.#pump();
    });
  }

  room(input: string, aside?: Aside): Promise<void> | undefined {
    if (this.#hasRoom(input, aside) || this.#state !== "open") return undefined;
    return (this.#room ??= Promise.withResolvers()).promise;
  }

  idle(): void {
    this.#idle = true;
    this.#pump();
  }

  async drain(stop: AbortSignal): Promise<void> {
    this.#drains += 1;
    this.#pump();
    while (!this.#allDelivered && !stop.aborted && this.#state !== "closed") {
      this.#empty ??= Promise.withResolvers();
      await untilAborted(this.#empty.promise, stop);
    }
    this.#drains -= 1;
  }

  async retire(successor: Successor): Promise<void> {
    this.#state = "retired";
    const handover = this.#handoverTo(successor);
    this.#delivery.retire((batch) => handover.give(batch));
    for (const batch of this.#batcher.takeAll()) handover.give(batch);
    this.#wake();
    await this.drain(new AbortController().signal);
  }

  get held(): Held {
    return this.#delivery.held;
  }

  async close(): Promise<void> {
    this.#state = "closed";
    this.#batcher.stop();
    await this.#delivery.close();
    this.#wake();
  }

  status(): SplunkHecStatus {
    return this.#delivery.status();
  }

  get #allDelivered(): boolean {
    return this.#batcher.empty && this.#delivery.isDone;
  }

  #hasRoom(input: string, aside?: Aside): boolean {
    const waits = this.#delivery.isFull || this.#inherited !== "none";
    return !waits && !this.#delivery.holdsUp(input, aside);
  }

  /** Lets open batches go as far as a request may start, and wakes whoever waits. */
  #pump(): void {
    if (this.#state === "closed") return;
    const delivery = this.#delivery;
    while (this.#state === "open" && delivery.takesMore) {
      const is_idle = this.#idle && delivery.isQuiet;
      const at_once = this.#drains > 0 || this.#inherited === "some" || is_idle;
      const batch = this.#batcher.take(!at_once);
      if (batch === undefined) break;
      delivery.send(batch);
    }
    const all_tried = this.#batcher.empty && delivery.isIdle;
    if (this.#inherited === "some" && all_tried) this.#inherited = "none";
    this.#wake();
  }

  #wake(): void {
    if (!this.#delivery.isFull || this.#state !== "open") {
      this.#room?.resolve();
      this.#room = undefined;
    }
    if (this.#allDelivered || this.#state === "closed") {
      this.#empty?.resolve();
      this.#empty = undefined;
    }
  }
}
