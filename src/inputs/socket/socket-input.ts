/**
 * The socket input: lines from any number of clients of a UNIX stream socket.
 *
 * A client's connection is closed when it has closed its own side and all that it sent was accepted. That alone proves
 * nothing, as a process that is killed closes it, too. With `confirm` it is answered before, in one line; nothing else is
 * ever written to a client.
 */
import type { Socket } from "node:net";
import type { Origin, OriginOptions } from "../../event/block.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Clock } from "../../platform/clock.ts";
import { spareDescriptors } from "../../platform/process/descriptors.ts";
import { messageOf } from "../../platform/errors.ts";
import type { InheritedSockets } from "../../platform/sockets/inherited-listener.ts";
import type { Logger } from "../../platform/log.ts";
import { framerOf } from "../framing-option.ts";
import type { JournaledInput, JournaledIntake, InputCondition } from "../input.ts";
import { LineFeed, LineFeeds } from "../lines/line-feed.ts";
import { bytesOf, loseStopped, type LineCounts, type Unread } from "../lines/unread.ts";
import { listenOnInherited, listenOnPath, type Listening } from "./listening.ts";
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
  /** What systemd handed over. */
  readonly inherited: InheritedSockets;
  /** What the input of this name has left that has received so far. */
  readonly handed?: readonly HandedClient[];
}

/** A client's connection, and what was read of it and not accepted. */
export interface HandedClient {
  readonly socket: Socket;
  readonly unread: Unread;
}

interface Running {
  readonly listening: Listening;
  readonly socket_path: string;
  readonly feeds: LineFeeds;
  readonly refusals: Refusals;
}

export class SocketInput implements JournaledInput {
  readonly name: string;
  readonly #options: SocketInputOptions;
  readonly #services: SocketInputServices;
  readonly #clients = new Map<LineFeed, Socket>();
  /** Connections that came in so far. */
  #arrivals = 0;
  /** What was handed over, and is not served yet. */
  #untaken: readonly HandedClient[];
  #origin: Origin;
  #running: Running | undefined;

  constructor(name: string, options: SocketInputOptions, services: SocketInputServices) {
    this.name = name;
    this.#options = options;
    this.#services = services;
    this.#untaken = services.handed ?? [];
    this.#origin = this.#originOf(services.origin);
  }

  /** Clients that are connected. */
  get connections(): number {
    return this.#clients.size;
  }

  /** Throws TallymanError socket_in_use or socket_unavailable. */
  async start(intake: JournaledIntake): Promise<void> {
    const { clock, log, inherited } = this.#services;
    const { path, encoding, framing, max_event_bytes } = this.#options;
    const origin = this.#origin;
    const framer = framerOf(framing, "stream");
    const feeds = new LineFeeds({ origin, framer, encoding, max_event_bytes, intake, clock, log });
    const refusals = new Refusals(this.name, clock, log);
    const taker = {
      connected: (socket: Socket) => this.#admit(socket, feeds, refusals),
      failed: (cause: Error) => refusals.add(messageOf(cause)),
    };
    const listener = inherited.find(this.name, path);
    const listening =
      listener === undefined
        ? await listenOnPath(this.#options, taker)
        : await listenOnInherited(listener, path, taker);
    this.#checkDescriptors();
    const socket_path = listener?.inherited.path ?? path;
    this.#running = { listening, feeds, refusals, socket_path };
    this.#goOn(feeds);
    const place = { path: socket_path, from_systemd: listener !== undefined };
    log.info("socket_listening", { input: this.name, ...place }, "Listening.");
  }

  describe(origin: OriginOptions): void {
    this.#origin = this.#originOf(origin);
    this.#running?.feeds.describe(this.#origin);
  }

  status(): InputCondition {
    return {
      type: "socket",
      socket_mode: "stream",
      listens_on: this.#options.path,
      socket_path: this.#running?.socket_path,
      connections: this.connections,
    };
  }

  async stop(): Promise<void> {
    this.#loseUntaken();
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    await running.listening.stopListening();
    await this.#drain();
    running.listening.close();
    this.#reportUnread();
    await this.#finish(running);
  }

  /**
   * Stops, and gives the connections of its clients, with what was read of them and is not kept: the next input of this
   * name goes on with them, in the middle of a line, too. Also after a start that failed.
   */
  async handOver(): Promise<HandedClient[]> {
    const handed = [...this.#takeUntaken()];
    const running = this.#running;
    if (running === undefined) return handed;
    this.#running = undefined;
    await running.listening.stopListening();
    // For those who wait to be accepted.
    await this.#services.clock.sleep(quiet_ms);
    running.listening.close();
    const unread = await running.feeds.handOver([...this.#clients.keys()]);
    for (const [feed, each] of unread) {
      handed.push({ socket: this.#clients.get(feed)!, unread: each });
      this.#clients.delete(feed);
    }
    await this.#finish(running);
    return handed;
  }

  /** Serves the clients that were handed over. Each keeps its framing, in which it may be in the middle of a record. */
  #goOn(feeds: LineFeeds): void {
    const untaken = this.#takeUntaken();
    for (const { socket, unread } of untaken) this.#serve(socket, feeds, unread);
    const { id: framing } = feeds.framer;
    const clients = untaken.filter(({ unread }) => unread.gatherer.framing_id !== framing).length;
    if (clients === 0) return;
    this.#services.log.info(
      "socket_framing_kept",
      { input: this.name, framing, clients },
      "Clients that were connected before keep the framing that they began with. New ones have the configured one.",
    );
  }

  #takeUntaken(): readonly HandedClient[] {
    const untaken = this.#untaken;
    this.#untaken = [];
    return untaken;
  }

  #loseUntaken(): void {
    const { ledger, log } = this.#services;
    for (const { socket, unread } of this.#takeUntaken()) {
      socket.destroy();
      loseStopped(this.name, bytesOf(unread), ledger, log);
    }
  }

  /** Has what came in accepted, as far as time allows, and closes all connections. */
  async #finish({ feeds, refusals }: Running): Promise<void> {
    const clients = [...this.#clients.keys()];
    for (const feed of clients) feed.end();
    await feeds.finish(clients, this.#services.ledger);
    for (const socket of this.#clients.values()) socket.destroy();
    this.#clients.clear();
    refusals.close();
  }

  #originOf({ metadata, time }: OriginOptions): Origin {
    const { path } = this.#options;
    return {
      input: this.name,
      stream: path,
      metadata: { source: path, ...metadata },
      time,
    };
  }

  #admit(socket: Socket, feeds: LineFeeds, refusals: Refusals): void {
    if (this.#clients.size >= this.#options.max_connections) {
      socket.destroy();
      refusals.add("max_connections");
      return;
    }
    this.#arrivals += 1;
    this.#serve(socket, feeds);
    socket.resume();
  }

  #serve(socket: Socket, feeds: LineFeeds, unread?: Unread): void {
    const feed = new LineFeed(socket, feeds, unread);
    this.#clients.set(feed, socket);
    void this.#release(feed, socket);
  }

  /** Closes a client's connection when all that it sent was accepted. */
  async #release(feed: LineFeed, socket: Socket): Promise<void> {
    await feed.done;
    const { counts } = feed;
    if (counts !== undefined && this.#options.confirm) socket.write(confirmationOf(counts));
    // What is written is sent before that.
    socket.destroySoon();
    this.#clients.delete(feed);
  }

  /** Reads what clients had sent before, until for a while nothing came in and none is held up. */
  async #drain(): Promise<void> {
    const { clock } = this.#services;
    const end_ms = clock.monotonic() + drain_ms_max;
    let before: number;
    do {
      before = this.#received();
      await clock.sleep(quiet_ms);
    } while (
      (this.#received() !== before || this.#heldUp().length > 0) &&
      clock.monotonic() < end_ms
    );
  }

  /** Changes with all that comes in. */
  #received(): number {
    const sockets = [...this.#clients.values()];
    return sockets.reduce((sum, { bytesRead }) => sum + bytesRead, this.#arrivals);
  }

  /** Clients that are not read on, as what they sent before is not accepted yet. */
  #heldUp(): Socket[] {
    return [...this.#clients.values()].filter((socket) => socket.isPaused());
  }

  #reportUnread(): void {
    const clients = this.#heldUp().length;
    if (clients === 0) return;
    this.#services.log.warn(
      "socket_clients_unread",
      { input: this.name, clients },
      "Clients were still waiting at the stop. Data that was not read from them is not received.",
    );
  }

  /** Without descriptors the library closes new connections in silence, so that it is said before. */
  #checkDescriptors(): void {
    const { max_connections } = this.#options;
    const spare_descriptors = spareDescriptors();
    if (spare_descriptors === undefined || spare_descriptors >= max_connections) return;
    this.#services.log.warn(
      "socket_connections_limited",
      { input: this.name, max_connections, spare_descriptors },
      "max_connections is more than the limit on open files allows. Clients beyond the limit are refused uncounted; raise LimitNOFILE=.",
    );
  }
}

/** The answer to a client about its lines. */
function confirmationOf({ lines, dropped, cut }: LineCounts): string {
  if (dropped === 0 && cut === 0) return `ok ${lines}\n`;
  return `error kept=${lines - dropped} dropped=${dropped} cut=${cut}\n`;
}
