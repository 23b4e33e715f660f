/** One HTTP request and its whole answer. Redirects are never followed, and nothing is sent twice. */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { ConnectionPool } from "./connection-pool.ts";
import { ConnectionError, GivenUp } from "./failure.ts";
import type { HttpAnswer, HttpConnection } from "./http-connection.ts";

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
  /** The longest wait for the answer, sending the request included, and then for each part of it; undefined for any. */
  readonly headers_timeout: number | undefined;
  readonly body_timeout: number | undefined;
  /** The longest body that is read. */
  readonly answer_bytes_max: number;
}

const path_text = /^\/[\x21-\x7e]*$/;
const header_text = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Rejects with what the connection says (see failureOf), or with the signal's reason as the cause. */
export async function exchange(options: ExchangeOptions): Promise<HttpAnswer> {
  const { pool, body, signal, answer_bytes_max } = options;
  if (signal.aborted) throw new GivenUp(signal);
  const head = headOf(options);
  const connection = await pool.take(signal);
  const patience = new Patience(connection, options.clock);
  const giveUp = (): void => connection.destroy(new GivenUp(signal));
  signal.addEventListener("abort", giveUp);
  if (signal.aborted) giveUp();
  patience.wait("headers", options.headers_timeout);
  try {
    return await connection.ask({
      head,
      body,
      answer_bytes_max,
      onPart: () => patience.wait("body", options.body_timeout),
    });
  } finally {
    signal.removeEventListener("abort", giveUp);
    patience.end();
    pool.give(connection);
  }
}

/** Throws a ConnectionError for what may not be in a head: it would be taken for another header, or another request. */
function headOf({ method, path, headers, body }: ExchangeOptions): string {
  if (!path_text.test(path))
    throw new ConnectionError("ERR_UNESCAPED_CHARACTERS", "a path of a URL has no blanks");
  let head = `${method} ${path} HTTP/1.1\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (!header_text.test(value))
      throw new ConnectionError(
        "ERR_INVALID_CHAR",
        `the header ${name} has a character it may not`,
      );
    head += `${name}: ${value}\r\n`;
  }
  // Some servers refuse a POST that does not say how long it is, also where it has nothing.
  if (method === "POST") head += `content-length: ${body?.length ?? 0}\r\n`;
  return `${head}connection: keep-alive\r\n\r\n`;
}

/** Ends a request whose answer, or the next part of it, does not come in time. */
class Patience {
  readonly #connection: HttpConnection;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #has_ended = false;

  constructor(connection: HttpConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** Waits so long from now on. */
  wait(part: "headers" | "body", wait_ms: number | undefined): void {
    this.#timer?.cancel();
    if (wait_ms === undefined || this.#has_ended) return;
    this.#timer = this.#clock.after(wait_ms, () => {
      const what = part === "headers" ? "no answer" : "no more of the answer";
      const code = `${part.toUpperCase()}_TIMEOUT`;
      this.#connection.destroy(new ConnectionError(code, `${what} within ${wait_ms} ms`));
    });
  }

  end(): void {
    this.#has_ended = true;
    this.#timer?.cancel();
  }
}
