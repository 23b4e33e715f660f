/**
 * The connections to one server, kept from one request to the next: an agent of node:http whose connections a Connector
 * opens.
 */
import { Agent, type ClientRequest } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Clock } from "../../platform/clock.ts";
import type { Connector } from "./connection.ts";

/** Below the idle time after which common load balancers close a connection (60 s). */
const idle_ms_max = 50_000;
const tcp_keep_alive_ms = 60_000;

export interface ConnectionPoolDeps {
  readonly connector: Connector;
  /** At most so many at a time; further requests wait for one. */
  readonly connections: number;
  /** After this time a connection is used for no further request. */
  readonly age_ms_max: number;
  readonly clock: Clock;
}

export class ConnectionPool extends Agent {
  readonly #deps: ConnectionPoolDeps;
  readonly #opened_ms = new WeakMap<Duplex, number>();
  /** For those that are idle: cancels the timer that closes them when they are too old. */
  readonly #cancels = new Map<Duplex, () => void>();

  constructor(deps: ConnectionPoolDeps) {
    super({
      keepAlive: true,
      keepAliveMsecs: tcp_keep_alive_ms,
      // A server that closes earlier says so (Keep-Alive: timeout=5), and node:http heeds it.
      timeout: idle_ms_max,
      maxSockets: deps.connections,
      maxFreeSockets: deps.connections,
    });
    this.#deps = deps;
  }

  override createConnection(
    _options: unknown,
    callback?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    void this.#open(callback!);
  }

  async #open(callback: (error: Error | null, socket: Duplex) => void): Promise<void> {
    let socket: Socket;
    try {
      socket = await this.#deps.connector.open();
    } catch (thrown) {
      // The types want a socket in any case.
      const failed = callback as (error: Error) => void;
      failed(thrown instanceof Error ? thrown : new Error(String(thrown)));
      return;
    }
    this.#opened_ms.set(socket, this.#deps.clock.monotonic());
    callback(null, socket);
  }

  override keepSocketAlive(socket: Duplex): boolean {
    const age_ms = this.#deps.clock.monotonic() - (this.#opened_ms.get(socket) ?? 0);
    const left_ms = this.#deps.age_ms_max - age_ms;
    if (left_ms <= 0) return false;
    // The types do not know that it says so.
    const is_kept = super.keepSocketAlive(socket) as unknown as boolean;
    if (!is_kept) return false;
    // What comes before the next request would be taken for the answer to that.
    socket.on("data", destroyIt);
    const end = this.#deps.clock.after(left_ms, () => socket.destroy());
    const cancel = (): void => {
      end.cancel();
      socket.off("close", cancel);
      this.#cancels.delete(socket);
    };
    this.#cancels.set(socket, cancel);
    socket.on("close", cancel);
    return true;
  }

  override reuseSocket(socket: Duplex, request: ClientRequest): void {
    socket.off("data", destroyIt);
    this.#cancels.get(socket)?.();
    super.reuseSocket(socket, request);
  }

  /** Closes all connections, those in use as well. */
  override destroy(): void {
    for (const cancel of this.#cancels.values()) cancel();
    super.destroy();
  }
}

function destroyIt(this: Duplex): void {
  this.destroy();
}
