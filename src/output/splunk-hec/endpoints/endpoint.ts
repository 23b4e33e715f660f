/**
 * One endpoint: its connections, what is in flight to it, its troubles, and how it comes back by itself.
 *
 *     up ──a failure──► resting ──after a wait, and a check──► ready ──► on trial with one request ──► up, or resting
 *
 * Only the word of the request on trial ends a rest: what others are answered may be older than the trouble.
 */
import PQueue from "p-queue";
import type { Clock } from "../../../platform/clock.ts";
import type { LogFacts, Logger } from "../../../platform/log.ts";
import type { Secret } from "../../../platform/secret.ts";
import { Channels, type Channel } from "./channel.ts";
import { Concurrency } from "./concurrency.ts";
import type { HecRequest, HecTransport, Outcome } from "./hec-client.ts";
import { decideAckCheck, decideHealth, health_request } from "./health.ts";
import { parseAcknowledgement } from "../answers/reply.ts";
import type { AckSupport } from "./ack-support.ts";
import type { Decision, Wait } from "../answers/response.ts";
import { Trouble } from "../answers/trouble.ts";

/** Queries for acknowledgements that may be in progress at once. */
const queries_max = 2;
/** How long an endpoint is left alone that answers much later than another. */
const slow_rest_ms = 30_000;
/** After this time without events, one that is needed is tried although its health endpoint says no. */
const doubt_health_ms = 10_000;

export interface EndpointDeps {
  url: string;
  transport: HecTransport;
  /** Whether there are others, which serve while this one rests. */
  among_others: boolean;
  ack: "auto" | "on" | "off";
  /** Of the token. */
  ack_support: AckSupport;
  max_in_flight: number;
  token: Secret;
  clock: Clock;
  log: Logger;
  random: () => number;
  /** What every line in the log carries. */
  logged: LogFacts;
  /** Whether no other takes events. */
  isNeeded: () => boolean;
  /** Called when a request may be tried again. */
  onReady: () => void;
}

/** Leave for one request. */
export interface Lease {
  readonly endpoint: Endpoint;
  readonly trial: boolean;
  /** Of the token when the request was allowed. */
  readonly token_generation: number;
}

export class Endpoint {
  readonly url: string;
  readonly transport: HecTransport;
  readonly channels = new Channels();
  readonly trouble: Trouble;
  in_flight = 0;
  readonly #deps: EndpointDeps;
  readonly #queries = new PQueue({ concurrency: queries_max });
  #concurrency: Concurrency;
  #state: "up" | "resting" | "ready" | "trial" | "closed" = "up";
  /** Whether it rests because it is slow. */
  #benched = false;
  /** Aborted to end the rest. */
  #rest: AbortController | undefined;

  constructor(deps: EndpointDeps) {
    const { url, transport, ack, max_in_flight, among_others, clock, log, random } = deps;
    this.#deps = deps;
    this.url = url;
    this.transport = transport;
    if (ack === "on") this.acknowledges = true;
    this.#concurrency = new Concurrency(max_in_flight);
    const logged = (): LogFacts => ({ ...deps.logged, url, scope: "endpoint" });
    this.trouble = new Trouble({ clock, log, random, logged });
    // Where there is another, nothing is risked with one that may be dead.
    if (among_others || ack === "on") this.#restFor(0);
  }

  /** Whether what it takes is promised an acknowledgement; undefined until it has shown that. */
  get acknowledges(): boolean | undefined {
    return this.#deps.ack_support.shownBy(this.url);
  }

  set acknowledges(acknowledges: boolean) {
    this.#deps.ack_support.note(this.url, acknowledges);
  }

  /** The same; as at others, while it has not shown that. */
  get should_acknowledge(): boolean {
    return this.#deps.ack_support.assumedOf(this.url);
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    if (this.#state === "up") return this.#concurrency.limit;
    return this.#state === "resting" || this.#state === "closed" ? 0 : 1;
  }

  /** The median of the last answers, in milliseconds; 0 before the first. */
  get latency_ms(): number {
    return this.#concurrency.latency_ms;
  }

  get recent_latency_ms(): number {
    return this.#concurrency.recent_latency_ms;
  }

  get isUp(): boolean {
    return this.#state === "up";
  }

  /** Whether it waits for a request to try it with. */
  get isReady(): boolean {
    return this.#state === "ready";
  }

  begin(): Lease {
    const trial = this.#state === "ready";
    if (trial) this.#state = "trial";
    this.in_flight += 1;
    return { endpoint: this, trial, token_generation: this.#deps.token.generation };
  }

  /** Takes a lease back, with what came of it; `waiting` batches are in the queue. */
  end(lease: Lease, decision: Decision, { latency_ms, waiting }: Observation): void {
    this.in_flight -= 1;
    const taken = decision.kind === "delivered";
    // A refusal for what a batch holds says nothing of the server's load.
    if (taken ? !decision.slow : decision.scope === "batch") {
      this.#concurrency.succeeded(latency_ms, waiting);
    } else {
      this.#concurrency.failed();
    }
    if (this.#state === "closed") return;
    if (taken || decision.scope === "batch") {
      if (lease.trial) this.#recovered();
    } else if (lease.trial || this.#state === "up") {
      this.#failed(decision as Wait, lease.token_generation);
    }
  }

  /** Leaves it alone for a while, as others are much faster. */
  bench(): void {
    this.#concurrency = new Concurrency(this.#deps.max_in_flight);
    this.#restFor(slow_rest_ms);
    this.#benched = true;
  }

  /** Ends a rest that was for nothing but its being slow. */
  fetch(): void {
    if (this.#benched) this.#restFor(0);
  }

  /** Whether Splunk says that it has indexed a request; undefined where it says nothing that is understood. */
  async query(channel: Channel, ack_id: number): Promise<boolean | undefined> {
    const outcome = await this.#queries.add(() =>
      this.transport.request(ackQuery(channel, ack_id)),
    );
    if (!("answer" in outcome)) return undefined;
    const { status, body, cookies } = outcome.answer;
    channel.cookies.update(cookies);
    return status === 200 ? parseAcknowledgement(body, ack_id) : undefined;
  }

  /** Begins nothing more: no rest, no trial, no check. Requests and queries that are in progress go on. */
  retire(): void {
    this.#state = "closed";
    this.#benched = false;
    this.#rest?.abort();
  }

  async close(): Promise<void> {
    this.retire();
    await this.transport.close();
  }

  #failed(refusal: Wait, token_generation?: number): void {
    this.channels.forget();
    this.#restFor(
      this.trouble.failed(refusal),
      refusal.kind === "pause" ? token_generation : undefined,
    );
  }

  #recovered(): void {
    this.#state = "up";
    this.trouble.ended();
  }

  #restFor(delay_ms: number, token_generation?: number): void {
    this.#state = "resting";
    this.#benched = false;
    this.#rest?.abort();
    this.#rest = new AbortController();
    // Never rejects, but for a bug of ours.
    void this.#comeBack(delay_ms, token_generation, this.#rest);
  }

  /** After the delay, or as soon as a refused token is another one. */
  async #comeBack(
    delay_ms: number,
    token_generation: number | undefined,
    rest: AbortController,
  ): Promise<void> {
    const { clock, token, onReady } = this.#deps;
    const { signal } = rest;
    const over = new AbortController();
    const stop = AbortSignal.any([signal, over.signal]);
    const ends = [clock.sleep(delay_ms, stop)];
    if (token_generation !== undefined) {
      ends.push(token.replacedSince(token_generation, clock, stop));
    }
    await Promise.race(ends);
    over.abort();
    const refusal = signal.aborted ? undefined : await this.#check();
    if (signal.aborted) return;
    if (refusal !== undefined) return this.#failed(refusal);
    this.#state = "ready";
    onReady();
  }

  async #check(): Promise<Wait | undefined> {
    const { among_others, ack, clock, token } = this.#deps;
    const ask = (request: HecRequest): Promise<Outcome> => this.transport.request(request);
    const deps = (): { token: Secret; now_ms: number } => ({ token, now_ms: clock.now() });
    if (among_others) {
      const refusal = decideHealth(await ask(health_request), deps());
      if (refusal !== undefined && !this.#doubts(refusal)) return refusal;
    }
    if (ack !== "on") return undefined;
    const channel = this.channels.take(clock.monotonic());
    return decideAckCheck(await ask(ackQuery(channel, 0)), deps());
  }

  /** Something before Splunk may answer for its health endpoint alone: where nothing else works, an event shows it. */
  #doubts({ status }: Wait): boolean {
    const { clock, isNeeded } = this.#deps;
    if (status === undefined || this.trouble.refusal === undefined || !isNeeded()) return false;
    return clock.now() - this.trouble.since_ms >= doubt_health_ms;
  }
}

export interface Observation {
  latency_ms: number;
  waiting: number;
}

/** What asks whether the request of that number is indexed ("About HTTP Event Collector Indexer Acknowledgment"). */
function ackQuery(channel: Channel, ack_id: number): HecRequest {
  return {
    method: "POST",
    path: `/services/collector/ack?channel=${channel.id}`,
    headers: { ...channel.headers, "content-type": "application/json" },
    body: Buffer.from(JSON.stringify({ acks: [ack_id] })),
  };
}
