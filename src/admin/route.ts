/**
 * What the admin listener answers, and where: one row a path.
 */
import type { IncomingHttpHeaders } from "node:http";

export interface Answer {
  readonly status: number;
  /** The content type. */
  readonly type: string;
  readonly body: string | Buffer;
  /** Further headers, and others than the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a route may know of a request. */
export interface AdminRequest {
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** What was sent, where the route takes a body; else empty. */
  readonly body: string;
}

/** A client that an answer is written to as long as it is there. */
export interface Client {
  /** Bytes that it has not taken yet. */
  readonly waiting_bytes: number;
  /** Aborted when it has gone, or `end` was called. */
  readonly gone: AbortSignal;
  /** Takes bytes as they are: they must not change after it. */
  write(part: string | Uint8Array): void;
  /** Writes the last of the answer, and closes the connection. */
  end(text: string): void;
}

/** An answer that goes on until one of both sides ends it. */
export interface LongAnswer {
  /** The content type. */
  readonly type: string;
  begin(client: Client): void;
}

export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** Whether it is there on the UNIX socket alone, whose mode says who may use it. It is asked for each request. */
  readonly unix_only: boolean;
  /** Whether an answer costs next to nothing, however many files are followed: a few may come without a pause between them. */
  readonly is_small?: boolean;
  /** How long a body may be; without it none is read. */
  readonly body_bytes_max?: number;
  /** The answer. Where it rejects, that is a bug of ours: the client gets a 500, and the log the place. */
  answer(request: AdminRequest): Promise<Answer | LongAnswer>;
}

export function textAnswer(status: number, text: string): Answer {
  return { status, type: "text/plain; charset=utf-8", body: `${text}\n` };
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, type: "application/json", body: `${JSON.stringify(value)}\n` };
}
