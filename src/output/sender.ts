/**
 * Sends one batch until each of its events has a fate: without end, and without a herd.
 *
 * An endpoint in trouble is tried with one request at a time, and all go on at once when it takes events again. A batch
 * that is refused for what it holds is sent in parts until what is refused is found; one that is refused as a whole
 * stands aside.
 */
import type { Clock } from "../platform/clock.ts";
import type { Secret } from "../platform/secret.ts";
import type { AckPromise } from "./acknowledgements.ts";
import type { Batch } from "./batch.ts";
import type { Channel } from "./channel.ts";
import type { Endpoint, Lease } from "./endpoint.ts";
import type { Endpoints } from "./endpoints.ts";
import type { Parking } from "./parking.ts";
import {
  decideAnswer,
  decideFailure,
  decideUnsent,
  type Decision,
  type Narrowing,
  type Refusal,
} from "./response.ts";
import type { Shipment } from "./shipment.ts";

/**
 * An event that is refused alone goes to quarantine only while Splunk takes others: when this many in a row were
 * refused, it is not the events (a gateway that breaks bodies, a wrong setting), and all is kept and tried again.
 */
const quarantined_in_a_row_max = 16;

export interface SenderFacts {
  endpoints: Endpoints;
  parking: Parking;
  ack: "auto" | "on" | "off";
  /** What a request with a body says of it. */
  headers: Readonly<Record<string, string>>;
  /** So that the log can do without it. */
  token: Secret;
  clock: Clock;
  /** Batches that wait. */
  waiting: () => number;
  /** Called with every request's decision. */
  onAnswer: (decision: Decision) => void;
  /** Compresses the body of a part of a batch; undefined where bodies go as they stand. */
  compress: ((body: Buffer) => Promise<Buffer>) | undefined;
  /** Called when Splunk has taken the first `count` events of the batch that have no fate. */
  onTaken: (batch: Batch, count: number, promise: AckPromise | undefined) => void;
  /** Called when Splunk refuses the first event of the batch that has no fate. Takes it out of the batch. */
  onRefused: (batch: Batch, refusal: Narrowing) => void;
}

export class Sender {
  readonly #facts: SenderFacts;
  readonly #closing = new AbortController();
  /** What waits for leave to send a request. */
  readonly #waiting = new Set<Shipment>();
  /** Events that were refused alone since Splunk last took one. */
  #quarantined_in_a_row = 0;

  constructor(facts: SenderFacts) {
    this.#facts = facts;
  }

  /** What waits until a request may be sent, the oldest first. */
  get waiting(): Shipment[] {
    return [...this.#waiting];
  }

  /**
   * Resolves to whether every event of the batch has its fate, or is promised one; false where it stands aside, and
   * once the sender is closed or the endpoints are retired.
   */
  async deliver(shipment: Shipment): Promise<boolean> {
    const { batch, isolation } = shipment;
    const { parking } = this.#facts;
    const unsent = decideUnsent({ events: batch.events, bytes: batch.length });
    if (unsent !== undefined) this.#quarantine(shipment, unsent);
    for (let attempts = 0; isolation.open > 0; attempts += 1) {
      if (parking.joins(shipment)) return false;
      const lease = await this.#leaseFor(shipment, attempts > 0);
      if (lease === undefined) return false;
      const count = isolation.next;
      const { decision, channel } = await this.#attempt(lease, batch, count);
      // Nothing is settled after close, not even what Splunk has just taken.
      if (this.#closing.signal.aborted) return false;
      const { endpoint } = lease;
      if (decision.kind === "delivered") {
        this.#taken(shipment, count, promiseOf(endpoint, channel, decision));
        parking.passed(shipment);
        continue;
      }
      batch.shared = true;
      if (this.#learn(shipment, { count, endpoint, channel }, decision) === "parked") return false;
    }
    return true;
  }

  /** Lets nothing be settled any more. */
  close(): void {
    this.#closing.abort();
  }

  async #leaseFor(shipment: Shipment, again: boolean): Promise<Lease | undefined> {
    this.#waiting.add(shipment);
    const lease = await this.#facts.endpoints.acquire(again);
    this.#waiting.delete(shipment);
    // Another output may have its events now, although leave was given just before.
    return shipment.batch.open === 0 ? undefined : lease;
  }

  async #attempt(
    lease: Lease,
    batch: Batch,
    count: number,
  ): Promise<{ decision: Decision; channel: Channel }> {
    const { clock, token, headers, endpoints, waiting, onAnswer, compress, ack } = this.#facts;
    const { endpoint } = lease;
    const body = batch.bodyOf(count);
    const packed = count === batch.events ? batch.compressed : compress?.(body);
    const packed_body = packed === undefined ? body : await packed;
    const channel = endpoint.channels.take(clock.monotonic());
    const started_ms = clock.monotonic();
    const outcome = await endpoint.transport.request({
      method: "POST",
      path: batch.path,
      headers: { ...headers, ...channel.headers },
      body: packed_body,
    });
    const sent = { events: count, bytes: body.length };
    const ignores_acks = ack === "off";
    const decided =
      "answer" in outcome
        ? decideAnswer(outcome.answer, { sent, token, now_ms: clock.now(), ignores_acks })
        : decideFailure(outcome.failure, token);
    const decision = this.#inView(endpoint, decided);
    const now_ms = clock.monotonic();
    if ("answer" in outcome) endpoint.channels.answered(channel, outcome.answer.cookies);
    // After a failure some indexer may have a number open in the channel, so it is not used again.
    if (decision.kind === "delivered" && decision.ack_id === undefined) {
      endpoint.channels.giveBack(channel, now_ms);
    }
    const observed = { latency_ms: now_ms - started_ms, waiting: waiting() };
    if (!this.#closing.signal.aborted) {
      endpoints.release(lease, decision, observed);
      onAnswer(decision);
    }
    return { decision, channel };
  }

  /** The decision in view of whether the output wants acknowledgements. */
  #inView(endpoint: Endpoint, decision: Decision): Decision {
    const { ack } = this.#facts;
    const { ack_id, ...rest } = decision;
    if (ack === "off") return rest;
    if (ack_id !== undefined) endpoint.acknowledges = true;
    if (decision.kind === "delivered") {
      if (ack === "on" && ack_id === undefined) return not_promised;
      endpoint.acknowledges = ack_id !== undefined;
      return decision;
    }
    // What no acknowledgement will come for is not taken.
    const doubted = decision.taken > 0 && ack_id === undefined && endpoint.should_acknowledge;
    if (!doubted) return decision;
    return decision.kind === "isolate"
      ? { ...decision, kind: "bisect", taken: 0 }
      : { ...decision, taken: 0 };
  }

  /** Books what a refusal says of single events; says where the batch stands aside now. */
  #learn(shipment: Shipment, request: Request, refusal: Refusal): "parked" | undefined {
    const { isolation } = shipment;
    const { parking } = this.#facts;
    const promise = promiseOf(request.endpoint, request.channel, refusal);
    switch (refusal.kind) {
      case "retry":
      case "pause":
      case "blocked":
        if (refusal.taken > 0) this.#taken(shipment, refusal.taken, promise);
        if (refusal.scope === "endpoint") return undefined;
        parking.park(shipment, refusal);
        return "parked";
      case "quarantine":
        if (this.#quarantined_in_a_row >= quarantined_in_a_row_max) {
          isolation.doubt();
          parking.park(shipment, { ...refusal, kind: "blocked" }, "doubted");
          return "parked";
        }
        this.#quarantined_in_a_row += 1;
        this.#quarantine(shipment, refusal);
        break;
      case "isolate":
      case "bisect":
      case "halve":
        this.#settle(shipment.batch, isolation.refused(request.count, refusal), promise);
    }
    parking.passed(shipment);
    return undefined;
  }

  #taken(shipment: Shipment, count: number, promise: AckPromise | undefined): void {
    const { batch, isolation } = shipment;
    isolation.taken(count);
    this.#settle(batch, count, promise);
    if (isolation.found !== undefined) this.#quarantine(shipment, isolation.found);
  }

  #settle(batch: Batch, count: number, promise: AckPromise | undefined): void {
    if (count === 0) return;
    this.#quarantined_in_a_row = 0;
    this.#facts.onTaken(batch, count, promise);
  }

  #quarantine({ batch, isolation }: Shipment, refusal: Narrowing): void {
    isolation.quarantined();
    this.#facts.onRefused(batch, refusal);
  }
}

/** The request that was answered. */
interface Request {
  readonly count: number;
  readonly endpoint: Endpoint;
  readonly channel: Channel;
}

const not_promised: Refusal = {
  kind: "blocked",
  scope: "endpoint",
  reason: "ack_missing",
  detail: "HTTP 200 without an ackId: the token has no indexer acknowledgement, and `ack` is `on`",
  wait_ms: 0,
  taken: 0,
};

function promiseOf(
  endpoint: Endpoint,
  channel: Channel,
  { ack_id }: Decision,
): AckPromise | undefined {
  return ack_id === undefined ? undefined : { endpoint, channel, ack_id };
}
