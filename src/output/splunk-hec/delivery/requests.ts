/**
 * Sends the first events of a batch in one request, and says what came of it: the decision, and where Splunk will
 * acknowledge what it has taken.
 */
import type { Clock } from "../../../platform/clock.ts";
import type { Secret } from "../../../platform/secret.ts";
import type { PendingAck } from "./acknowledgements.ts";
import type { Batch } from "../../batch/batch.ts";
import type { Channel } from "../endpoints/channel.ts";
import { compress } from "../../batch/compress.ts";
import type { Encoder } from "../../batch/encoder.ts";
import type { Endpoint, Lease } from "../endpoints/endpoint.ts";
import type { Outcome } from "../endpoints/hec-client.ts";
import type { SplunkHecOptions } from "../options.ts";
import {
  decideAnswer,
  decideFailure,
  type Decision,
  type Refusal,
  type Sent,
} from "../answers/response.ts";

export interface Attempt {
  readonly decision: Decision;
  /** Undefined where no acknowledgement will come for what was taken. */
  readonly promise: PendingAck | undefined;
  readonly latency_ms: number;
}

export class Requests {
  readonly #ack: SplunkHecOptions["ack"];
  readonly #token: Secret;
  readonly #gzip: boolean;
  /** What a request says of its body. */
  readonly #headers: Readonly<Record<string, string>>;
  readonly #clock: Clock;

  constructor(options: SplunkHecOptions, { encoder, clock }: { encoder: Encoder; clock: Clock }) {
    this.#ack = options.ack;
    this.#token = options.token;
    this.#gzip = options.compression === "gzip";
    this.#headers = {
      "content-type": encoder.content_type,
      ...(this.#gzip ? { "content-encoding": "gzip" } : {}),
    };
    this.#clock = clock;
  }

  /** Sends the first `count` events of the batch that have no fate. Never rejects. */
  async send({ endpoint }: Lease, batch: Batch, count: number): Promise<Attempt> {
    const body = this.#gzip ? await compressedBody(batch, count) : batch.bodyOf(count);
    const bytes = batch.bytesOf(count);
    const channel = endpoint.channels.take(this.#clock.monotonic());
    const started_ms = this.#clock.monotonic();
    const outcome = await endpoint.transport.request({
      method: "POST",
      path: batch.path,
      headers: { ...this.#headers, ...channel.headers },
      body,
    });
    const decided = this.#decide(outcome, { events: count, bytes });
    const decision = this.#inView(endpoint, decided);
    const now_ms = this.#clock.monotonic();
    useChannel(endpoint, channel, { outcome, decision, now_ms });
    const { ack_id } = decision;
    const promise = ack_id === undefined ? undefined : { endpoint, channel, ack_id };
    return { decision, promise, latency_ms: now_ms - started_ms };
  }

  #decide(outcome: Outcome, sent: Sent): Decision {
    if (!("answer" in outcome)) return decideFailure(outcome.failure, this.#token);
    return decideAnswer(outcome.answer, {
      sent,
      token: this.#token,
      now_ms: this.#clock.now(),
      ignores_acks: this.#ack === "off",
    });
  }

  /** The decision in view of whether the output wants acknowledgements. */
  #inView(endpoint: Endpoint, decision: Decision): Decision {
    const { ack_id, ...rest } = decision;
    if (this.#ack === "off") return rest;
    if (ack_id !== undefined) endpoint.acknowledges = true;
    if (decision.kind === "delivered") {
      if (this.#ack === "on" && ack_id === undefined) return not_promised;
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
}

function compressedBody(batch: Batch, count: number): Buffer | Promise<Buffer> {
  return (count === batch.events ? batch.compressed : undefined) ?? compress(batch.bodyOf(count));
}

/** After a failure some indexer may have a number open in the channel, so it is not used again. */
function useChannel(
  { channels }: Endpoint,
  channel: Channel,
  { outcome, decision, now_ms }: { outcome: Outcome; decision: Decision; now_ms: number },
): void {
  if ("answer" in outcome) channels.answered(channel, outcome.answer.cookies);
  if (decision.kind === "delivered" && decision.ack_id === undefined) {
    channels.giveBack(channel, now_ms);
  }
}

const not_promised: Refusal = {
  kind: "blocked",
  scope: "endpoint",
  reason: "ack_missing",
  detail: "HTTP 200 without an ackId: the token has no indexer acknowledgement, and `ack` is `on`",
  wait_ms: 0,
  taken: 0,
};
