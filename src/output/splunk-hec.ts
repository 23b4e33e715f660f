/**
 * The `splunk_hec` output: batches events, and keeps each batch until Splunk has taken it.
 *
 * An idle agent sends at once; a busy one fills its batches. At most `max_in_flight` requests run at a time, and
 * only a few batches wait behind them: beyond that `room` makes the inputs wait, so the memory is bounded.
 */
import type { LogEvent } from "../event/log-event.ts";
import { untilAborted } from "../platform/patience.ts";
import { Acknowledgements, unacknowledged_bytes_max } from "./acknowledgements.ts";
import type { Batch } from "./batch.ts";
import { Batcher } from "./batcher.ts";
import { compress } from "./compress.ts";
import { connectEndpoints } from "./connect-endpoints.ts";
import { Delivered } from "./delivered.ts";
import { Endpoints } from "./endpoints.ts";
import { EventEncoder } from "./envelope.ts";
import { HandingOver } from "./handing-over.ts";
import type { SplunkHecOptions } from "./options.ts";
import { sumHeld, type Heir, type Held, type Output } from "./output.ts";
import { KnownPromises } from "./known-promises.ts";
import type { SplunkHecDeps } from "./splunk-hec-deps.ts";
import { noTotals, statusOf, type SplunkHecStatus, type Totals } from "./splunk-hec-status.ts";
import { Parking } from "./parking.ts";
import { RawEncoder } from "./raw.ts";
import { RefusedEvents } from "./refused-events.ts";
import type { Decision } from "./response.ts";
import { Sender } from "./sender.ts";
import { shipmentOf, type Shipment } from "./shipment.ts";
import { ShipmentQueue } from "./shipment-queue.ts";

/** Full batches that may wait for a request to end: enough to compress them meanwhile. */
const waiting_batches_max = 2;
/** Batches of an input that may stand aside, since Splunk refuses them, before the input waits. */
const parked_batches_max = 2;

export class SplunkHecOutput implements Output {
  readonly name: string;
  readonly #options: SplunkHecOptions;
  readonly delivered: Delivered;
  readonly #batcher: Batcher;
  readonly #endpoints: Endpoints;
  readonly #acknowledgements: Acknowledgements;
  readonly #parking: Parking;
  readonly #sender: Sender;
  readonly #queue: ShipmentQueue;
  readonly #handingTo: (heir: Heir) => HandingOver;
  readonly #totals: Totals;
  #state: "open" | "withdrawn" | "closed" = "open";
  /** Where everything goes that is not delivered, once it is withdrawn. */
  #handing: HandingOver | undefined;
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
    const { ledger, quarantine, clock, log, random = Math.random } = deps;
    const { batch, max_in_flight, mode, compression, token, ack } = options;
    this.name = name;
    this.#options = options;
    this.delivered = deps.delivered ?? new Delivered(ledger.account("delivered", name), clock);
    this.#totals = deps.totals ?? noTotals();
    const encoder = mode === "raw" ? new RawEncoder() : new EventEncoder();
    this.#handingTo = (heir) => new HandingOver({ heir, encoder, clock });
    const gzip = compression === "gzip";
    const logged = { output: name };
    const common = { clock, log, random, logged };
    this.#acknowledgements = new Acknowledgements({
      ...common,
      timeout_ms: options.ack_timeout,
      totals: this.#totals,
      onGiven: (given) => this.#acknowledged(given),
      onLost: (lost) => {
        this.#enqueue(shipmentOf(lost));
        this.#goOn();
      },
    });
    const endpoints = connectEndpoints(options, {
      ...common,
      connect: deps.connect,
      promises: deps.promises ?? new KnownPromises(),
      isNeeded: () => !this.#endpoints.work,
      onReady: () => this.#goOn(),
    });
    this.#endpoints = new Endpoints(endpoints, () => !this.#acknowledgements.full);
    this.#parking = new Parking({
      ...common,
      in_order: max_in_flight === 1 && endpoints.length === 1,
      onDue: (shipment) => this.#enqueue(shipment, "aside"),
    });
    this.#batcher = new Batcher({
      encoder,
      clock,
      batch_bytes_max: batch.max_bytes,
      batch_wait_ms_max: batch.max_wait,
      spare_buffers_max: max_in_flight * endpoints.length + waiting_batches_max,
      onFull: (full) => this.#enqueue(shipmentOf(full)),
      onDue: () => this.#pump(),
    });
    const refused = new RefusedEvents({ quarantine, encoder, clock, log, logged });
    this.#sender = new Sender({
      endpoints: this.#endpoints,
      parking: this.#parking,
      ack,
      headers: {
        "content-type": encoder.content_type,
        ...(gzip ? { "content-encoding": "gzip" } : {}),
      },
      token,
      clock,
      waiting: () => this.#queue.size,
      compress: gzip ? compress : undefined,
      onTaken: (sent, count, promise) => {
        if (promise === undefined) this.#settle(sent, count);
        else this.#acknowledgements.add(sent.part(count), promise);
      },
      onRefused: (sent, refusal) => refused.take(sent, refusal),
      onAnswer: (decision) => this.#observe(decision),
    });
    this.#queue = new ShipmentQueue({
      deliver: (shipment) => this.#deliver(shipment),
      onNext: () => this.#pump(),
    });
  }

  /** While a token has no acknowledgement, nothing is held for one. */
  get held_bytes_max(): number {
    const acknowledged = this.#endpoints.all.some(({ acknowledges }) => acknowledges === true);
    return acknowledged ? unacknowledged_bytes_max : 0;
  }

  add(event: LogEvent): void {
    this.#idle = false;
    this.#batcher.add(event);
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

  room(input: string): Promise<void> | undefined {
    if (this.#hasRoom(input) || this.#state !== "open") return undefined;
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

  async withdraw(heir: Heir): Promise<void> {
    this.#state = "withdrawn";
    const handing = (this.#handing = this.#handingTo(heir));
    this.#endpoints.retire();
    const { aside, others } = this.#queue.clear();
    const left = [...this.#sender.waiting, ...aside, ...this.#parking.surrender(), ...others];
    for (const { batch } of left) handing.give(batch);
    for (const batch of this.#batcher.takeAll()) handing.give(batch);
    this.#wake();
    await this.drain(new AbortController().signal);
  }

  get held(): Held {
    return sumHeld([this.#queue.held, this.#acknowledgements.held]);
  }

  async close(): Promise<void> {
    this.#state = "closed";
    this.#batcher.stop();
    this.#sender.close();
    this.#parking.close();
    this.#acknowledgements.close();
    await this.#endpoints.close();
    await this.#queue.onIdle();
    this.#wake();
  }

  status(): SplunkHecStatus {
    return statusOf({
      endpoints: this.#endpoints.all,
      parked: this.#parking.trouble,
      requests_in_flight: this.#queue.pending,
      batches_waiting: this.#queue.size,
      totals: this.#totals,
      events_unacknowledged: this.#acknowledgements.events,
    });
  }

  get #allDelivered(): boolean {
    if (!this.#batcher.empty || !this.#queue.empty) return false;
    return this.#parking.empty && this.#acknowledgements.empty;
  }

  #hasRoom(input: string): boolean {
    if (this.#queue.size >= waiting_batches_max || this.#inherited !== "none") return false;
    return this.#parking.bytesOf(input) < parked_batches_max * this.#options.batch.max_bytes;
  }

  /** Lets open batches go as far as a request may start, and wakes whoever waits. */
  #pump(): void {
    if (this.#state === "closed") return;
    const queue = this.#queue;
    while (this.#state === "open" && queue.size === 0 && queue.pending < queue.concurrency) {
      const is_idle = this.#idle && queue.pending === 0 && this.#acknowledgements.few;
      const at_once = this.#drains > 0 || this.#inherited === "some" || is_idle;
      const batch = this.#batcher.take(!at_once);
      if (batch === undefined) break;
      this.#enqueue(shipmentOf(batch));
    }
    if (this.#inherited === "some" && this.#batcher.empty && queue.empty) this.#inherited = "none";
    this.#wake();
  }

  #enqueue(shipment: Shipment, aside?: "aside"): void {
    const { batch } = shipment;
    if (this.#state === "withdrawn") {
      this.#handing!.give(batch);
      return;
    }
    if (this.#options.compression === "gzip") batch.compressed ??= compress(batch.body);
    if (aside === undefined) this.#queue.add(shipment);
    else this.#queue.addAside(shipment);
  }

  async #deliver(shipment: Shipment): Promise<void> {
    const { batch } = shipment;
    if (await this.#sender.deliver(shipment)) {
      // What waits for its acknowledgement is still open.
      if (batch.open === 0) this.#batcher.recycle(batch);
    } else if (this.#state === "withdrawn") {
      // It may have been put aside just now.
      for (const each of [...this.#parking.surrender(), shipment]) this.#handing!.give(each.batch);
    }
  }

  #settle(batch: Batch, count: number): void {
    this.#totals.events += count;
    this.#totals.bytes += batch.bodyOf(count).length;
    batch.settle(this.delivered, count);
  }

  #acknowledged(batch: Batch): void {
    this.#settle(batch, batch.events);
    this.#batcher.recycle(batch);
    this.#goOn();
  }

  #observe(decision: Decision): void {
    this.#totals.requests += 1;
    if (decision.kind !== "delivered") this.#totals.requests_failed += 1;
    this.#queue.concurrency = this.#endpoints.limit;
  }

  /** An endpoint, or an acknowledgement, was waited for. */
  #goOn(): void {
    if (this.#state === "closed") return;
    this.#queue.concurrency = this.#endpoints.limit;
    this.#endpoints.pump();
    this.#pump();
  }

  #wake(): void {
    if (this.#queue.size < waiting_batches_max || this.#state !== "open") {
      this.#room?.resolve();
      this.#room = undefined;
    }
    if (this.#allDelivered || this.#state === "closed") {
      this.#empty?.resolve();
      this.#empty = undefined;
    }
  }
}
