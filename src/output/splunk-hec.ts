/**
 * The `splunk_hec` output: batches events, and keeps each batch until Splunk has taken it.
 *
 * An idle agent sends at once; a busy one fills its batches. At most `max_in_flight` requests run at a time, and
 * only a few batches wait behind them: beyond that `room` makes the inputs wait, so the memory is bounded.
 */
import PQueue from "p-queue";
import type { LogEvent } from "../event/log-event.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import { untilAborted } from "../platform/patience.ts";
import { Acknowledgements, unacknowledged_bytes_max } from "./acknowledgements.ts";
import type { Batch } from "./batch.ts";
import { Batcher } from "./batcher.ts";
import { compress } from "./compress.ts";
import { Delivered } from "./delivered.ts";
import { Endpoint } from "./endpoint.ts";
import { Endpoints } from "./endpoints.ts";
import { EventEncoder } from "./envelope.ts";
import { HecClient, type HecClientFacts, type HecTransport } from "./hec-client.ts";
import { endpointsOf, type SplunkHecOptions } from "./options.ts";
import type { Output } from "./output.ts";
import { statusOf, type OutputStatus } from "./output-status.ts";
import { Parking } from "./parking.ts";
import type { Quarantine } from "./quarantine.ts";
import { RawEncoder } from "./raw.ts";
import { RefusedEvents } from "./refused-events.ts";
import type { Decision } from "./response.ts";
import { Sender } from "./sender.ts";
import { shipmentOf, type Shipment } from "./shipment.ts";

/** Full batches that may wait for a request to end: enough to compress them meanwhile. */
const waiting_batches_max = 2;
/** Batches of an input that may stand aside, since Splunk refuses them, before the input waits. */
const parked_batches_max = 2;
/** What has stood aside is older than what waits. */
const priority_parked = 1;
/** Connections beside those for events: queries for acknowledgements, and for the health. */
const side_connections = 2;

export interface OutputFacts {
  ledger: Ledger;
  /** Where an event goes that Splunk refuses for what it holds. */
  quarantine: Quarantine;
  clock: Clock;
  log: Logger;
  /** Gives a number from 0 up to 1, for the jitter of waits. */
  random?: () => number;
  /** Makes what carries the requests, in the place of a connection. */
  connect?: (facts: HecClientFacts) => HecTransport;
}

export class SplunkHecOutput implements Output {
  readonly name: string;
  readonly #options: SplunkHecOptions;
  readonly delivered: Delivered;
  readonly #batcher: Batcher;
  readonly #endpoints: Endpoints;
  readonly #acknowledgements: Acknowledgements;
  readonly #parking: Parking;
  readonly #sender: Sender;
  readonly #queue = new PQueue({ concurrency: 1 });
  readonly #totals = { events: 0, bytes: 0, requests: 0, requests_failed: 0 };
  #state: "open" | "closed" = "open";
  /** Whether nothing was at hand after the last event. */
  #idle = true;
  /** Calls of drain that are not over: nothing waits to be filled meanwhile. */
  #drains = 0;
  /** What `room` gave while there was none. */
  #room: PromiseWithResolvers<void> | undefined;
  /** What `drain` waits for: everything is delivered. */
  #empty: PromiseWithResolvers<void> | undefined;

  constructor(name: string, options: SplunkHecOptions, facts: OutputFacts) {
    const { ledger, quarantine, clock, log, random = Math.random } = facts;
    const { batch, max_in_flight, mode, compression, token, ack } = options;
    this.name = name;
    this.#options = options;
    this.delivered = new Delivered(ledger.account("delivered", name), clock);
    const encoder = mode === "raw" ? new RawEncoder() : new EventEncoder();
    const gzip = compression === "gzip";
    const logged = { output: name };
    this.#acknowledgements = new Acknowledgements({
      clock,
      log,
      timeout_ms: options.ack_timeout,
      logged,
      onGiven: (given) => this.#acknowledged(given),
      onLost: (lost) => {
        this.#enqueue(shipmentOf(lost));
        this.#goOn();
      },
    });
    this.#endpoints = new Endpoints(
      this.#connect(facts, random),
      () => !this.#acknowledgements.full,
    );
    this.#parking = new Parking({
      clock,
      log,
      random,
      logged,
      in_order: max_in_flight === 1 && this.#endpoints.all.length === 1,
      onDue: (shipment) => this.#enqueue(shipment, priority_parked),
    });
    const requests_max = max_in_flight * this.#endpoints.all.length;
    this.#batcher = new Batcher({
      encoder,
      clock,
      batch_bytes_max: batch.max_bytes,
      batch_wait_ms_max: batch.max_wait,
      spare_buffers_max: requests_max + waiting_batches_max,
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
        else this.#acknowledgements.add(partOf(sent, count), promise);
      },
      onRefused: (sent, refusal) => refused.take(sent, refusal),
      onAnswer: (decision) => this.#observe(decision),
    });
    this.#queue.addEventListener("next", () => this.#pump());
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

  room(input: string): Promise<void> | undefined {
    if (this.#hasRoom(input) || this.#state === "closed") return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  idle(): void {
    this.#idle = true;
    this.#pump();
  }

  async drain(stop: AbortSignal): Promise<void> {
    this.#drains += 1;
    this.#pump();
    while (!this.#allDelivered && !stop.aborted && this.#state === "open") {
      this.#empty ??= Promise.withResolvers();
      await untilAborted(this.#empty.promise, stop);
    }
    this.#drains -= 1;
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

  status(): OutputStatus {
    return statusOf({
      endpoints: this.#endpoints.all,
      parked: this.#parking.trouble,
      requests_in_flight: this.#queue.pending,
      batches_waiting: this.#queue.size,
      totals: this.#totals,
      acknowledgements: this.#acknowledgements,
    });
  }

  #connect(facts: OutputFacts, random: () => number): Endpoint[] {
    const { clock, log } = facts;
    const { token, timeout, max_in_flight, ack } = this.#options;
    const connect = facts.connect ?? ((client: HecClientFacts) => new HecClient(client));
    const urls = endpointsOf(this.#options);
    const connections = max_in_flight + side_connections;
    return urls.map((url) => {
      const timeout_ms = timeout;
      const network = this.#options;
      const transport = connect({ url, token, connections, timeout_ms, network, clock, log });
      return new Endpoint({
        url,
        transport,
        among_others: urls.length > 1,
        ack,
        max_in_flight,
        token,
        clock,
        log,
        random,
        logged: { output: this.name },
        isNeeded: () => !this.#endpoints.work,
        onReady: () => this.#goOn(),
      });
    });
  }

  get #allDelivered(): boolean {
    const queue = this.#queue;
    if (!this.#batcher.empty || queue.size > 0 || queue.pending > 0) return false;
    return this.#parking.empty && this.#acknowledgements.empty;
  }

  #hasRoom(input: string): boolean {
    if (this.#queue.size >= waiting_batches_max) return false;
    return this.#parking.bytesOf(input) < parked_batches_max * this.#options.batch.max_bytes;
  }

  /** Lets open batches go as far as a request may start, and wakes whoever waits. */
  #pump(): void {
    if (this.#state === "closed") return;
    const queue = this.#queue;
    while (queue.size === 0 && queue.pending < queue.concurrency) {
      const is_idle = this.#idle && queue.pending === 0 && this.#acknowledgements.few;
      const at_once = this.#drains > 0 || is_idle;
      const batch = this.#batcher.take(!at_once);
      if (batch === undefined) break;
      this.#enqueue(shipmentOf(batch));
    }
    this.#wake();
  }

  #enqueue(shipment: Shipment, priority = 0): void {
    const { batch } = shipment;
    if (this.#options.compression === "gzip") batch.compressed ??= compress(batch.body);
    // Never rejects, but for a bug of ours, which must end the process rather than lose the batch.
    void this.#queue.add(() => this.#deliver(shipment), { priority });
  }

  async #deliver(shipment: Shipment): Promise<void> {
    const { batch } = shipment;
    // What waits for its acknowledgement is still open.
    if ((await this.#sender.deliver(shipment)) && batch.open === 0) this.#batcher.recycle(batch);
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
    if (this.#queue.size < waiting_batches_max || this.#state === "closed") {
      this.#room?.resolve();
      this.#room = undefined;
    }
    if (this.#allDelivered || this.#state === "closed") {
      this.#empty?.resolve();
      this.#empty = undefined;
    }
  }
}

/** The first `count` events without a fate as a batch: itself, where those are all that it ever held. */
function partOf(batch: Batch, count: number): Batch {
  return count === batch.events ? batch : batch.split(count);
}
