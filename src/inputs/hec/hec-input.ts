/**
 * The HEC receiver: an HTTP server that takes events as Splunk's HTTP Event Collector does, and as S3 audit webhooks
 * send them.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Origin, OriginOptions } from "../../event/block.ts";
import type { Clock } from "../../platform/clock.ts";
import type { InheritedSockets } from "../../platform/sockets/inherited-listener.ts";
import type { Logger } from "../../platform/log.ts";
import { formatListenAddress } from "../../platform/sockets/listen-address.ts";
import { atMost } from "../../platform/patience.ts";
import type { JournaledInput, JournaledIntake, InputCondition } from "../input.ts";
import { Authorizer } from "./http/authorization.ts";
import { Connections } from "./http/connections.ts";
import { listen, type Listening } from "./http/listener.ts";
import { Notices } from "./notices.ts";
import type { HecInputOptions } from "./options.ts";
import { Receiver } from "./receiver.ts";
import { readTlsFiles } from "./http/tls-files.ts";

/** A client that is slower with its head than this is none. */
const headers_timeout_ms = 10_000;
/** How often Node looks for clients that are too slow. */
const timeout_check_interval_ms = 1000;
/** What Node takes by default, and more than any known client sends. */
const header_bytes_max = 16 * 1024;
const handshake_timeout_ms = 10_000;
/** How often the files are looked at that tokens come from. */
const token_look_interval_ms = 1000;
/** How long a stop waits for requests that are in progress. */
const stop_wait_ms_max = 2000;
/** How long a hand-over waits for them, and before that for clients that have not begun one. */
const hand_over_wait_ms_max = 10_000;
const leave_wait_ms_max = 1000;

export interface HecInputServices {
  readonly clock: Clock;
  readonly log: Logger;
  /** What all events of the input have in common; the source is `http:` and the input's name where it names none. */
  readonly origin: Omit<Origin, "stream">;
  /** What systemd handed over. */
  readonly inherited: InheritedSockets;
}

interface Running {
  readonly server: Server;
  readonly receiver: Receiver;
  readonly listening: Listening;
  /** Undefined where it is a port. */
  readonly socket_path: string | undefined;
}

export class HecInput implements JournaledInput {
  readonly name: string;
  readonly notices: Notices;
  readonly #options: HecInputOptions;
  readonly #services: HecInputServices;
  readonly #connections: Connections;
  readonly #stopping = new AbortController();
  #origin: Origin;
  #running: Running | undefined;

  constructor(name: string, options: HecInputOptions, services: HecInputServices) {
    this.name = name;
    this.#options = options;
    this.#services = services;
    this.#origin = this.#originOf(services.origin);
    this.#connections = new Connections(options.max_connections);
    this.notices = new Notices(name, services.clock, services.log);
  }

  /** The port that it listens on; undefined on a UNIX socket, and while it does not. */
  get port(): number | undefined {
    return this.#running?.listening.port;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#connections.count;
  }

  /** Throws TallymanError listen_failed, socket_in_use or socket_unavailable. */
  async start(intake: JournaledIntake): Promise<void> {
    const { clock, log, inherited } = this.#services;
    const options = this.#options;
    const address = formatListenAddress(options.listen);
    const authorizer = new Authorizer(options.tokens);
    const receiver = new Receiver({
      options,
      authorizer,
      origin: this.#origin,
      clock,
      intake,
      connections: this.#connections,
      notices: this.notices,
    });
    const server = await this.#makeServer();
    // Node's types do not know it. Without it a client that has closed its own side, as nc -N does, gets no answer.
    Object.assign(server, { httpAllowHalfOpen: true });
    server.on("connection", (socket) => this.#connections.add(socket));
    server.on("request", (request: IncomingMessage, response: ServerResponse) =>
      receiver.handle(request, response, false),
    );
    server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) =>
      receiver.handle(request, response, true),
    );
    const { listen: place, mode } = options;
    const path = place.kind === "unix" ? place.path : undefined;
    const handed = inherited.find(this.name, path);
    const listening = await listen(server, { address: place, mode, inherited: handed });
    // What a single connection runs into must never end the process.
    server.on("error", (error) =>
      log.error(
        "hec_server_failed",
        { input: this.name, error: error.message },
        "The HTTP server reported an error.",
      ),
    );
    const socket_path = handed?.inherited.path ?? path;
    this.#running = { server, receiver, listening, socket_path };
    // Never rejects.
    void this.#followTokens(authorizer);
    const found = { address, port: this.port, from_systemd: handed !== undefined };
    log.info("hec_listening", { input: this.name, ...found }, "Listening for events over HTTP.");
  }

  describe(origin: OriginOptions): void {
    this.#origin = this.#originOf(origin);
    this.#running?.receiver.describe(this.#origin);
  }

  status(): InputCondition {
    const listens_on = formatListenAddress(this.#options.listen);
    const socket_path = this.#running?.socket_path;
    return { type: "hec", listens_on, socket_path, connections: this.connections };
  }

  /**
   * Reads the certificate and its key again, for connections to come. Throws TallymanError listen_failed where they
   * cannot be used; then the former ones stay in use.
   */
  async refresh(): Promise<void> {
    const { tls } = this.#options;
    if (tls === undefined) return;
    const files = await readTlsFiles(tls);
    const server = this.#running?.server;
    // With TLS, it is a server of node:https.
    (server as HttpsServer | undefined)?.setSecureContext(files);
  }

  async stop(): Promise<void> {
    const running = this.#end();
    if (running === undefined) return;
    running.receiver.refuse();
    await running.listening.close();
    // Those that are idle.
    running.server.close();
    this.#connections.destroyStrangers();
    // Each of the others is closed with its answer, so that no answer is cut off.
    await this.#drain(stop_wait_ms_max);
  }

  /**
   * Stops for the next input of this name: requests that have begun are received and answered as ever, as far as time
   * allows. At a socket from systemd, clients that connect meanwhile wait for the next one.
   */
  async handOver(): Promise<void> {
    const running = this.#end();
    if (running === undefined) return;
    running.receiver.leave();
    await running.listening.close();
    // At a socket from systemd this is for idle clients, too: what is sent into a connection just closed may be lost.
    await atMost(this.#connections.drained(), leave_wait_ms_max, this.#services.clock);
    running.server.close();
    this.#connections.destroyStrangers();
    await this.#drain(hand_over_wait_ms_max);
    running.receiver.refuse();
  }

  #end(): Running | undefined {
    const running = this.#running;
    this.#running = undefined;
    this.#stopping.abort();
    return running;
  }

  /** Waits until all connections are closed, and closes those that are not in time. */
  async #drain(wait_ms: number): Promise<void> {
    await atMost(this.#connections.drained(), wait_ms, this.#services.clock);
    this.#connections.destroyAll();
  }

  #originOf({ metadata, time }: OriginOptions): Origin {
    return {
      input: this.name,
      stream: formatListenAddress(this.#options.listen),
      // Splunk's name for the source of what came in over HTTP.
      metadata: { source: `http:${this.name}`, ...metadata },
      time,
    };
  }

  /** A token that is replaced is asked for without a restart, and the former one refused. */
  async #followTokens(authorizer: Authorizer): Promise<void> {
    const { clock, log } = this.#services;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.sleep(token_look_interval_ms, signal);
      if (signal.aborted) return;
      for (const wrong of await authorizer.refresh()) {
        log.warn(
          "hec_token_file_unusable",
          { input: this.name, wrong },
          "A token file has changed and cannot be used. The previous token stays in use.",
        );
      }
    }
  }

  async #makeServer(): Promise<Server> {
    const { tls, request_timeout, idle_timeout } = this.#options;
    const http = {
      headersTimeout: Math.min(headers_timeout_ms, request_timeout),
      requestTimeout: request_timeout,
      keepAliveTimeout: idle_timeout,
      connectionsCheckingInterval: timeout_check_interval_ms,
      maxHeaderSize: header_bytes_max,
      requireHostHeader: false,
      noDelay: true,
    };
    if (tls === undefined) return createServer(http);
    const files = await readTlsFiles(tls);
    const { createServer: createSecureServer } = await import("node:https");
    return createSecureServer({ ...http, ...files, handshakeTimeout: handshake_timeout_ms });
  }
}
