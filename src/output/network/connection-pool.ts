/** The connections to one server, which a Connector opens, kept from one request to the next. */
import type { Clock, Timer } from "../../platform/clock.ts";
import type { Connector } from "./connection.ts";
import { ConnectionError, GivenUp } from "./failure.ts";
import { HttpConnection } from "./http-connection.ts";

/** Below the idle time after which common load balancers close a connection (60 s). */
const idle_ms_max = 50_000;
/** A server that closes earlier says so (Keep-Alive: timeout=5). A request needs some time to get there. */
const keep_alive_margin_ms = 1000;

export interface ConnectionPoolDeps {
  readonly connector: Pick<Connector, "open">;
  /** At most so many at a time; further requests wait for one. */
  readonly connections: number;
  /** After this time a connection is used for no further request. */
  readonly age_ms_max: number;
  readonly clock: Clock;
}

interface Waiting {
  readonly resolve: (connection: HttpConnection) => void;
  readonly reject: (error: unknown) => void;
}

export class ConnectionPool {
  readonly #deps: ConnectionPoolDeps;
  /** All that are open, and when they were opened. */
  readonly #opened_ms = new Map<HttpConnection, number>();
  /** Those that nobody uses, the last used one last. */
  readonly #idle: HttpConnection[] = [];
  #opening = 0;
  /** Who wants one, in the order of asking. */
  readonly #waiting = new Set<Waiting>();
  /** Closes those that are idle for too long, at that time. */
  #timer: (Timer & { readonly at_ms: number }) | undefined;
  #is_closed = false;

  constructor(deps: ConnectionPoolDeps) {
    this.#deps = deps;
  }

  /** One that nobody else uses until it is given back. Rejects as Connector.open does, or with GivenUp. */
  async take(signal: AbortSignal): Promise<HttpConnection> {
    if (this.#is_closed) throw closedHere();
    const idle = this.#takeIdle();
    if (idle !== undefined) return idle;
    const { promise, resolve, reject } = Promise.withResolvers<HttpConnection>();
    const waiting = { resolve, reject };
    const giveUp = (): void => {
      this.#waiting.delete(waiting);
      reject(new GivenUp(signal));
    };
    this.#waiting.add(waiting);
    signal.addEventListener("abort", giveUp);
    this.#openMore();
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  /** Takes one back, after its request has ended in whatever way. */
  give(connection: HttpConnection): void {
    if (!connection.is_usable) return;
    const { clock, age_ms_max } = this.#deps;
    const now_ms = clock.monotonic();
    const { keep_alive_ms = Infinity } = connection;
    const idle_ms = Math.min(idle_ms_max, keep_alive_ms - keep_alive_margin_ms);
    const end_ms = (this.#opened_ms.get(connection) ?? 0) + age_ms_max;
    connection.usable_until_ms = Math.min(now_ms + idle_ms, end_ms);
    if (this.#is_closed || connection.usable_until_ms <= now_ms) connection.destroy();
    else this.#handOn(connection);
  }

  /** Closes all connections, those in use as well. */
  close(): void {
    this.#is_closed = true;
    this.#timer?.cancel();
    const error = closedHere();
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
    for (const connection of this.#opened_ms.keys()) connection.destroy(error);
  }

  #takeIdle(): HttpConnection | undefined {
    const now_ms = this.#deps.clock.monotonic();
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return undefined;
      if (connection.is_usable && connection.usable_until_ms > now_ms) {
        connection.hold(true);
        return connection;
      }
      connection.destroy();
    }
  }

  #openMore(): void {
    const { connections } = this.#deps;
    while (this.#waiting.size > this.#opening && this.#opened_ms.size + this.#opening < connections)
      void this.#open();
  }

  async #open(): Promise<void> {
    const { connector, clock } = this.#deps;
    this.#opening += 1;
    try {
      const socket = await connector.open();
      const connection = new HttpConnection(socket, () => this.#forget(connection));
      this.#opened_ms.set(connection, clock.monotonic());
      this.#opening -= 1;
      this.give(connection);
    } catch (thrown) {
      this.#opening -= 1;
      this.#firstWaiting()?.reject(thrown);
      this.#openMore();
    }
  }

  #handOn(connection: HttpConnection): void {
    const first = this.#firstWaiting();
    if (first !== undefined) return first.resolve(connection);
    connection.hold(false);
    this.#idle.push(connection);
    this.#watchIdle();
  }

  /** Takes the first one out of those who wait. */
  #firstWaiting(): Waiting | undefined {
    const [first] = this.#waiting;
    if (first !== undefined) this.#waiting.delete(first);
    return first;
  }

  #watchIdle(): void {
    if (this.#idle.length === 0) return;
    const { clock } = this.#deps;
    const at_ms = Math.min(...this.#idle.map(({ usable_until_ms }) => usable_until_ms));
    if (this.#timer !== undefined && this.#timer.at_ms <= at_ms) return;
    this.#timer?.cancel();
    const timer = clock.after(Math.max(0, at_ms - clock.monotonic()), () => {
      this.#timer = undefined;
      const now_ms = clock.monotonic();
      const over = this.#idle.filter(({ usable_until_ms }) => usable_until_ms <= now_ms);
      for (const each of over) {
        this.#idle.splice(this.#idle.indexOf(each), 1);
        each.destroy();
      }
      this.#watchIdle();
    });
    this.#timer = { at_ms, cancel: () => timer.cancel() };
  }

  #forget(connection: HttpConnection): void {
    this.#opened_ms.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#openMore();
  }
}

function closedHere(): ConnectionError {
  return new ConnectionError("ECONNRESET", "the connection was closed here");
}
