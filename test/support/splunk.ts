/**
 * A server that answers like Splunk's HTTP Event Collector, keeps what it indexed, and misbehaves by script.
 *
 * It is a real server on 127.0.0.1 before the model in splunk/. What a test asserts on is this side's list of
 * indexed events, not the sender's.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { readEnvelopes, type IndexedEvent, type Reading } from "./events/envelopes.ts";
import type { AcknowledgementLimits } from "./splunk/acknowledgements.ts";
import { answerOn } from "./splunk/answering.ts";
import { Balancer, type Stickiness } from "./splunk/balancer.ts";
import { breaksEarly, type Behaviour } from "./splunk/behaviour.ts";
import type { Token } from "./splunk/call.ts";
import { SplunkNode } from "./splunk/node.ts";

export type { Behaviour } from "./splunk/behaviour.ts";

export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<IncomingMessage["headers"]>;
  /** Bytes of the body as it came. */
  readonly bytes: number;
  /** Monotonic milliseconds. */
  readonly at_ms: number;
}

export interface SplunkFacts {
  tokens?: readonly string[];
  /** Whether the tokens have acknowledgement switched on. */
  ack?: boolean;
  indexes?: readonly string[];
  /** Reads an event-mode body in the place of the usual way; for loads where keeping all is too much. */
  read?: (body: Buffer) => Reading;
  /** How many there are behind one address, and how requests find theirs. */
  nodes?: number;
  stickiness?: Stickiness;
  cloud?: boolean;
  body_bytes_max?: number;
  acknowledgements?: AcknowledgementLimits;
  /** What indexing and idle channels go by; the system's where there is none. */
  now?: () => number;
  tls?: { key: string; cert: string };
}

/** A line that came in raw mode. */
interface RawLine {
  path: string;
  line: string;
}

export const valid_token = "6d15a8e4-0000-4000-8000-c0ffee123456";
const normal: Behaviour = { kind: "normal" };

/** Splunk's answer to a busy time, as the body of an `answer`. */
export const busy = '{"text":"Server is busy","code":9}';

/** The tokens that a server knows. */
export class Tokens extends Map<string, Token> {
  add(text: string, token: Token = { ack: false }): void {
    this.set(text, token);
  }
}

export class Splunk {
  /** In the order in which they were indexed. */
  readonly indexed: IndexedEvent[] = [];
  /** Lines that came in raw mode. */
  readonly raw: RawLine[] = [];
  readonly requests: SeenRequest[] = [];
  readonly tokens = new Tokens();
  /** How long an accepted event is in a node's queue, in milliseconds; Infinity is for ever. */
  index_after_ms = 0;
  /** Requests that are being handled, and the most that were at once. */
  open = 0;
  open_max = 0;
  readonly balancer: Balancer<IndexedEvent | RawLine>;
  readonly #tls: SplunkFacts["tls"];
  readonly #script: Behaviour[] = [];
  readonly #poll_script: Behaviour[] = [];
  #always: Behaviour = normal;
  #polls_always: Behaviour | undefined;
  #server: Server;
  #port = 0;
  #watchers: (() => void)[] = [];

  private constructor(facts: SplunkFacts) {
    const { tokens = [valid_token], ack = false, nodes = 1, stickiness = "cookie" } = facts;
    const indexes = facts.indexes === undefined ? {} : { indexes: new Set(facts.indexes) };
    for (const token of tokens) this.tokens.add(token, { ack, ...indexes });
    const make = (): SplunkNode<IndexedEvent | RawLine> =>
      new SplunkNode<IndexedEvent | RawLine>({
        now: facts.now ?? (() => performance.now()),
        tokens: this.tokens,
        read: facts.read ?? readEnvelopes,
        readRaw: readLines,
        onIndexed: ({ events }) => this.#keep(events),
        indexAfterMs: () => this.index_after_ms,
        cloud: facts.cloud ?? false,
        ...(facts.body_bytes_max === undefined ? {} : { body_bytes_max: facts.body_bytes_max }),
        ...(facts.acknowledgements === undefined
          ? {}
          : { acknowledgements: facts.acknowledgements }),
      });
    this.balancer = new Balancer(
      Array.from({ length: nodes }, make),
      nodes > 1 ? stickiness : "none",
    );
    this.#tls = facts.tls;
    this.#server = this.#create();
  }

  /** Starts one that ends with the test. */
  static async start(facts: SplunkFacts = {}): Promise<Splunk> {
    const splunk = new Splunk(facts);
    await splunk.listen();
    onTestFinished(() => splunk.refuse());
    return splunk;
  }

  get url(): string {
    return `${this.#tls === undefined ? "http" : "https"}://127.0.0.1:${this.#port}`;
  }

  get nodes(): readonly SplunkNode<IndexedEvent | RawLine>[] {
    return this.balancer.nodes;
  }

  /** The indexed events as text. */
  get events(): string[] {
    return this.indexed.map(({ event }) => event.toString());
  }

  /** What it does with the next requests, one each; after them it is normal again. */
  next(...behaviours: Behaviour[]): void {
    this.#script.push(...behaviours);
  }

  /** What it does with every request from now on. */
  always(behaviour: Behaviour): void {
    this.#always = behaviour;
  }

  /** What it does with the next polls of acknowledgements, whatever is set for other requests. */
  nextPolls(...behaviours: Behaviour[]): void {
    this.#poll_script.push(...behaviours);
  }

  /** What it does with every poll of acknowledgements from now on; undefined is what it does with any request. */
  pollsAlways(behaviour: Behaviour | undefined): void {
    this.#polls_always = behaviour;
  }

  /** Refuses connections, and breaks those that are open. */
  async refuse(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Listens; again on the same port after `refuse`. */
  async listen(): Promise<void> {
    this.#server = this.#create();
    await new Promise<void>((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Connections that are open now. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => {
        if (error) reject(error);
        else resolve(count);
      });
    });
  }

  /** Resolves when the condition holds; it is looked at after every request, and now and then. */
  async until(condition: (splunk: Splunk) => boolean): Promise<void> {
    for (;;) {
      for (const node of this.nodes) node.advance();
      if (condition(this)) return;
      await new Promise<void>((resolve) => {
        this.#watchers.push(resolve);
        setTimeout(resolve, 100);
      });
    }
  }

  #create(): Server {
    const serve = (request: IncomingMessage, response: ServerResponse): void =>
      this.#serve(request, response);
    return this.#tls === undefined ? createServer(serve) : createSecureServer(this.#tls, serve);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.open += 1;
    this.open_max = Math.max(this.open_max, this.open);
    response.on("close", () => {
      this.open -= 1;
      this.#changed();
    });
    const behaviour = this.#behaviourFor(request);
    const chunks: Buffer[] = [];
    const breakOff = (): void => {
      this.#note(request, 0);
      request.socket.resetAndDestroy();
    };
    request.on("error", () => undefined);
    if (breaksEarly(behaviour)) {
      if (behaviour.when === "before_body") breakOff();
      else request.once("data", breakOff).once("end", breakOff);
      return;
    }
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      const body = Buffer.concat(chunks);
      this.#note(request, body.length);
      const { wire } = this.balancer.serve({ method, path, headers, body }, behaviour);
      answerOn(request.socket, response, wire);
      this.#changed();
    });
  }

  #behaviourFor(request: IncomingMessage): Behaviour {
    if (/\/services\/collector\/ack(?:\/1\.0)?(?:\?|$)/.test(request.url ?? "")) {
      const behaviour = this.#poll_script.shift() ?? this.#polls_always;
      if (behaviour !== undefined) return behaviour;
    }
    return this.#script.shift() ?? this.#always;
  }

  #keep(events: readonly (IndexedEvent | RawLine)[]): void {
    for (const event of events) {
      if ("line" in event) this.raw.push(event);
      else this.indexed.push(event);
    }
    this.#changed();
  }

  #note(request: IncomingMessage, bytes: number): void {
    this.requests.push({
      method: request.method ?? "",
      path: request.url ?? "",
      headers: request.headers,
      bytes,
      at_ms: performance.now(),
    });
    this.#changed();
  }

  #changed(): void {
    const watchers = this.#watchers;
    this.#watchers = [];
    for (const watcher of watchers) watcher();
  }
}

function readLines(body: Buffer, path: string): RawLine[] {
  const lines = body.toString().split("\n");
  return lines.filter((line) => line.trim() !== "").map((line) => ({ path, line }));
}
