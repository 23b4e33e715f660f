/**
 * The socket input: lines from any number of clients of a UNIX stream socket.
 *
 * Nothing is ever written to a client. Its connection is closed when it has closed its own side and all that it sent
 * was accepted, so that a client that waits for that knows that its events are kept.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Origin, OriginFacts } from "../../event/block.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import { spareDescriptors } from "../../platform/descriptors.ts";
import { messageOf } from "../../platform/errors.ts";
import { inheritedSockets, type InheritedSocket } from "../../platform/listen-fds.ts";
import type { Logger } from "../../platform/log.ts";
import type { DurableInput, DurableIntake, InputCondition } from "../input.ts";
import { LineFeed, LineFeeds } from "../line-feed.ts";
import { listenOnInherited, listenOnPath } from "./listening.ts";
import type { SocketInputOptions } from "./options.ts";
import { Refusals } from "./refusals.ts";

/** When nothing has come in for so long, what was sent before the stop is read. */
const quiet_ms = 20;
/** How long a stop goes on to read from clients that go on to write. */
const drain_ms_max = 1000;

export interface SocketInputServices {
  readonly ledger: Pick<Ledger, "lose">;
  readonly clock: Clock;
  readonly log: Logger;
  /** What all events have in common; the source is the socket's path where it names none. */
  readonly origin: Omit<Origin, "stream">;
  /** What systemd handed over, instead of what the environment says. */
  readonly inherited?: readonly InheritedSocket[];
}

interface Listening {
  readonly server: Server;
  readonly feeds: LineFeeds;
  readonly refusals: Refusals;
  /** Takes the socket's path away, where it is this process's own. */
  readonly withdraw: (() => Promise<void>) | undefined;
}

export class SocketInput implements DurableInput {
  readonly name: string;
  readonly #options: SocketInputOptions;
  readonly #services: SocketInputServices;
  readonly #clients = new Map<LineFeed, Socket>();
  /** Connections and chunks that came in so far. */
  #arrivals = 0;
  #origin: Origin;
  #listening: Listening | undefined;

  constructor(name: string, options: SocketInputOptions, services: SocketInputServices) {
    this.name = name;
    this.#options = options;
    this.#services = services;
    this.#origin = this.#originOf(services.origin);
  }

  /** Clients that are connected. */
  get connections(): number {
    return this.#clients.size;
  }

  /** Throws TallymanError socket_in_use or socket_unavailable. */
  async start(intake: DurableIntake): Promise<void> {
    const { clock, log, inherited = inheritedSockets() } = this.#services;
    const { path, max_event_bytes, max_connections } = this.#options;
    const feeds = new LineFeeds({ origin: this.#origin, max_event_bytes, intake, clock, log });
    const refusals = new Refusals(this.name, clock, log);
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket, feeds));
    server.maxConnections = max_connections;
    server.on("drop", () => refusals.add("max_connections"));
    const handed = inherited.find((each) => each.path === path || each.name === this.name);
    const withdraw =
      handed === undefined
        ? await listenOnPath(server, this.#options)
        : await listenOnInherited(server, handed, path);
    server.on("error", (cause) => refusals.add(messageOf(cause)));
    this.#checkDescriptors();
    this.#listening = { server, feeds, refusals, withdraw };
    const place = { path: handed?.path ?? path, from_systemd: handed !== undefined };
    log.info({ input: this.name, ...place }, "Listening.");
  }

  describe(origin: OriginFacts): void {
    this.#origin = this.#originOf(origin);
    this.#listening?.feeds.describe(this.#origin);
  }

  status(): InputCondition {
    return { type: "socket", listens_on: this.#options.path, connections: this.connections };
  }

  async stop(): Promise<void> {
    const listening = this.#listening;
    if (listening === undefined) return;
    this.#listening = undefined;
    const { server, feeds, withdraw, refusals } = listening;
    // Whoever waits to be accepted stays with systemd's socket; on our own it is accepted before that closes.
    if (withdraw === undefined) server.close();
    await withdraw?.();
    await this.#drain();
    server.close();
    this.#reportUnread();
    const clients = [...this.#clients.keys()];
    for (const feed of clients) feed.end();
    await feeds.finish(clients, this.#services.ledger);
    for (const socket of this.#clients.values()) socket.destroy();
    this.#clients.clear();
    refusals.close();
  }

  #originOf({ metadata, time_paths }: OriginFacts): Origin {
    const { path } = this.#options;
    return {
      input: this.name,
      stream: path,
      metadata: { source: path, ...metadata },
      time_paths,
    };
  }

  #serve(socket: Socket, feeds: LineFeeds): void {
    this.#arrivals += 1;
    const feed = new LineFeed(socket, feeds);
    this.#clients.set(feed, socket);
    socket.on("data", () => (this.#arrivals += 1));
    void this.#release(feed, socket);
  }

  /** Closes a client's connection when all that it sent was accepted. */
  async #release(feed: LineFeed, socket: Socket): Promise<void> {
    await feed.done;
    socket.destroy();
    this.#clients.delete(feed);
  }

  /** Reads what clients had sent before, until for a while nothing came in and none is held up. */
  async #drain(): Promise<void> {
    const { clock } = this.#services;
    const end_ms = clock.monotonic() + drain_ms_max;
    let before: number;
    do {
      before = this.#arrivals;
      await clock.sleep(quiet_ms);
    } while ((this.#arrivals > before || this.#heldUp().length > 0) && clock.monotonic() < end_ms);
  }

  /** Clients that are not read on, as what they sent before is not accepted yet. */
  #heldUp(): Socket[] {
    return [...this.#clients.values()].filter((socket) => socket.isPaused());
  }

  #reportUnread(): void {
    const clients = this.#heldUp().length;
    if (clients === 0) return;
    this.#services.log.warn(
      { input: this.name, clients },
      "Clients were held up: what they had sent beyond what was read is not received",
    );
  }

  /** Without descriptors the library closes new connections in silence, so that it is said before. */
  #checkDescriptors(): void {
    const { max_connections } = this.#options;
    const spare_descriptors = spareDescriptors();
    if (spare_descriptors === undefined || spare_descriptors >= max_connections) return;
    this.#services.log.warn(
      { input: this.name, max_connections, spare_descriptors },
      "max_connections is more than the limit on open files allows (LimitNOFILE=): " +
        "clients beyond that limit are turned away uncounted",
    );
  }
}
