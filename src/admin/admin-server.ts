/**
 * The admin listener: a small HTTP server on a UNIX socket, and on loopback where that is set up.
 *
 * Nobody who uses it holds up the flow: connections are few and short, a request is its line and its header, and answers
 * are paced. A web page from elsewhere in a browser of this machine gets nothing either: see `isFromPage`. That holds for
 * the UNIX socket, too, which somebody may have forwarded to a port.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock, Timer } from "../platform/clock.ts";
import { messageOf, TallymanError, traceOf } from "../platform/errors.ts";
import type { Logger } from "../platform/log.ts";
import { SocketFile } from "../platform/sockets/socket-file.ts";
import type { LoopbackAddress } from "./options.ts";
import { isFromPage } from "./page.ts";
import { ResponseClient } from "./response-client.ts";
import { textAnswer, type Answer, type LongAnswer, type Route } from "./route.ts";

/** At a time, on each of the two. */
const connections_max = 32;
const header_bytes_max = 8 * 1024;
const request_timeout_ms = 5000;
/** A connection is closed after this time, whatever its client does with it, but for a long answer. */
const connection_ms_max = 60_000;
/** Between two answers: so many are given in a second at most. An answer may be a megabyte, and takes its time to be made. */
const pause_ms = 20;
/** So many small answers may come before their pauses, which follow: a page that is opened asks for several things. */
const burst_max = 10;

/** What keeps an answer from being used by a web page. */
const safety = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'",
  "cross-origin-resource-policy": "same-origin",
};

export interface AdminServerDeps {
  readonly socket: { readonly path: string; readonly mode: number } | undefined;
  readonly listen: LoopbackAddress | undefined;
  readonly routes: readonly Route[];
  readonly clock: Clock;
  readonly log: Logger;
}

export class AdminServer {
  readonly #deps: AdminServerDeps;
  readonly #servers: Server[] = [];
  /** Each with what closes it. */
  readonly #sockets = new Map<Socket, Timer>();
  #file: SocketFile | undefined;
  #port: number | undefined;
  /** When the next answer may be given, monotonic; small ones may come up to `burst_max` pauses before that. */
  #next_ms = -Infinity;
  /** Resolved when who came last has had its turn. */
  #queue: Promise<void> = Promise.resolve();

  constructor(deps: AdminServerDeps) {
    this.#deps = deps;
  }

  /** The TCP port that it listens on; undefined where it does not. */
  get port(): number | undefined {
    return this.#port;
  }

  /** Throws TallymanError listen_failed, socket_in_use or socket_unavailable. */
  async start(): Promise<void> {
    const { socket, listen, log } = this.#deps;
    if (socket !== undefined) {
      const server = this.#makeServer("unix");
      this.#file = await SocketFile.listen(server, socket);
      this.#survive(server);
    }
    if (listen !== undefined) {
      const server = this.#makeServer("tcp");
      await listenOn(server, listen);
      this.#survive(server);
      const address = server.address();
      this.#port = typeof address === "object" ? address?.port : undefined;
    }
    log.debug(
      "admin_listening",
      { socket: socket?.path, port: this.#port },
      "The admin listener is open.",
    );
  }

  /** Lets go of its places, for others; who has asked before gets an answer, until `close`. Never rejects. */
  async leave(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.remove();
    for (const server of this.#servers) server.close();
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await this.#file?.remove();
    const closed = this.#servers.map(
      (server) => new Promise<void>((resolve) => server.close(() => resolve())),
    );
    for (const socket of this.#sockets.keys()) socket.destroy();
    await Promise.all(closed);
  }

  #makeServer(kind: "unix" | "tcp"): Server {
    const server = createServer({
      maxHeaderSize: header_bytes_max,
      headersTimeout: request_timeout_ms,
      requestTimeout: request_timeout_ms,
      connectionsCheckingInterval: 1000,
      // Our own answer says why.
      requireHostHeader: false,
    });
    server.maxConnections = connections_max;
    server.maxRequestsPerSocket = 1;
    server.on("connection", (socket) => this.#watch(socket));
    server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      void this.#handle(request, response, kind);
    });
    this.#servers.push(server);
    return server;
  }

  /** What a single connection runs into, such as a lack of descriptors, must never end the process. */
  #survive(server: Server): void {
    const { log } = this.#deps;
    server.on("error", (error) =>
      log.warn(
        "admin_connection_failed",
        { error: error.message },
        "The admin listener could not accept a connection.",
      ),
    );
  }

  #watch(socket: Socket): void {
    const timer = this.#deps.clock.after(connection_ms_max, () => socket.destroy());
    this.#sockets.set(socket, timer);
    socket.once("close", () => {
      timer.cancel();
      this.#sockets.delete(socket);
    });
  }

  /** Never rejects. */
  async #handle(
    request: IncomingMessage,
    response: ServerResponse,
    kind: "unix" | "tcp",
  ): Promise<void> {
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    const turn = this.#queue.then(() => this.#turn(request, response));
    this.#queue = turn;
    await turn;
    if (response.destroyed) return;
    const answer = await this.#answerTo(request, kind);
    const head = { "content-type": answer.type, connection: "close", ...safety };
    if ("begin" in answer) {
      response.writeHead(200, head);
      if (request.method === "HEAD") return void response.end();
      response.flushHeaders();
      if (request.socket.destroyed) return;
      this.#sockets.get(request.socket)?.cancel();
      return answer.begin(new ResponseClient(response));
    }
    response.writeHead(answer.status, {
      ...head,
      "content-length": Buffer.byteLength(answer.body),
      ...answer.headers,
    });
    response.end(request.method === "HEAD" ? undefined : answer.body);
  }

  async #answerTo(request: IncomingMessage, kind: "unix" | "tcp"): Promise<Answer | LongAnswer> {
    const { routes, log } = this.#deps;
    // What a client sends besides is not wanted; the connection is closed after the answer.
    const refuse = (status: number, text: string): Answer => {
      request.resume();
      return textAnswer(status, text);
    };
    if (isFromPage(request.headers)) {
      return refuse(403, "Use a loopback address or localhost, and not a web page.");
    }
    const [path, query] = partsOf(request);
    const here = routes.filter(
      (each) => each.path === path && (kind === "unix" || !each.unix_only),
    );
    if (here.length === 0) return refuse(404, "There is no such path.");
    const method = request.method === "HEAD" ? "GET" : request.method;
    const route = here.find((each) => each.method === method);
    if (route === undefined) return refuse(405, "There is no such method here.");
    const body = await bodyOf(request, route.body_bytes_max);
    if (body === undefined) return refuse(413, "That is too long.");
    try {
      return await route.answer({
        headers: request.headers,
        query: new URLSearchParams(query),
        body,
      });
    } catch (thrown) {
      log.error(
        "admin_request_failed",
        { path, ...traceOf(thrown) },
        "A bug: the admin listener could not answer a request.",
      );
      return textAnswer(500, "tallyman could not answer; see its log.");
    }
  }

  /** Never rejects. Who has gone meanwhile takes no time from those behind. */
  async #turn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (response.destroyed) return;
    const { clock, routes } = this.#deps;
    const [path] = partsOf(request);
    const is_small = routes.some((each) => each.path === path && each.is_small === true);
    const ahead_ms = is_small ? burst_max * pause_ms : 0;
    const wait_ms = this.#next_ms - ahead_ms - clock.monotonic();
    if (wait_ms > 0) await clock.sleep(wait_ms);
    this.#next_ms = Math.max(this.#next_ms, clock.monotonic()) + pause_ms;
  }
}

/** The path, and the query behind it. */
function partsOf({ url = "" }: IncomingMessage): [path: string, query?: string] {
  return url.split("?", 2) as [string, string?];
}

/** What was sent; undefined where it is too long or broke off. Where none is wanted, empty. */
async function bodyOf(
  request: IncomingMessage,
  bytes_max: number | undefined,
): Promise<string | undefined> {
  if (bytes_max === undefined) {
    request.resume();
    return "";
  }
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // The answer that it is too long goes over the same connection.
    const chunks_of: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
    for await (const chunk of chunks_of) {
      length += chunk.length;
      if (length > bytes_max) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function listenOn(server: Server, { host, port }: LoopbackAddress): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  try {
    server.listen({ host, port }, () => resolve());
    await promise;
  } catch (cause) {
    throw failed(host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`, cause);
  } finally {
    server.off("error", reject);
  }
}

function failed(where: string, cause: unknown): TallymanError {
  const message = `cannot listen on ${where} (admin): ${messageOf(cause)}`;
  return new TallymanError("listen_failed", message, {}, { cause });
}
