/**
 * The library's client, kept from three things that it does by itself: it leaves the socket of a connection that does not come about,
 * goes on connecting after it was closed, and prints what a server sends where that is not NATS. It is loaded with the first
 * connection, so that nobody else pays for it.
 */
import {
  DenoBuffer,
  errors,
  NatsConnectionImpl,
  Parser,
  ProtocolHandler,
  setTransportFactory,
  State,
  type NatsConnection,
  type NodeConnectionOptions,
  type Server,
} from "@nats-io/transport-node";
import { NodeTransport, nodeResolveHost } from "@nats-io/transport-node/lib/node_transport.js";
import { createConnection, type Socket } from "node:net";
import type { Clock } from "../clock.ts";

const unreadable = "what the server sends is not NATS";

/** One attempt to connect, and what comes of it. */
class Transport extends NodeTransport {
  override async dial({ hostname, port }: { hostname: string; port: number }): Promise<Socket> {
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const socket = createConnection(port, hostname);
    // From now on, so that it can be ended before it is connected.
    this.socket = socket;
    let failure: Error | undefined;
    socket.once("connect", () => {
      socket.removeAllListeners();
      resolve(socket);
    });
    socket.on("error", (error) => {
      failure = error;
    });
    socket.once("close", () => reject(failure ?? new errors.ConnectionError("it was closed")));
    socket.setNoDelay(true);
    return promise;
  }

  /** Its error has a part of what the server sent. */
  override async peekInfo(): ReturnType<NodeTransport["peekInfo"]> {
    try {
      return await super.peekInfo();
    } catch (cause) {
      throw cause instanceof SyntaxError ? new errors.ConnectionError(unreadable) : cause;
    }
  }

  /** The library ends only what was connected. */
  override async close(error?: Error): Promise<void> {
    if (this.connected) return super.close(error);
    this.done = true;
    this.socket?.destroy();
  }
}

/** Of a message that is said to be longer no memory is taken before it comes. */
const expected_bytes_max = 16 * 1024 * 1024;

/** Reads what a server sends until that is not NATS. */
class GuardedParser extends Parser {
  readonly #onUnreadable: () => void;
  #is_over = false;

  constructor(handler: ProtocolHandler, onUnreadable: () => void) {
    super(handler);
    this.#onUnreadable = onUnreadable;
  }

  /** The library prints what it throws, and reads no more, but leaves the connection open. */
  override parse(bytes: Uint8Array): void {
    if (this.#is_over) return;
    try {
      super.parse(bytes);
      this.#makeRoom();
    } catch {
      this.#is_over = true;
      this.#onUnreadable();
    }
  }

  /** For the rest of a message, at once: the library doubles what it has, and garbage of that size is collected too often. */
  #makeRoom(): void {
    const { msgBuf: begun, ma } = this;
    if (begun === undefined || this.state !== State.MSG_PAYLOAD) return;
    if (begun.capacity >= ma.size || ma.size > expected_bytes_max) return;
    const whole = new DenoBuffer(new ArrayBuffer(ma.size));
    whole.reset();
    whole.write(begun.bytes({ copy: false }));
    this.msgBuf = whole;
  }
}

class Handler extends ProtocolHandler {
  readonly #clock: Clock;
  #is_closing = false;
  /** Why the connection was ended. */
  fault: Error | undefined;

  constructor(connection: NatsConnectionImpl, clock: Clock) {
    super(connection.options, connection);
    this.#clock = clock;
    this.parser = this.#newParser();
  }

  override resetOutbound(): void {
    super.resetOutbound();
    this.parser = this.#newParser();
  }

  override dial(server: Server): Promise<void> {
    if (this.#is_closing) return Promise.reject(new errors.ClosedConnectionError());
    useTransport();
    return super.dial(server);
  }

  override async close(error?: Error): Promise<void> {
    this.#is_closing = true;
    await super.close(error);
  }

  #newParser(): Parser {
    return new GuardedParser(this, () => {
      const fault = new errors.ConnectionError(unreadable);
      const { transport } = this;
      this.fault = fault;
      // While it is being connected, this ends the attempt.
      this.connectError?.(fault);
      // In a turn of its own: what came before may have just connected it.
      this.#clock.after(0, () => void transport.close(fault));
    });
  }
}

export class NatsClient {
  readonly #connection: NatsConnectionImpl;
  readonly #handler: Handler;

  constructor(options: NodeConnectionOptions, clock: Clock) {
    useTransport();
    // The library makes one with a handler of its own only.
    this.#connection = Reflect.construct(NatsConnectionImpl, [options]) as NatsConnectionImpl;
    this.#handler = new Handler(this.#connection, clock);
  }

  /** Connects. Rejects where no server can be reached, or it is closed. */
  async open(): Promise<NatsConnection> {
    try {
      await this.#handler.dialLoop();
    } catch (cause) {
      await this.close();
      throw cause;
    }
    this.#connection.protocol = this.#handler;
    return this.#connection as NatsConnection;
  }

  /** Why the connection was lost last, where that is known. */
  takeFault(): Error | undefined {
    const { fault } = this.#handler;
    this.#handler.fault = undefined;
    return fault;
  }

  /** At any time, also while it connects. Never rejects. */
  async close(): Promise<void> {
    await this.#handler.close().catch(() => undefined);
  }
}

/** For the attempt that begins now: there is only one place to say so, for all connections. */
function useTransport(): void {
  setTransportFactory({ factory: () => new Transport(), dnsResolveFn: nodeResolveHost });
}
