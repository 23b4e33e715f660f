/**
 * One connection to an HTTP server, on which one request is made at a time.
 *
 * Spoken by hand and not by node:http: of all that an agent does for a request of a megabyte, that was a fifth.
 */
import type { Socket } from "node:net";
import type { AnswerHeaders } from "./answer-headers.ts";
import { AnswerParser } from "./answer-parser.ts";
import { ConnectionError } from "./failure.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: string;
  /** The body was longer than allowed: nothing of it is believed, and it has cost the connection. */
  readonly is_cut?: boolean;
}

export interface HttpRequest {
  /** With the blank line that ends it. */
  readonly head: string;
  readonly body: Buffer | undefined;
  /** The longest body of an answer that is read. */
  readonly answer_bytes_max: number;
  /** Called with the answer's head, and then with each part of its body. */
  onPart(): void;
}

/** A request under way. */
interface Asked {
  readonly request: HttpRequest;
  readonly parser: AnswerParser;
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
  is_sent: boolean;
}

export class HttpConnection {
  readonly #socket: Socket;
  #asked: Asked | undefined;
  /** The first error names the cause; those after it are what became of it. */
  #error: Error | undefined;
  /** Where the server said it: how long it keeps the connection from the end of its answer on. */
  keep_alive_ms: number | undefined;
  /** On the pool's clock: when it is used for no further request. */
  usable_until_ms = 0;

  /** Of an open socket. `onClose` is called once, when it is closed. */
  constructor(socket: Socket, onClose: () => void) {
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("end", () => this.#end());
    socket.on("error", (error) => (this.#error ??= error));
    socket.on("close", () => {
      this.#fail();
      onClose();
    });
  }

  /** Whether another request may be made on it. */
  get is_usable(): boolean {
    return this.#asked === undefined && !this.#socket.destroyed && this.#socket.writable;
  }

  /** Rejects with a ConnectionError, or with what Node says: see failureOf. The connection is closed then. */
  ask(request: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const parser = new AnswerParser(request.answer_bytes_max);
      const asked: Asked = { request, parser, resolve, reject, is_sent: false };
      this.#asked = asked;
      if (this.#socket.destroyed) return this.#fail();
      const sent = (error?: Error | null): void => {
        asked.is_sent = !error;
      };
      this.#socket.cork();
      this.#socket.write(request.head, "latin1", request.body === undefined ? sent : undefined);
      if (request.body !== undefined) this.#socket.write(request.body, sent);
      this.#socket.uncork();
    });
  }

  /** Closes it. A request under way fails with the error. */
  destroy(error?: Error): void {
    this.#error ??= error;
    this.#socket.destroy();
    if (error !== undefined) this.#fail();
  }

  /** Has the process wait for it, or not. */
  hold(is_held: boolean): void {
    if (is_held) this.#socket.ref();
    else this.#socket.unref();
  }

  #take(bytes: Buffer): void {
    const asked = this.#asked;
    // What comes before the next request would be taken for the answer to that.
    if (asked === undefined) return void this.#socket.destroy();
    const { parser, request } = asked;
    try {
      parser.push(bytes);
    } catch (thrown) {
      return this.destroy(thrown as Error);
    }
    if (parser.has_head) request.onPart();
    if (parser.is_complete || parser.is_cut) this.#finish(asked);
  }

  #finish({ parser, resolve, is_sent }: Asked): void {
    this.#asked = undefined;
    const { status, headers, is_cut } = parser;
    const hint = /^timeout=(\d{1,9})/.exec(headers.get("keep-alive")?.[0] ?? "")?.[1];
    this.keep_alive_ms = hint === undefined ? undefined : Number(hint) * 1000;
    // A server that has answered early does not read the rest.
    const lasts = parser.keeps_alive && is_sent && !parser.has_rest && !is_cut;
    if (!lasts) this.#socket.destroy();
    if (is_cut) resolve({ status, headers, body: "", is_cut });
    else resolve({ status, headers, body: parser.body.toString("utf8") });
  }

  #end(): void {
    const asked = this.#asked;
    asked?.parser.close();
    if (asked?.parser.is_complete === true) this.#finish(asked);
    else this.destroy(this.#brokenOff());
  }

  /** Ends the request under way, where there is one. */
  #fail(): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    const error = this.#error ?? this.#brokenOff();
    this.#asked = undefined;
    asked.reject(error);
  }

  #brokenOff(): ConnectionError {
    const has_head = this.#asked?.parser.has_head === true;
    const when = has_head ? "in the middle of the answer" : "without an answer";
    return new ConnectionError("ECONNRESET", `closed ${when}`);
  }
}
