/**
 * Sends one batch until each of its events has a fate: without end, and without a herd.
 *
 * While Splunk is in trouble a single batch probes it; the others wait, and go on all at once when the probe was
 * answered. A batch that is refused for what it holds does not make the others probe, but keeps its place among
 * the requests in flight, and is sent in parts until what is refused is found: where that is the only place, they wait.
 */
import { randomUUID } from "node:crypto";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import type { Secret } from "../platform/secret.ts";
import type { Batch } from "./batch.ts";
import type { HecTransport } from "./hec-client.ts";
import { Isolation } from "./isolation.ts";
import {
  decideAnswer,
  decideFailure,
  decideUnsent,
  type Decision,
  type Narrowing,
  type Refusal,
  type Wait,
} from "./response.ts";
import { Trouble, type TroubleFacts } from "./trouble.ts";

/**
 * An event that is refused alone goes to quarantine only while Splunk takes others: when this many in a row were
 * refused, it is not the events (a gateway that breaks bodies, a wrong setting), and all is kept and tried again.
 */
const quarantined_in_a_row_max = 16;

export interface SenderFacts {
  client: Pick<HecTransport, "request">;
  /** The client's, so that the log can do without it. */
  token: Secret;
  clock: Clock;
  log: Logger;
  random: () => number;
  /** What every line in the log carries. */
  logged: object;
  /** Called with every request's decision, and how long it took. */
  onAnswer: (decision: Decision, latency_ms: number) => void;
  /** Compresses the body of a part of a batch; undefined where bodies go as they stand. */
  compress: ((body: Buffer) => Promise<Buffer>) | undefined;
  /** Called when Splunk has taken the first `count` events of the batch that have no fate. Settles them. */
  onTaken: (batch: Batch, count: number) => void;
  /** Called when Splunk refuses the first event of the batch that has no fate. Takes it out of the batch. */
  onRefused: (batch: Batch, refusal: Narrowing) => void;
}

export class Sender {
  readonly #facts: SenderFacts;
  readonly #trouble: Trouble;
  readonly #closing = new AbortController();
  readonly #channel = randomUUID();
  /** The batch that probes while there is trouble. */
  #prober: Batch | undefined;
  /** Resolved when the trouble is over, or the sender is closed. */
  #over = Promise.withResolvers<void>();
  /** Batches that Splunk refuses for what they hold. */
  readonly #refused = new Map<Batch, Trouble>();
  /** Events that were refused alone since Splunk last took one. */
  #quarantined_in_a_row = 0;

  constructor(facts: SenderFacts) {
    this.#facts = facts;
    this.#trouble = new Trouble(this.#troubleFacts("endpoint"));
  }

  /** The trouble that matters most now. */
  get trouble(): Trouble | undefined {
    if (this.#trouble.refusal !== undefined) return this.#trouble;
    return this.#refused.values().next().value;
  }

  /** Resolves to whether every event of the batch has its fate; false only once the sender is closed. */
  async deliver(batch: Batch): Promise<boolean> {
    const { signal } = this.#closing;
    const isolation = new Isolation(batch.events);
    const unsent = decideUnsent({ events: batch.events, bytes: batch.length });
    if (unsent !== undefined) this.#quarantine(batch, isolation, unsent);
    while (isolation.open > 0 && !signal.aborted) {
      if (this.#prober !== undefined && this.#prober !== batch) {
        await this.#over.promise;
        continue;
      }
      const count = isolation.next;
      const decision = await this.#attempt(batch, count);
      // Nothing is settled after close, not even what Splunk has just taken.
      if (signal.aborted) break;
      if (decision.kind === "delivered") {
        this.#taken(batch, isolation, count);
        this.#accepted(batch);
        continue;
      }
      batch.failed = true;
      const wait = this.#learn(batch, { isolation, count }, decision);
      const delay_ms = wait && this.#refuse(batch, wait);
      if (delay_ms !== undefined) await this.#facts.clock.sleep(delay_ms, signal);
    }
    return !signal.aborted;
  }

  /** Lets everything that waits go. */
  close(): void {
    this.#closing.abort();
    this.#over.resolve();
  }

  async #attempt(batch: Batch, count: number): Promise<Decision> {
    const { client, clock, token, onAnswer, compress } = this.#facts;
    const body = batch.bodyOf(count);
    const packed = count === batch.events ? batch.compressed : compress?.(body);
    const packed_body = packed === undefined ? body : await packed;
    const started_ms = clock.monotonic();
    const outcome = await client.request({
      method: "POST",
      path: batch.path,
      headers: { "x-splunk-request-channel": this.#channel },
      body: packed_body,
    });
    const sent = { events: count, bytes: body.length };
    const decision =
      "answer" in outcome
        ? decideAnswer(outcome.answer, { sent, token, now_ms: clock.now() })
        : decideFailure(outcome.failure, token);
    if (!this.#closing.signal.aborted) onAnswer(decision, clock.monotonic() - started_ms);
    return decision;
  }

  /** Books what a refusal says of single events. Gives it back where the same is to be sent again, after a wait. */
  #learn(
    batch: Batch,
    { isolation, count }: { isolation: Isolation; count: number },
    refusal: Refusal,
  ): Wait | undefined {
    switch (refusal.kind) {
      case "retry":
      case "pause":
      case "blocked":
        this.#taken(batch, isolation, refusal.taken);
        return refusal;
      case "quarantine":
        if (this.#quarantined_in_a_row >= quarantined_in_a_row_max) {
          isolation.doubt();
          return { ...refusal, kind: "blocked" };
        }
        this.#quarantined_in_a_row += 1;
        this.#quarantine(batch, isolation, refusal);
        break;
      case "isolate":
      case "bisect":
      case "halve":
        this.#settle(batch, isolation.refused(count, refusal));
    }
    this.#accepted(batch);
    return undefined;
  }

  #taken(batch: Batch, isolation: Isolation, count: number): void {
    isolation.taken(count);
    this.#settle(batch, count);
    if (isolation.found !== undefined) this.#quarantine(batch, isolation, isolation.found);
  }

  #settle(batch: Batch, count: number): void {
    if (count === 0) return;
    this.#quarantined_in_a_row = 0;
    this.#facts.onTaken(batch, count);
  }

  #quarantine(batch: Batch, isolation: Isolation, refusal: Narrowing): void {
    isolation.quarantined();
    this.#facts.onRefused(batch, refusal);
  }

  /** Notes the refusal. Gives the time to wait, or undefined where another batch probes already. */
  #refuse(batch: Batch, refusal: Wait): number | undefined {
    if (refusal.scope === "batch") {
      // The server works; it is this batch that it does not want.
      this.#recovered(batch);
      const facts = this.#troubleFacts("batch");
      const trouble = this.#refused.get(batch) ?? new Trouble(facts);
      this.#refused.set(batch, trouble);
      return trouble.failed(refusal);
    }
    this.#prober ??= batch;
    return this.#prober === batch ? this.#trouble.failed(refusal) : undefined;
  }

  /** Neither the server nor the batch as a whole is in trouble. */
  #accepted(batch: Batch): void {
    this.#refused.get(batch)?.ended();
    this.#refused.delete(batch);
    this.#recovered(batch);
  }

  /** Only the prober's word counts: what another was answered may be older than the trouble. */
  #recovered(batch: Batch): void {
    if (this.#prober !== batch) return;
    this.#prober = undefined;
    this.#trouble.ended();
    this.#over.resolve();
    this.#over = Promise.withResolvers();
  }

  #troubleFacts(scope: Refusal["scope"]): TroubleFacts {
    const { clock, log, random, logged } = this.#facts;
    return { clock, log, random, logged: { ...logged, scope } };
  }
}
