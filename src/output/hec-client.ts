/**
 * One request to the HTTP Event Collector. Knows HTTP, and nothing of what an answer means.
 *
 * Redirects are never followed, since they would carry the token elsewhere. A body goes out as it stands: always
 * with Content-Length, never chunked, because Splunk may fall back to HTTP/1.0.
 */
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { Pool } from "undici";
import type { Clock } from "../platform/clock.ts";
import type { Secret } from "../platform/secret.ts";
import { version } from "../platform/version.ts";
import type { Answer, TransportFailure } from "./response.ts";

/** What is read of an answer; Splunk's own are below 1 KiB. */
const answer_bytes_max = 64 * 1024;
/** Below the idle time after which common load balancers close a connection (60 s). */
const keep_alive_ms = 50_000;
const keep_alive_ms_max = 600_000;

export interface HecClientFacts {
  /** Origin and base path, without a slash at the end. */
  url: string;
  token: Secret;
  connections: number;
  timeout_ms: number;
  clock: Clock;
}

export interface HecRequest {
  method: "GET" | "POST";
  /** Path and query below the base path. */
  path: string;
  /** Beside those that every request has. */
  headers?: Readonly<Record<string, string>>;
  body?: Buffer;
}

export type Outcome = { readonly answer: Answer } | { readonly failure: TransportFailure };

/** What carries requests to one endpoint. */
export interface HecTransport {
  /**
   * Never rejects; a request that is not answered in full after `timeout_ms` fails. What the server says may hold
   * the token: whoever repeats it, masks it.
   */
  request(request: HecRequest): Promise<Outcome>;
  /** Ends all requests and closes all connections. */
  close(): Promise<void>;
}

export class HecClient implements HecTransport {
  readonly #facts: HecClientFacts;
  readonly #pool: Pool;
  readonly #base_path: string;
  /** One for each request under way. */
  readonly #aborts = new Set<AbortController>();

  constructor(facts: HecClientFacts) {
    this.#facts = facts;
    const { origin, pathname, protocol } = new URL(facts.url);
    this.#base_path = pathname === "/" ? "" : pathname;
    const secureContext = protocol === "https:" ? trustingContext() : undefined;
    this.#pool = new Pool(origin, {
      connections: facts.connections,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keep_alive_ms,
      keepAliveMaxTimeout: keep_alive_ms_max,
      // The deadline of a request covers both, and a server that sends a byte now and then.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: {
        timeout: facts.timeout_ms,
        ...(secureContext === undefined ? {} : { secureContext }),
      },
    });
  }

  async request(request: HecRequest): Promise<Outcome> {
    const { clock, timeout_ms } = this.#facts;
    const abort = new AbortController();
    this.#aborts.add(abort);
    const timer = clock.after(timeout_ms, () => abort.abort(new RequestTimeoutError(timeout_ms)));
    try {
      return { answer: await this.#send(request, abort.signal) };
    } catch (thrown) {
      return { failure: failureOf(thrown) };
    } finally {
      timer.cancel();
      this.#aborts.delete(abort);
    }
  }

  async close(): Promise<void> {
    for (const abort of this.#aborts) abort.abort();
    await this.#pool.destroy();
  }

  async #send(request: HecRequest, signal: AbortSignal): Promise<Answer> {
    const { method, path, headers, body = null } = request;
    const { token } = this.#facts;
    const answer = await this.#pool.request({
      method,
      path: this.#base_path + path,
      headers: {
        ...headers,
        "user-agent": `tallyman/${version}`,
        authorization: `Splunk ${token.reveal()}`,
      },
      body,
      signal,
    });
    const header = (name: string): string | undefined => [answer.headers[name] ?? []].flat()[0];
    return {
      status: answer.statusCode,
      content_type: header("content-type"),
      retry_after: header("retry-after"),
      date: header("date"),
      cookies: [answer.headers["set-cookie"] ?? []].flat(),
      body: await readBeginning(answer.body),
    };
  }
}

function failureOf(thrown: unknown): TransportFailure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  // undici wraps what the system said, and Node what it said of each of several addresses.
  const inner = error instanceof AggregateError ? (error.errors[0] as unknown) : error.cause;
  const cause = inner instanceof Error ? inner : error;
  const code = (cause as { code?: unknown }).code ?? (error as { code?: unknown }).code;
  return { code: typeof code === "string" ? code : error.name, message: cause.message };
}

class RequestTimeoutError extends Error {
  readonly code = "ETIMEDOUT";

  constructor(timeout_ms: number) {
    super(`not answered in full after ${timeout_ms} ms`);
  }
}

/** Reads up to the limit; more than that is not read, and costs the connection. */
async function readBeginning(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= answer_bytes_max) break;
  }
  return Buffer.concat(chunks).toString("utf8", 0, answer_bytes_max);
}

/** Trusts what Node trusts (NODE_EXTRA_CA_CERTS included) and what the machine's administrator does. */
function trustingContext(): SecureContext {
  return createSecureContext({
    ca: [...getCACertificates("default"), ...getCACertificates("system")],
  });
}
