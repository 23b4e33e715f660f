/**
 * One request to the HTTP Event Collector. Knows HTTP, and nothing of what an answer means.
 *
 * Redirects are never followed, since they would carry the token elsewhere. A body goes out as it is: always
 * with Content-Length, never chunked, because Splunk may fall back to HTTP/1.0.
 */
import { unlessAborted } from "../../../platform/patience.ts";
import type { Secret } from "../../../platform/secret.ts";
import { version } from "../../../platform/version.ts";
import { Connector, type ConnectorDeps } from "../../network/connection.ts";
import { ConnectionPool } from "../../network/connection-pool.ts";
import { exchange } from "../../network/exchange.ts";
import { failureOf, type TransportFailure } from "../../network/failure.ts";
import type { Answer } from "../answers/response.ts";

/** The longest answer that is read to its end; Splunk's own are below 1 KiB. */
const answer_bytes_max = 64 * 1024;
/** A new connection now and then sees what has changed: the name's addresses, certificates, a balancer's choice. */
const connection_age_ms_max = 300_000;
/** A token's file that cannot even be looked at within this time, on a network that hangs, is left for later. */
const token_wait_ms_max = 1000;

export interface HecClientDeps extends ConnectorDeps {
  /** Origin and base path, without a slash at the end. */
  url: string;
  token: Secret;
  connections: number;
  timeout_ms: number;
  /** After this time a connection is used no more. */
  connection_age_ms_max?: number;
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
  /** By how much the clock of the server that answered last is ahead of ours, to a second or so, where it said. */
  readonly clock_ahead_ms?: number | undefined;
  /**
   * Never rejects; a request that is not answered in full after `timeout_ms` fails. What the server says may hold
   * the token: whoever repeats it, masks it.
   */
  request(request: HecRequest): Promise<Outcome>;
  /** Ends all requests and closes all connections. */
  close(): Promise<void>;
}

/** Of a request that comes after the end. */
const closed: Outcome = {
  failure: { code: "ABORT_ERR", message: "all connections to the endpoint are closed" },
};

export class HecClient implements HecTransport {
  readonly #deps: HecClientDeps;
  readonly #pool: ConnectionPool;
  readonly #connector: Connector;
  readonly #base_path: string;
  /** As the header of this name has it. */
  readonly #host: string;
  clock_ahead_ms: number | undefined;
  /** A look at the token's file that takes too long. Nobody waits for another one before it has ended. */
  #late_look: Promise<unknown> | undefined;
  /** One for each request in progress. */
  readonly #aborts = new Set<AbortController>();
  #is_closed = false;

  constructor(deps: HecClientDeps) {
    this.#deps = deps;
    const { url, network, timeout_ms } = deps;
    const { host, pathname } = new URL(url);
    this.#host = host;
    this.#base_path = pathname === "/" ? "" : pathname;
    // What no request waits for any more need not go on.
    const connect_timeout = Math.min(network.connect_timeout, timeout_ms);
    this.#connector = new Connector({ ...deps, network: { ...network, connect_timeout } });
    this.#pool = new ConnectionPool({
      connector: this.#connector,
      connections: deps.connections,
      age_ms_max: deps.connection_age_ms_max ?? connection_age_ms_max,
      clock: deps.clock,
    });
    this.#report();
  }

  async request(request: HecRequest): Promise<Outcome> {
    const { clock, timeout_ms } = this.#deps;
    if (this.#is_closed) return closed;
    const abort = new AbortController();
    this.#aborts.add(abort);
    const timer = clock.after(timeout_ms, () => abort.abort(new RequestTimeoutError(timeout_ms)));
    try {
      // A connection that is being opened for it goes on being opened, for the next.
      return { answer: await unlessAborted(this.#send(request, abort.signal), abort.signal) };
    } catch (thrown) {
      return { failure: this.#failureOf(thrown) };
    } finally {
      timer.cancel();
      this.#aborts.delete(abort);
    }
  }

  close(): Promise<void> {
    this.#is_closed = true;
    for (const abort of this.#aborts) abort.abort();
    this.#connector.close();
    this.#pool.close();
    return Promise.resolve();
  }

  async #send(request: HecRequest, signal: AbortSignal): Promise<Answer> {
    const { method, path, headers, body } = request;
    const { token, network, clock } = this.#deps;
    await this.#refreshToken();
    const answer = await exchange({
      pool: this.#pool,
      clock,
      method,
      path: this.#base_path + path,
      headers: {
        ...headers,
        host: this.#host,
        "user-agent": `tallyman/${version}`,
        authorization: `Splunk ${token.reveal()}`,
      },
      body,
      signal,
      // Without them the deadline of a request covers both, and a server that sends a byte now and then.
      headers_timeout: network.headers_timeout,
      body_timeout: network.body_timeout,
      answer_bytes_max,
    });
    const { status, headers: said, body: text, is_cut } = answer;
    const date = said.get("date")?.[0];
    this.#noteDate(date);
    return {
      status,
      content_type: said.get("content-type")?.[0],
      retry_after: said.get("retry-after")?.[0],
      date,
      cookies: said.get("set-cookie") ?? [],
      body: text,
      ...(is_cut && { is_cut }),
    };
  }

  #noteDate(date: string | undefined): void {
    const date_ms = Date.parse(date ?? "");
    // The header has whole seconds, cut off.
    if (!Number.isNaN(date_ms)) this.clock_ahead_ms = date_ms + 500 - this.#deps.clock.now();
  }

  /** So that a token file that was replaced is used from the next request on. */
  async #refreshToken(): Promise<void> {
    const { token, clock, log, url } = this.#deps;
    if (this.#late_look !== undefined) return;
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const look = token.refresh();
    const timer = clock.after(token_wait_ms_max, () => {
      this.#late_look = look.finally(() => (this.#late_look = undefined));
      resolve(undefined);
    });
    const wrong = await Promise.race([look, late]);
    timer.cancel();
    if (wrong === undefined) return;
    log.warn(
      "splunk_token_file_unusable",
      { endpoint: url, wrong },
      "The token file has changed and cannot be used. The previous token stays in use.",
    );
  }

  #failureOf(thrown: unknown): TransportFailure {
    const failure = failureOf(thrown);
    // A server that does so may close before its word about it was read (TLS 1.3), and optional ones ask, too.
    const is_broken_off = ["ECONNRESET", "EPIPE"].includes(failure.code);
    if (!is_broken_off || !this.#connector.wantsCertificate) return failure;
    const hint = "the server asks for a client certificate; if it requires one, set tls.cert_file";
    return { ...failure, message: `${failure.message}; ${hint}` };
  }

  #report(): void {
    const { url, network, log } = this.#deps;
    const { proxy } = this.#connector;
    if (proxy !== undefined) {
      log.info(
        "proxy_used",
        { endpoint: url, proxy: proxy.shown, set_by: proxy.origin },
        "Using a proxy.",
      );
    }
    if (!network.tls.verify) {
      log.error(
        "tls_not_verified",
        { endpoint: url },
        "tls.verify is false: anybody on the way can read the token and all events. Name the server's authority in tls.ca_file instead.",
      );
    }
  }
}

class RequestTimeoutError extends Error {
  readonly code = "ETIMEDOUT";

  constructor(timeout_ms: number) {
    super(`not answered in full after ${timeout_ms} ms`);
  }
}
