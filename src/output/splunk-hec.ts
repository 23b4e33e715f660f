/**
 * The `splunk_hec` output: batches events, and keeps each batch until Splunk has taken it.
 *
 * An idle agent sends at once; a busy one fills its batches. At most `max_in_flight` requests run at a time, and
 * only a few batches wait behind them: beyond that `room` makes the inputs wait, so the memory is bounded.
 */
import PQueue from "p-queue";
import type { LogEvent } from "../event/log-event.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Account } from "../ledger/receipt.ts";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import type { Batch } from "./batch.ts";
import { Batcher } from "./batcher.ts";
import { compress } from "./compress.ts";
import { Concurrency } from "./concurrency.ts";
import { EventEncoder } from "./envelope.ts";
import { HecClient, type HecClientFacts, type HecTransport } from "./hec-client.ts";
import type { SplunkHecOptions } from "./options.ts";
import type { Output } from "./output.ts";
import type { Quarantine } from "./quarantine.ts";
import { RawEncoder } from "./raw.ts";
import { RefusedEvents } from "./refused-events.ts";
import type { Decision } from "./response.ts";
import { Sender } from "./sender.ts";

/** Full batches that may wait for a request to end: enough to compress them meanwhile. */
const waiting_batches_max = 2;

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

/** What the output is doing, for status and the log. */
export interface OutputStatus {
  state: "sending" | "retrying" | "paused" | "blocked";
  /** Why it is not sending; a word of response.ts. */
  reason: string | undefined;
  /** Since when it has not been sending, ISO 8601. */
  since: string | undefined;
  requests_in_flight: number;
  /** Requests that may be in flight at present. */
  concurrency: number;
  batches_waiting: number;
  /** Delivered so far by this process. */
  events: number;
  /** Delivered so far by this process, before compression. */
  bytes: number;
  requests: number;
  requests_failed: number;
  /** The median of the last answers. */
  latency_ms: number;
}

const state_by_kind = { retry: "retrying", pause: "paused", blocked: "blocked" } as const;

export class SplunkHecOutput implements Output {
  readonly name: string;
  readonly #options: SplunkHecOptions;
  readonly #account: Account;
  readonly #client: HecTransport;
  readonly #batcher: Batcher;
  readonly #sender: Sender;
  readonly #concurrency: Concurrency;
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
    const connect = facts.connect ?? ((client: HecClientFacts) => new HecClient(client));
    const { batch, max_in_flight, mode, url } = options;
    this.name = name;
    this.#options = options;
    this.#account = ledger.account("delivered", name);
    this.#concurrency = new Concurrency(max_in_flight);
    const encoder = mode === "raw" ? new RawEncoder() : new EventEncoder();
    this.#client = connect({
      url,
      token: options.token,
      connections: max_in_flight,
      timeout_ms: options.timeout,
      network: options,
      gzip: options.compression === "gzip",
      content_type: encoder.content_type,
      clock,
      log,
    });
    this.#batcher = new Batcher({
      encoder,
      clock,
      batch_bytes_max: batch.max_bytes,
      batch_wait_ms_max: batch.max_wait,
      spare_buffers_max: max_in_flight + waiting_batches_max,
      onFull: (full) => this.#enqueue(full),
      onDue: () => this.#pump(),
    });
    const logged = { output: name, url };
    const refused = new RefusedEvents({ quarantine, encoder, clock, log, logged });
    this.#sender = new Sender({
      client: this.#client,
      token: options.token,
      clock,
      log,
      random,
      logged,
      compress: options.compression === "gzip" ? compress : undefined,
      onTaken: (sent, count) => this.#settle(sent, count),
      onRefused: (sent, refusal) => refused.take(sent, refusal),
      onAnswer: (decision, latency_ms) => this.#observe(decision, latency_ms),
    });
    this.#queue.addEventListener("next", () => this.#pump());
  }

  add(event: LogEvent): void {
    this.#idle = false;
    this.#batcher.add(event);
  }

  room(): Promise<void> | undefined {
    if (this.#queue.size < waiting_batches_max || this.#state === "closed") return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  idle(): void {
    this.#idle = true;
    this.#pump();
  }

  async drain(stop: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    const abort = (): void => aborted.resolve();
    stop.addEventListener("abort", abort, { once: true });
    this.#drains += 1;
    this.#pump();
    while (!this.#allDelivered && !stop.aborted && this.#state === "open") {
      this.#empty ??= Promise.withResolvers();
      await Promise.race([this.#empty.promise, aborted.promise]);
    }
    this.#drains -= 1;
    stop.removeEventListener("abort", abort);
  }

  async close(): Promise<void> {
    this.#state = "closed";
    this.#batcher.stop();
    this.#sender.close();
    await this.#client.close();
    await this.#queue.onIdle();
    this.#wake();
  }

  status(): OutputStatus {
    const trouble = this.#sender.trouble;
    const refusal = trouble?.refusal;
    return {
      state: refusal === undefined ? "sending" : state_by_kind[refusal.kind],
      reason: refusal?.reason,
      since: trouble === undefined ? undefined : new Date(trouble.since_ms).toISOString(),
      requests_in_flight: this.#queue.pending,
      concurrency: this.#concurrency.limit,
      batches_waiting: this.#queue.size,
      ...this.#totals,
      latency_ms: this.#concurrency.latency_ms,
    };
  }

  get #allDelivered(): boolean {
    return this.#batcher.empty && this.#queue.size === 0 && this.#queue.pending === 0;
  }

  /** Lets open batches go as far as a request may start, and wakes whoever waits. */
  #pump(): void {
    if (this.#state === "closed") return;
    const queue = this.#queue;
    while (queue.size === 0 && queue.pending < queue.concurrency) {
      const at_once = this.#drains > 0 || (this.#idle && queue.pending === 0);
      const batch = this.#batcher.take(!at_once);
      if (batch === undefined) break;
      this.#enqueue(batch);
    }
    this.#wake();
  }

  #enqueue(batch: Batch): void {
    if (this.#options.compression === "gzip") batch.compressed = compress(batch.body);
    // Never rejects, but for a bug of ours, which must end the process rather than lose the batch.
    void this.#queue.add(() => this.#deliver(batch));
  }

  async #deliver(batch: Batch): Promise<void> {
    if (await this.#sender.deliver(batch)) this.#batcher.recycle(batch);
  }

  #settle(batch: Batch, count: number): void {
    this.#totals.events += count;
    this.#totals.bytes += batch.bodyOf(count).length;
    batch.settle(this.#account, count);
  }

  #observe(decision: Decision, latency_ms: number): void {
    const waiting = this.#queue.size;
    this.#totals.requests += 1;
    if (decision.kind !== "delivered") this.#totals.requests_failed += 1;
    // A refusal for what a batch holds says nothing of the server's load.
    const fine = decision.kind === "delivered" ? !decision.slow : decision.scope === "batch";
    if (fine) this.#concurrency.succeeded(latency_ms, waiting);
    else this.#concurrency.failed();
    this.#queue.concurrency = this.#concurrency.limit;
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
