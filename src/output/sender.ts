/**
 * Sends one batch until Splunk has taken it: without end, and without a herd.
 *
 * While Splunk is in trouble a single batch probes it; the others wait, and go on all at once when the probe was
 * answered. A batch that is refused for what it holds does not make the others probe, but keeps its place among
 * the requests in flight: where that is the only one, they wait for it.
 */
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import type { Secret } from "../platform/secret.ts";
import type { Batch } from "./batch.ts";
import type { HecClient } from "./hec-client.ts";
import { decideAnswer, decideFailure, type Decision, type Refusal } from "./response.ts";
import { Trouble, type TroubleFacts } from "./trouble.ts";

export interface SenderFacts {
  client: HecClient;
  /** The client's, so that the log can do without it. */
  token: Secret;
  clock: Clock;
  log: Logger;
  random: () => number;
  /** What every line in the log carries. */
  logged: object;
  /** Called with every request's decision, and how long it took. */
  onAnswer: (decision: Decision, latency_ms: number) => void;
}

export class Sender {
  readonly #facts: SenderFacts;
  readonly #trouble: Trouble;
  readonly #closing = new AbortController();
  /** The batch that probes while there is trouble. */
  #prober: Batch | undefined;
  /** Resolved when the trouble is over, or the sender is closed. */
  #over = Promise.withResolvers<void>();
  /** Batches that Splunk refuses for what they hold. */
  readonly #refused = new Map<Batch, Trouble>();

  constructor(facts: SenderFacts) {
    this.#facts = facts;
    this.#trouble = new Trouble(this.#troubleFacts("endpoint"));
  }

  /** The trouble that matters most now. */
  get trouble(): Trouble | undefined {
    if (this.#trouble.refusal !== undefined) return this.#trouble;
    return this.#refused.values().next().value;
  }

  /** Resolves to whether the batch is delivered; false only once the sender is closed. */
  async deliver(batch: Batch): Promise<boolean> {
    const { signal } = this.#closing;
    const body = batch.compressed === undefined ? batch.body : await batch.compressed;
    while (!signal.aborted) {
      if (this.#prober !== undefined && this.#prober !== batch) {
        await this.#over.promise;
        continue;
      }
      const decision = await this.#attempt(batch, body);
      // Nothing is settled after close, not even what Splunk has just taken.
      if (signal.aborted) break;
      if (decision.kind === "delivered") {
        this.#refused.get(batch)?.ended();
        this.#refused.delete(batch);
        this.#recovered(batch);
        return true;
      }
      batch.failed = true;
      const delay_ms = this.#refuse(batch, decision);
      if (delay_ms !== undefined) await this.#facts.clock.sleep(delay_ms, signal);
    }
    return false;
  }

  /** Lets everything that waits go. */
  close(): void {
    this.#closing.abort();
    this.#over.resolve();
  }

  async #attempt(batch: Batch, body: Buffer): Promise<Decision> {
    const { client, clock, token, onAnswer } = this.#facts;
    const started_ms = clock.monotonic();
    const outcome = await client.post(batch.path, body);
    const decision =
      "answer" in outcome
        ? decideAnswer(outcome.answer, token, clock.now())
        : decideFailure(outcome.failure, token);
    if (!this.#closing.signal.aborted) onAnswer(decision, clock.monotonic() - started_ms);
    return decision;
  }

  /** Notes the refusal. Gives the time to wait, or undefined where another batch probes already. */
  #refuse(batch: Batch, refusal: Refusal): number | undefined {
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
