/**
 * A conversation with one collector: the requests that its checks make, and what is learnt on the way.
 */
import { randomUUID } from "node:crypto";
import { compress } from "../../output/compress.ts";
import type { HecRequest, HecTransport } from "../../output/hec-client.ts";
import type { Answer } from "../../output/response.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Secret } from "../../platform/secret.ts";
import { meaningOfAnswer, meaningOfFailure, type Meaning } from "./answer-cause.ts";

export interface CollectorFacts {
  readonly client: HecTransport;
  readonly token: Secret;
  /** Whether the client says that bodies are compressed. */
  readonly gzip: boolean;
  readonly clock: Clock;
}

export interface Exchange {
  /** Undefined where no whole answer came. */
  readonly answer: Answer | undefined;
  readonly meaning: Meaning;
}

export class Collector {
  readonly #facts: CollectorFacts;
  /** Acknowledgement ids count for one channel. */
  readonly #channel = randomUUID();
  /** How far the server's clock is ahead of this one; undefined until an answer has told. */
  ahead_ms: number | undefined;
  /** Whether there was an answer to any request, whatever it said. */
  answered = false;
  /** Whether the token refuses requests without a channel: it has indexer acknowledgement. */
  wants_channel = false;

  constructor(facts: CollectorFacts) {
    this.#facts = facts;
  }

  /** Never rejects. Sends a channel once the token is known to want one. */
  async request(request: HecRequest): Promise<Exchange> {
    const { client, token, clock, gzip } = this.#facts;
    const { body } = request;
    const asked_ms = clock.now();
    const outcome = await client.request({
      ...request,
      headers: this.#headers(request),
      ...(body !== undefined && { body: gzip ? await compress(body) : body }),
    });
    const now_ms = clock.now();
    if ("failure" in outcome) {
      return { answer: undefined, meaning: meaningOfFailure(outcome.failure, token) };
    }
    const { answer } = outcome;
    this.answered = true;
    const date_ms = Date.parse(answer.date ?? "");
    if (!Number.isNaN(date_ms)) this.ahead_ms = aheadOf({ date_ms, asked_ms, now_ms });
    const bytes = body?.length ?? 0;
    return { answer, meaning: meaningOfAnswer(answer, { token, now_ms, bytes }) };
  }

  /** Asks for the acknowledgement of a request that this channel never made. */
  askForAcknowledgement(): Promise<Exchange> {
    this.wants_channel = true;
    return this.request({
      method: "POST",
      path: "/services/collector/ack",
      body: Buffer.from('{"acks":[0]}'),
    });
  }

  #headers({ body }: HecRequest): Record<string, string> {
    return {
      "content-type": "application/json",
      ...(body !== undefined && this.#facts.gzip && { "content-encoding": "gzip" }),
      ...(this.wants_channel && { "x-splunk-request-channel": this.#channel }),
    };
  }
}

/** The Date header has whole seconds, and was written at some moment between the request and now. */
function aheadOf(times: { date_ms: number; asked_ms: number; now_ms: number }): number {
  const { date_ms, asked_ms, now_ms } = times;
  if (date_ms > now_ms) return date_ms - now_ms;
  const latest_ms = date_ms + 999;
  return latest_ms < asked_ms ? latest_ms - asked_ms : 0;
}
