/**
 * Delivers batches to Splunk, until each of their events has its fate: without end, and without a herd.
 *
 * Read from top to bottom, this is the way of a batch: it waits in the queue, gets leave for a request from an endpoint, and
 * what the answer means is carried out. Its events are settled, or wait for an acknowledgement; one that is refused for what
 * it holds is found by sending parts, and goes to quarantine; a batch that is refused as a whole is set aside.
 */
import type { Aside } from "../../../event/block.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { Logger } from "../../../platform/log.ts";
import type { NamingLedger } from "../../../ledger/lanes/naming.ts";
import { Acknowledgements, unacknowledged_bytes_max } from "./acknowledgements.ts";
import type { Batch } from "../../batch/batch.ts";
import { compressBatch } from "../../batch/compress.ts";
import { connectEndpoints } from "../endpoints/connect-endpoints.ts";
import type { Delivered } from "../../delivered.ts";
import type { Encoder } from "../../batch/encoder.ts";
import type { Lease } from "../endpoints/endpoint.ts";
import { Endpoints } from "../endpoints/endpoints.ts";
import { Fates } from "./fates.ts";
import type { HecClientDeps, HecTransport } from "../endpoints/hec-client.ts";
import type { AckSupport } from "../endpoints/ack-support.ts";
import type { SplunkHecOptions } from "../options.ts";
import { sumHeld, type Held } from "../../output.ts";
import { Parking } from "./parking.ts";
import type { Quarantine } from "../../quarantine/quarantine.ts";
import { RefusedEvents } from "./refused-events.ts";
import { Requests } from "./requests.ts";
import { decideUnsent, type Decision } from "../answers/response.ts";
import { shipmentOf, type Shipment } from "./shipment.ts";
import { ShipmentQueue } from "./shipment-queue.ts";
import { statusOf, type SplunkHecStatus, type Totals } from "./status.ts";

/** Full batches that may wait for a request to end: enough to compress them meanwhile. */
export const waiting_batches_max = 2;
/** Batches of an input that may be set aside, since Splunk refuses them, before the input waits. */
const parked_batches_max: Readonly<Record<Aside, number>> = { few: 2, many: 32 };

export interface DeliveryDeps {
  /** Of the output. */
  name: string;
  encoder: Encoder;
  delivered: Delivered;
  totals: Totals;
  ack_support: AckSupport;
  quarantine: Pick<Quarantine, "addRefused">;
  clock: Clock;
  log: Logger;
  random: () => number;
  connect: ((deps: HecClientDeps) => HecTransport) | undefined;
  ledger: NamingLedger;
  /** Called when another batch may be sent, and when one has ended. */
  onProgress: () => void;
  /** Called with the buffer of a batch that is kept under compression alone. */
  onCompressed: (buffer: Buffer) => void;
  /** Called with a batch none of whose events is open any more. */
  onEnded: (batch: Batch) => void;
  /** Called when an index is refused that was not known to be. */
  onIndexRefused?: () => void;
}

export class Delivery {
  readonly #options: SplunkHecOptions;
  readonly #deps: DeliveryDeps;
  readonly #queue: ShipmentQueue;
  readonly #endpoints: Endpoints;
  readonly #requests: Requests;
  readonly #acknowledgements: Acknowledgements;
  readonly #fates: Fates;
  readonly #parking: Parking;
  /** What waits for leave to send a request. */
  readonly #waiting = new Set<Shipment>();
  /** Takes what is not in progress, once another output has that to send. */
  #give: ((batch: Batch) => void) | undefined;
  #closed = false;

  constructor(options: SplunkHecOptions, deps: DeliveryDeps) {
    this.#options = options;
    this.#deps = deps;
    const { clock, log, random, quarantine, encoder } = deps;
    const logged = { output: deps.name };
    const common = { clock, log, random, logged };
    this.#queue = new ShipmentQueue({
      deliver: (shipment) => this.#deliver(shipment),
      onNext: deps.onProgress,
    });
    const endpoints = connectEndpoints(options, {
      ...common,
      connect: deps.connect,
      ack_support: deps.ack_support,
      isNeeded: () => !this.#endpoints.work,
      onReady: () => this.#goOn(),
    });
    this.#endpoints = new Endpoints(endpoints, () => !this.#acknowledgements.full);
    this.#requests = new Requests(options, { encoder, clock });
    this.#acknowledgements = new Acknowledgements({
      ...common,
      timeout_ms: options.ack_timeout,
      totals: deps.totals,
      onGiven: (batch) => this.#indexed(batch),
      onLost: (batch) => this.#lost(batch),
    });
    this.#parking = new Parking({
      ...common,
      in_order: options.max_in_flight === 1 && endpoints.length === 1,
      onDue: (shipment) => this.#enqueue(shipment, "aside"),
      onIndexRefused: () => deps.onIndexRefused?.(),
    });
    this.#fates = new Fates({
      delivered: deps.delivered,
      totals: deps.totals,
      acknowledgements: this.#acknowledgements,
      parking: this.#parking,
      refused: new RefusedEvents({ quarantine, encoder, clock, log, logged }),
    });
  }

  /** Whether a batch that is sent now would be in progress at once. */
  get takesMore(): boolean {
    const { size, pending, concurrency } = this.#queue;
    return size === 0 && pending < concurrency;
  }

  /** Whether nothing is being sent, and little is unacknowledged, so that a request need not be worth its place. */
  get isQuiet(): boolean {
    return this.#queue.pending === 0 && this.#acknowledgements.few;
  }

  /** Whether as many batches wait as may. */
  get isFull(): boolean {
    return this.#queue.size >= waiting_batches_max;
  }

  /** Whether nothing waits or is being sent; something may be set aside, or be unacknowledged. */
  get isIdle(): boolean {
    return this.#queue.empty;
  }

  /** Whether every event that it was given has its fate. */
  get isDone(): boolean {
    return this.#queue.empty && this.#parking.empty && this.#acknowledgements.empty;
  }

  /** Whether so much of the input is set aside that it has to wait. */
  holdsUp(input: string, aside: Aside = "few"): boolean {
    const bytes_max = parked_batches_max[aside] * this.#options.batch.max_bytes;
    return this.#parking.bytesOf(input) >= bytes_max;
  }

  /** The indexes that are refused; undefined in it is the token's default. */
  get refused_indexes(): (string | undefined)[] {
    return this.#parking.refused_indexes.map(({ index }) => index);
  }

  /** While a token has no acknowledgement, nothing is held for one. */
  get held_bytes_max(): number {
    const acknowledged = this.#endpoints.all.some(({ acknowledges }) => acknowledges === true);
    return acknowledged ? unacknowledged_bytes_max : 0;
  }

  /** What is being sent, or not acknowledged. */
  get held(): Held {
    return sumHeld([this.#queue.held, this.#acknowledgements.held]);
  }

  status(): SplunkHecStatus {
    return statusOf({
      endpoints: this.#endpoints.all,
      parked: this.#parking.trouble,
      refused_indexes: this.#parking.refused_indexes,
      requests_in_flight: this.#queue.pending,
      batches_waiting: this.#queue.size,
      totals: this.#deps.totals,
      events_unacknowledged: this.#acknowledgements.events,
    });
  }

  send(batch: Batch): void {
    this.#enqueue(shipmentOf(batch));
  }

  /** Begins no request any more, and gives away all that is not in progress, now and later. */
  retire(give: (batch: Batch) => void): void {
    this.#give = give;
    this.#endpoints.retire();
    const { aside, others } = this.#queue.clear();
    const left = [...this.#waiting, ...aside, ...this.#parking.surrender(), ...others];
    for (const { batch } of left) give(batch);
  }

  /** Ends all requests. Nothing is settled after it, not even what Splunk has just taken. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#give = undefined;
    this.#parking.close();
    this.#acknowledgements.close();
    await this.#endpoints.close();
    await this.#queue.onIdle();
  }

  #enqueue(shipment: Shipment, aside?: "aside"): void {
    const { batch } = shipment;
    if (this.#give !== undefined) return this.#give(batch);
    if (this.#options.compression === "gzip") compressBatch(batch, this.#deps);
    if (aside === undefined) this.#queue.add(shipment);
    else this.#queue.addAside(shipment);
  }

  async #deliver(shipment: Shipment): Promise<void> {
    const { batch } = shipment;
    if (await this.#sendAll(shipment)) {
      // What waits for its acknowledgement is still open.
      if (batch.open === 0) this.#deps.onEnded(batch);
    } else if (this.#give !== undefined) {
      // It may have been put aside just now.
      for (const each of [...this.#parking.surrender(), shipment]) this.#give(each.batch);
    }
  }

  /**
   * Resolves to whether every event of the batch has its fate, or is promised one; false where it is set aside, and
   * once this is closed or retired.
   */
  async #sendAll(shipment: Shipment): Promise<boolean> {
    const { batch, isolation } = shipment;
    const unsent = decideUnsent({ events: batch.events, bytes: batch.length });
    if (unsent !== undefined) this.#fates.refuse(shipment, unsent);
    for (let attempts = 0; isolation.open > 0; attempts += 1) {
      if (this.#parking.joins(shipment)) return false;
      const lease = await this.#leaseFor(shipment, attempts > 0);
      if (lease === undefined) return false;
      const count = isolation.next;
      const { decision, promise, latency_ms } = await this.#requests.send(lease, batch, count);
      if (this.#closed) return false;
      this.#endpoints.release(lease, decision, { latency_ms, waiting: this.#queue.size });
      this.#count(decision);
      if (this.#fates.carryOut(decision, { shipment, count, promise }) === "parked") return false;
    }
    return true;
  }

  async #leaseFor(shipment: Shipment, again: boolean): Promise<Lease | undefined> {
    this.#waiting.add(shipment);
    const naming = this.#deps.ledger.lanes.naming.pending;
    if (naming !== undefined) await naming;
    const lease = await this.#endpoints.acquire(again);
    this.#waiting.delete(shipment);
    // Another output may have its events now, although leave was given just before.
    return shipment.batch.open === 0 ? undefined : lease;
  }

  #count(decision: Decision): void {
    const { totals } = this.#deps;
    totals.requests += 1;
    if (decision.kind !== "delivered") totals.requests_failed += 1;
    this.#queue.concurrency = this.#endpoints.limit;
  }

  #indexed(batch: Batch): void {
    this.#fates.book(batch, batch.events);
    this.#deps.onEnded(batch);
    this.#goOn();
  }

  #lost(batch: Batch): void {
    this.send(batch);
    this.#goOn();
  }

  /** An endpoint, or an acknowledgement, was waited for. */
  #goOn(): void {
    if (this.#closed) return;
    this.#queue.concurrency = this.#endpoints.limit;
    this.#endpoints.pump();
    this.#deps.onProgress();
  }
}
