/**
 * One request to the HTTP Event Collector. Knows HTTP, and nothing of what an answer means.
 *
 * Redirects are never followed, since they would carry the token elsewhere. A body goes out as it stands: always
 * with Content-Length, never chunked, because Splunk may fall back to HTTP/1.0.
 */
import type { Socket } from "node:net";
import { Pool, type buildConnector } from "undici";
import { unlessAborted } from "../../../platform/patience.ts";
import type { Secret } from "../../../platform/secret.ts";
import { version } from "../../../platform/version.ts";
import { Connector, type ConnectorDeps } from "../../network/connection.ts";
import { failureOf, type TransportFailure } from "../../network/failure.ts";
import type { Answer } from "../answers/response.ts";

/** The longest answer that is read to its end; Splunk's own are below 1 KiB. */
const answer_bytes_max = 64 * 1024;
/** Below the idle time after which common load balancers close a connection (60 s). */
const keep_alive_ms = 50_000;
const keep_alive_ms_max = 600_000;
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

export class HecClient implements HecTransport {
  readonly #deps: HecClientDeps;
  readonly #pool: Pool;
  readonly #connector: Connector;
  readonly #base_path: string;
  clock_ahead_ms: number | undefined;
  /** A look at the token's file that takes too long. Nobody waits for another one before it has ended. */
  #late_look: Promise<unknown> | undefined;
  /** One for each request under way. */
  readonly #aborts = new Set<AbortController>();

  constructor(deps: HecClientDeps) {
    this.#deps = deps;
    const { url, network, timeout_ms } = deps;
    const { origin, pathname } = new URL(url);
    this.#base_path = pathname === "/" ? "" : pathname;
    // What no request waits for any more need not go on.
    const connect_timeout = Math.min(network.connect_timeout, timeout_ms);
    this.#connector = new Connector({ ...deps, network: { ...network, connect_timeout } });
    this.#pool = new Pool(origin, {
      connections: deps.connections,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: keep_alive_ms,
      keepAliveMaxTimeout: keep_alive_ms_max,
      clientTtl: deps.connection_age_ms_max ?? connection_age_ms_max,
      // Without them the deadline of a request covers both, and a server that sends a byte now and then.
      headersTimeout: network.headers_timeout ?? 0,
      bodyTimeout: network.body_timeout ?? 0,
      connect: (_, callback) => void this.#open(callback),
    });
    this.#report();
  }

  async request(request: HecRequest): Promise<Outcome> {
    const { clock, timeout_ms } = this.#deps;
    const abort = new AbortController();
    this.#aborts.add(abort);
    const timer = clock.after(timeout_ms, () => abort.abort(new RequestTimeoutError(timeout_ms)));
    try {
      // The pool takes no notice of the signal while it opens a connection for the request.
      return { answer: await unlessAborted(this.#send(request, abort.signal), abort.signal) };
    } catch (thrown) {
      return { failure: this.#failureOf(thrown) };
    } finally {
      timer.cancel();
      this.#aborts.delete(abort);
    }
  }

  async close(): Promise<void> {
    for (const abort of this.#aborts) abort.abort();
    this.#connector.close();
    await this.#pool.destroy();
  }

  async #open(callback: buildConnector.Callback): Promise<void> {
    let socket: Socket;
    try {
      socket = await this.#connector.open();
    } catch (thrown) {
      callback(thrown instanceof Error ? thrown : new Error(String(thrown)), null);
      return;
    }
    callback(null, socket);
  }

  async #send(request: HecRequest, signal: AbortSignal): Promise<Answer> {
    const { method, path, headers, body = null } = request;
    const { token } = this.#deps;
    await this.#refreshToken();
    signal.throwIfAborted();
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
    this.#noteDate(header("date"));
    return {
      status: answer.statusCode,
      content_type: header("content-type"),
      retry_after: header("retry-after"),
      date: header("date"),
      cookies: [answer.headers["set-cookie"] ?? []].flat(),
      ...(await readBody(answer.body)),
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
    const is_broken_off = ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"].includes(failure.code);
    if (!is_broken_off || !this.#connector.wantsCertificate) return failure;
    const hint = "the server asks for a client certificate; if it wants one: tls.cert_file";
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

/** Reads a body to its end. Of one beyond the limit nothing is believed, and it costs the connection. */
async function readBody(stream: AsyncIterable<Buffer>): Promise<Pick<Answer, "body" | "is_cut">> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > answer_bytes_max) return { body: "", is_cut: true };
  }
  return { body: Buffer.concat(chunks).toString("utf8") };
}
