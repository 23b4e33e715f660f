/**
 * A conversation with one collector: the requests that its checks make, and what is learnt on the way.
 */
import { Channel, Cookies } from "../../output/splunk-hec/endpoints/channel.ts";
import type {
  HecRequest,
  HecTransport,
  Outcome,
} from "../../output/splunk-hec/endpoints/hec-client.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Secret } from "../../platform/secret.ts";
import { meaningOfAnswer, meaningOfFailure, type Meaning } from "../findings/answer-cause.ts";

export interface CollectorCheckDeps {
  readonly client: HecTransport;
  readonly token: Secret;
  /** As in AnswerContext. */
  readonly ignores_acks: boolean;
  readonly clock: Clock;
}

export interface Exchange {
  readonly outcome: Outcome;
  readonly meaning: Meaning;
}

export class Collector {
  readonly #deps: CollectorCheckDeps;
  readonly #channel = new Channel(new Cookies());
  /** How far the server's clock is ahead of this one; undefined until an answer has said. */
  ahead_ms: number | undefined;
  /** Whether there was an answer to any request, whatever it said. */
  answered = false;

  constructor(deps: CollectorCheckDeps) {
    this.#deps = deps;
  }

  /** Sends a request in the channel of this conversation. Never rejects. */
  async request(request: HecRequest): Promise<Exchange> {
    const { client, token, ignores_acks, clock } = this.#deps;
    const headers = { ...request.headers, ...this.#channel.headers };
    const asked_ms = clock.now();
    const outcome = await client.request({ ...request, headers });
    const now_ms = clock.now();
    if ("failure" in outcome) return { outcome, meaning: meaningOfFailure(outcome.failure, token) };
    const { answer } = outcome;
    this.answered = true;
    this.#channel.cookies.update(answer.cookies);
    const date_ms = Date.parse(answer.date ?? "");
    if (!Number.isNaN(date_ms)) this.ahead_ms = aheadOf({ date_ms, asked_ms, now_ms });
    const bytes = request.body?.length ?? 0;
    return { outcome, meaning: meaningOfAnswer(answer, { token, now_ms, bytes, ignores_acks }) };
  }

  /** Asks whether the request with this number in the channel is indexed. */
  ask(ack_id: number): Promise<Exchange> {
    return this.request({
      method: "POST",
      path: "/services/collector/ack",
      headers: { "content-type": "application/json" },
      body: Buffer.from(`{"acks":[${ack_id}]}`),
    });
  }
}

/** The Date header has whole seconds, and was written at some moment between the request and now. */
function aheadOf(times: { date_ms: number; asked_ms: number; now_ms: number }): number {
  const { date_ms, asked_ms, now_ms } = times;
  if (date_ms > now_ms) return date_ms - now_ms;
  const latest_ms = date_ms + 999;
  return latest_ms < asked_ms ? latest_ms - asked_ms : 0;
}
