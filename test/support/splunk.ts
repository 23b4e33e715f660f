/**
 * A server that answers like Splunk's HTTP Event Collector, keeps what it indexed, and misbehaves by script.
 *
 * It is a real server on 127.0.0.1. What a test asserts on is this side's list of indexed events, not the sender's.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { readEnvelopes, type IndexedEvent, type Reading } from "./envelopes.ts";

/** What the server does with one request. */
export type Behaviour =
  /** Answers as Splunk does. */
  | { kind: "normal"; delay_ms?: number; code?: number; text?: string }
  /** Takes nothing, and answers this. */
  | { kind: "answer"; status: number; body?: string; headers?: Record<string, string> }
  /** Reads the body, takes nothing, and never answers. */
  | { kind: "hang" }
  /** Breaks the connection; after the body with `taken`, having indexed it. */
  | { kind: "reset"; when: "before_body" | "after_body"; taken?: boolean }
  /** Indexes the body, and answers with a Content-Length that is wrong by so many bytes. */
  | { kind: "wrong_length"; bytes: number }
  /** Answers the head, and then a byte now and then, without end. */
  | { kind: "drip"; status: number };

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
  indexes?: readonly string[];
  /** Reads an event-mode body in the place of the usual way; for loads where keeping all is too much. */
  read?: (body: Buffer) => Reading;
}

export const valid_token = "6d15a8e4-0000-4000-8000-c0ffee123456";
const normal: Behaviour = { kind: "normal" };

/** Splunk's answer to a busy time, as the body of an `answer`. */
export const busy = '{"text":"Server is busy","code":9}';

export class Splunk {
  /** In the order in which they were indexed. */
  readonly indexed: IndexedEvent[] = [];
  /** Lines that came in raw mode. */
  readonly raw: { path: string; line: string }[] = [];
  readonly requests: SeenRequest[] = [];
  /** Tokens that are accepted. */
  readonly tokens: Set<string>;
  /** Requests that are being handled, and the most that were at once. */
  open = 0;
  open_max = 0;
  readonly #indexes: ReadonlySet<string> | undefined;
  readonly #read: (body: Buffer) => Reading;
  readonly #script: Behaviour[] = [];
  #always: Behaviour = normal;
  #server: Server;
  #port = 0;
  #watchers: (() => void)[] = [];

  private constructor(facts: SplunkFacts) {
    this.tokens = new Set(facts.tokens ?? [valid_token]);
    this.#indexes = facts.indexes === undefined ? undefined : new Set(facts.indexes);
    const indexes = this.#indexes;
    this.#read = facts.read ?? ((body) => readEnvelopes(body, indexes));
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
    return `http://127.0.0.1:${this.#port}`;
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
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        this.#watchers.push(resolve);
        setTimeout(resolve, 100);
      });
    }
  }

  #create(): Server {
    return createServer((request, response) => {
      this.open += 1;
      this.open_max = Math.max(this.open_max, this.open);
      response.on("close", () => {
        this.open -= 1;
        this.#changed();
      });
      const behaviour = this.#script.shift() ?? this.#always;
      if (behaviour.kind === "reset" && behaviour.when === "before_body") {
        this.#note(request, 0);
        request.socket.resetAndDestroy();
        return;
      }
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => this.#handle(request, response, { chunks, behaviour }));
      request.on("error", () => undefined);
    });
  }

  #handle(
    request: IncomingMessage,
    response: ServerResponse,
    { chunks, behaviour }: { chunks: Buffer[]; behaviour: Behaviour },
  ): void {
    const body = Buffer.concat(chunks);
    this.#note(request, body.length);
    switch (behaviour.kind) {
      case "normal":
        setTimeout(
          () => this.#answerNormally(request, response, { body, behaviour }),
          behaviour.delay_ms ?? 0,
        );
        return;
      case "answer":
        response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body ?? "");
        return;
      case "hang":
        return;
      case "reset":
        if (behaviour.taken) this.#take(request, body);
        request.socket.resetAndDestroy();
        return;
      case "wrong_length": {
        const answer = this.#take(request, body);
        const length = Buffer.byteLength(answer.body) + behaviour.bytes;
        const head = `HTTP/1.1 ${answer.status} OK\r\nContent-Length: ${length}\r\n\r\n`;
        request.socket.end(head + answer.body);
        return;
      }
      case "drip":
        response.writeHead(behaviour.status, { "content-length": "100000" });
        drip(response);
    }
  }

  #answerNormally(
    request: IncomingMessage,
    response: ServerResponse,
    { body, behaviour }: { body: Buffer; behaviour: Behaviour & { kind: "normal" } },
  ): void {
    if (request.socket.destroyed) return;
    const answer = this.#take(request, body);
    const { code, text = "Success" } = behaviour;
    const say =
      answer.status === 200 && code !== undefined ? JSON.stringify({ text, code }) : answer.body;
    response
      .writeHead(answer.status, { "content-type": "application/json; charset=UTF-8" })
      .end(say);
    this.#changed();
  }

  /** Does with a request what Splunk does, and gives its answer. */
  #take(request: IncomingMessage, body: Buffer): { status: number; body: string } {
    const answer = (status: number, code: number, text: string, number?: number) => ({
      status,
      body: JSON.stringify({
        text,
        code,
        ...(number === undefined ? {} : { "invalid-event-number": number }),
      }),
    });
    const { authorization } = request.headers;
    if (authorization === undefined) return answer(401, 2, "Token is required");
    const token = /^Splunk (.+)$/i.exec(authorization)?.[1];
    if (token === undefined) return answer(401, 3, "Invalid authorization");
    if (!this.tokens.has(token)) return answer(403, 4, "Invalid token");
    const gzip = request.headers["content-encoding"] === "gzip";
    const plain = gzip ? gunzipSync(body) : body;
    const path = request.url ?? "";
    if (path.startsWith("/services/collector/raw")) {
      const lines = plain
        .toString()
        .split("\n")
        .filter((line) => line.trim() !== "");
      if (lines.length === 0) return answer(400, 5, "No data");
      for (const line of lines) this.raw.push({ path, line });
      return answer(200, 0, "Success");
    }
    if (path !== "/services/collector/event") {
      return answer(404, 404, "The requested URL was not found on this server.");
    }
    const reading = this.#read(plain);
    for (const event of reading.events) this.indexed.push(event);
    return answer(reading.status, reading.code, reading.text, reading.invalid_event_number);
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

function drip(response: ServerResponse): void {
  if (response.destroyed) return;
  response.write("x");
  setTimeout(() => drip(response), 20);
}
