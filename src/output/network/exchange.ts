/** One HTTP request and its whole answer. Redirects are never followed, and nothing is sent twice. */
import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestHttp,
} from "node:http";
import type { Clock, Timer } from "../../platform/clock.ts";
import type { ConnectionPool } from "./connection-pool.ts";
import { ConnectionError } from "./failure.ts";

export interface ExchangeOptions {
  readonly pool: ConnectionPool;
  readonly clock: Clock;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as it stands, with Content-Length. */
  readonly body: Buffer | undefined;
  /** Ends the exchange, and its connection. */
  readonly signal: AbortSignal;
  /** The longest wait for the answer once the request is sent, and then for each part of it; undefined for any. */
  readonly headers_timeout: number | undefined;
  readonly body_timeout: number | undefined;
  /** The longest body that is read. */
  readonly answer_bytes_max: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The body was longer than allowed: nothing of it is believed, and it has cost the connection. */
  readonly is_cut?: boolean;
}

/** Rejects with what the connection says (see failureOf), or with the signal's reason as the cause. */
export async function exchange(options: ExchangeOptions): Promise<HttpAnswer> {
  const { pool, method, path, headers, body, signal } = options;
  signal.throwIfAborted();
  const asked = requestHttp({
    agent: pool,
    method,
    path,
    headers: { ...headers, ...(body && { "content-length": body.length }) },
    // Whatever NODE_OPTIONS says: a lenient reader of answers can be made to mistake one for another.
    insecureHTTPParser: false,
  });
  // The first error names the cause; those after it are what became of it.
  let first: Error | undefined;
  asked.on("error", (error) => (first ??= error));
  // As node:http would do with the signal itself, which costs more.
  const giveUp = (): void => {
    asked.destroy(
      new DOMException("the request was given up", { name: "AbortError", cause: signal.reason }),
    );
  };
  signal.addEventListener("abort", giveUp);
  const patience = new Patience(asked, options.clock);
  asked.once("finish", () => patience.wait("headers", options.headers_timeout));
  try {
    asked.end(body);
    const response = await answerTo(asked);
    const read = await readBody(response, options.answer_bytes_max, () =>
      patience.wait("body", options.body_timeout),
    );
    // A server that has answered early does not read the rest.
    if (!asked.writableFinished) asked.destroy();
    return { status: response.statusCode!, headers: response.headers, ...read };
  } catch (thrown) {
    asked.destroy();
    throw first ?? thrown;
  } finally {
    signal.removeEventListener("abort", giveUp);
    patience.end();
  }
}

/** Ends a request whose answer, or the next part of it, does not come in time. */
class Patience {
  readonly #asked: ClientRequest;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #has_ended = false;

  constructor(asked: ClientRequest, clock: Clock) {
    this.#asked = asked;
    this.#clock = clock;
  }

  /** Waits so long from now on. */
  wait(part: "headers" | "body", wait_ms: number | undefined): void {
    this.#timer?.cancel();
    if (wait_ms === undefined || this.#has_ended) return;
    this.#timer = this.#clock.after(wait_ms, () => {
      const what = part === "headers" ? "no answer" : "no more of the answer";
      const code = `${part.toUpperCase()}_TIMEOUT`;
      this.#asked.destroy(new ConnectionError(code, `${what} within ${wait_ms} ms`));
    });
  }

  end(): void {
    this.#has_ended = true;
    this.#timer?.cancel();
  }
}

function answerTo(asked: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // An answer that switches protocols is none.
    const closed = (): void =>
      reject(new ConnectionError("ECONNRESET", "closed without an answer"));
    asked.once("close", closed);
    asked.once("error", reject);
    asked.once("response", (response) => {
      // Most requests have an answer, and an error takes its time to make.
      asked.off("close", closed);
      resolve(response);
    });
  });
}

function readBody(
  response: IncomingMessage,
  bytes_max: number,
  onPart: () => void,
): Promise<Pick<HttpAnswer, "body" | "is_cut">> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    onPart();
    response.on("data", (chunk: Buffer) => {
      onPart();
      chunks.push(chunk);
      length += chunk.length;
      if (length <= bytes_max) return;
      resolve({ body: "", is_cut: true });
      response.destroy();
    });
    response.once("end", () => resolve({ body: Buffer.concat(chunks).toString("utf8") }));
    response.on("error", reject);
    response.once("close", () => {
      // Of what was resolved or rejected before, this changes nothing.
      reject(new ConnectionError("ECONNRESET", "closed in the middle of the answer"));
    });
  });
}
