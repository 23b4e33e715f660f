/** Carries requests to a model in the same memory, on whatever clock, in the place of a connection. */
import type {
  HecClientDeps,
  HecRequest,
  HecTransport,
  Outcome,
} from "../../../src/output/splunk-hec/endpoints/hec-client.ts";
import type { TransportFailure } from "../../../src/output/network/failure.ts";
import type { Timer } from "../../../src/platform/clock.ts";
import type { Wire } from "./behaviour.ts";
import type { HecCall } from "./call.ts";
import type { Served } from "./node.ts";
import type { HecReply } from "./replies.ts";
import type { Take } from "./take.ts";

/** What becomes of one request on its way. */
export type Passage<E> =
  /** No node ever sees it. */
  | { kind: "failed"; failure: TransportFailure; after_ms: number }
  /** The connection is never made: it fails when the sender's patience is over. */
  | { kind: "unconnected" }
  /** A node sees it now; the sender learns of it after a while. */
  | { kind: "served"; served: Served<E>; after_ms: number }
  /** It is held up, and a node sees it only when the sender has given up. */
  | { kind: "late"; serve: () => void };

export interface MemoryTransportFacts<E> {
  client: HecClientDeps;
  pass: (call: HecCall) => Passage<E>;
  /** Called when the sender has learned that a node has these events. */
  onTold: (take: Take<E>) => void;
  /** Called when the sender has learned that it will be told of these events. */
  onPromised: (take: Take<E>) => void;
}

interface Exchange {
  finish: (outcome: Outcome) => void;
  readonly timers: Timer[];
}

/** How long after the sender gave up a late request comes. */
const late_ms = 3000;

export class MemoryTransport<E> implements HecTransport {
  readonly #facts: MemoryTransportFacts<E>;
  readonly #exchanges = new Set<Exchange>();

  constructor(facts: MemoryTransportFacts<E>) {
    this.#facts = facts;
  }

  request(request: HecRequest): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const exchange: Exchange = {
      timers: [],
      finish: (outcome) => {
        if (!this.#exchanges.delete(exchange)) return;
        for (const timer of exchange.timers) timer.cancel();
        resolve(outcome);
      },
    };
    this.#exchanges.add(exchange);
    this.#carry(request, exchange);
    return promise;
  }

  close(): Promise<void> {
    for (const exchange of this.#exchanges) exchange.finish(failed("ABORT_ERR"));
    return Promise.resolve();
  }

  #carry(request: HecRequest, exchange: Exchange): void {
    const { client, pass } = this.#facts;
    const { clock, timeout_ms } = client;
    const later = (delay_ms: number, callback: () => void): void => {
      exchange.timers.push(clock.after(delay_ms, callback));
    };
    const passage = pass(this.#callOf(request));
    switch (passage.kind) {
      case "failed":
        later(passage.after_ms, () => exchange.finish({ failure: passage.failure }));
        break;
      case "unconnected":
        later(timeout_ms, () => exchange.finish(failed("ETIMEDOUT")));
        return;
      case "late":
        clock.after(timeout_ms + late_ms, passage.serve);
        break;
      case "served": {
        const { served, after_ms } = passage;
        const delay_ms = served.wire.kind === "reply" ? served.wire.delay_ms : 0;
        const outcome = outcomeOf(served.wire);
        if (outcome === undefined) break;
        later(after_ms + delay_ms, () => {
          if ("answer" in outcome) this.#learn(served);
          exchange.finish(outcome);
        });
      }
    }
    later(timeout_ms, () => exchange.finish(failed("ETIMEDOUT")));
  }

  #learn({ tells, promises }: Served<E>): void {
    for (const take of tells) this.#facts.onTold(take);
    for (const take of promises) this.#facts.onPromised(take);
  }

  #callOf({ method, path, headers, body }: HecRequest): HecCall {
    const { token } = this.#facts.client;
    return {
      method,
      path,
      headers: {
        authorization: `Splunk ${token.reveal()}`,
        ...headers,
      },
      body: body ?? Buffer.alloc(0),
    };
  }
}

/** What the sender sees; undefined where it waits in vain. */
function outcomeOf(wire: Wire): Outcome | undefined {
  switch (wire.kind) {
    case "reply":
      return answered(wire.reply, wire.reply.body);
    case "reset":
      return failed("ECONNRESET");
    case "close":
      return failed("ECONNRESET");
    case "wrong_length":
      return wire.bytes > 0
        ? failed("ECONNRESET")
        : answered(wire.reply, wire.reply.body.slice(0, wire.bytes));
    case "garbage":
      return failed("HPE_INVALID_CONSTANT");
    case "silence":
    case "half_answer":
    case "drip":
      return undefined;
  }
}

function answered({ status, headers }: HecReply, body: string): Outcome {
  const answer = {
    status,
    content_type: headers["content-type"],
    retry_after: headers["retry-after"],
    cookies: [headers["set-cookie"] ?? []].flat(),
    body,
  };
  return { answer };
}

function failed(code: string): Outcome {
  return { failure: { code, message: "said the model" } };
}
