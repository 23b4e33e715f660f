/**
 * Listens on a socket that systemd handed over, for the life of the process: closed once, a descriptor is gone for good.
 *
 * Its connections go to the input that has taken it. While none has, as between two inputs that replace each other, they
 * wait here, unread, for the next one.
 */
import { createServer, type Server, type Socket } from "node:net";
import { inheritedSockets, type InheritedSocket } from "./listen-fds.ts";
import type { Logger } from "../log.ts";
import { backlog_max } from "./socket-file.ts";

/** Connections that wait at a time. */
const waiting_max = 1024;

/** Whoever takes the connections of a socket. */
export interface ConnectionTaker {
  /** Takes a connection, of which nothing was read. It is paused, and to be resumed. */
  connected(socket: Socket): void;
  /** Says that a connection could not be accepted, as where there are no file descriptors left. */
  failed(cause: Error): void;
}

export class InheritedListener {
  readonly inherited: InheritedSocket;
  readonly #log: Logger;
  readonly #waiting = new Set<Socket>();
  #server: Server | undefined;
  #taker: ConnectionTaker | undefined;
  /** Who reads the descriptor itself. */
  #reader: object | undefined;
  #state: "open" | "closed" = "open";
  #turned_away = 0;

  constructor(inherited: InheritedSocket, log: Logger) {
    this.inherited = inherited;
    this.#log = log;
  }

  /** The port that it listens on; undefined for a UNIX socket, and before it is taken. */
  get port(): number | undefined {
    const address = this.#server?.address();
    return typeof address === "object" ? address?.port : undefined;
  }

  /** Has all connections go to the taker: those that wait, and those to come. Rejects where the socket is unusable. */
  async take(taker: ConnectionTaker): Promise<void> {
    this.#refuseTaken();
    if (this.inherited.kind === "datagram")
      throw new Error("it is for datagrams (ListenDatagram=); connections need ListenStream=");
    this.#taker = taker;
    try {
      this.#server ??= await this.#listen();
    } catch (cause) {
      this.#taker = undefined;
      throw cause;
    }
    this.#turned_away = 0;
    for (const socket of this.#waiting) {
      this.#waiting.delete(socket);
      socket.off("error", nothing);
      taker.connected(socket);
    }
  }

  /** Gives the descriptor of a socket for datagrams to one who reads it, until `releaseReader`. Throws as `take` rejects. */
  takeReader(reader: object): number {
    this.#refuseTaken();
    const { kind = "datagram", fd } = this.inherited;
    if (kind !== "datagram") throw new Error("it is not for datagrams; they need ListenDatagram=");
    this.#reader = reader;
    return fd;
  }

  /** Whatever comes from now on waits in the socket. */
  releaseReader(reader: object): void {
    if (this.#reader === reader) this.#reader = undefined;
  }

  /** Ends the taking: connections wait from now on. Those that were taken are not touched. */
  release(taker: ConnectionTaker): void {
    if (this.#taker === taker) this.#taker = undefined;
  }

  /** Accepts nothing more: who connects from now on waits at the socket itself, for the next process. */
  close(): void {
    this.#state = "closed";
    this.#server?.close();
    for (const socket of this.#waiting) socket.destroy();
  }

  #refuseTaken(): void {
    if (this.#state === "closed") throw new Error("it is closed, as the process ends");
    if (this.#taker !== undefined || this.#reader !== undefined)
      throw new Error("another input has taken it");
  }

  async #listen(): Promise<Server> {
    // What goes for HTTP goes for all: an answer is sent at once, and a client may close its own side before it.
    const options = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true };
    const server = createServer(options, (socket) => this.#accept(socket));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject);
    server.listen({ fd: this.inherited.fd, backlog: backlog_max }, resolve);
    await promise;
    server.off("error", reject);
    server.on("error", (cause) => this.#taker?.failed(cause));
    return server;
  }

  #accept(socket: Socket): void {
    if (this.#taker !== undefined) this.#taker.connected(socket);
    else if (this.#waiting.size < waiting_max) this.#hold(socket);
    else this.#turnAway(socket);
  }

  #hold(socket: Socket): void {
    this.#waiting.add(socket);
    socket.on("error", nothing);
    socket.once("close", () => this.#waiting.delete(socket));
  }

  #turnAway(socket: Socket): void {
    socket.destroy();
    this.#turned_away += 1;
    if (this.#turned_away > 1) return;
    const { name, path } = this.inherited;
    this.#log.error(
      "systemd_socket_unused",
      { name, path, waiting: this.#waiting.size },
      "Clients are refused: no input uses the socket from systemd, and too many wait for one.",
    );
  }
}

/** All sockets that were handed to this process. */
export class InheritedSockets {
  readonly #listeners: readonly InheritedListener[];

  constructor(log: Logger, sockets: readonly InheritedSocket[] = inheritedSockets()) {
    this.#listeners = sockets.map((each) => new InheritedListener(each, log));
  }

  /** The one with the name, or else with the path. */
  find(name: string, path: string | undefined): InheritedListener | undefined {
    return this.#listeners.find(
      ({ inherited }) => inherited.name === name || (path !== undefined && inherited.path === path),
    );
  }

  /** Accepts nothing more on any of them; comes before the inputs stop for good. */
  close(): void {
    for (const listener of this.#listeners) listener.close();
  }
}

/** For the error of a connection that nobody reads: it is closed, and there is nothing else to do. */
function nothing(): void {
  // The next to take it would not get it any more.
}
