/**
 * The connections of a receiver, bounded in number. Where there are too many, one of a stranger is closed, the oldest
 * first: whoever opens connections and says nothing, or says it slowly, keeps nobody else out.
 */
import type { Socket } from "node:net";

export class Connections {
  readonly #count_max: number;
  /** Those that count: not what is about to be closed. */
  readonly #all = new Set<Socket>();
  readonly #open = new Set<Socket>();
  /** Those that have not shown a valid token yet, the oldest first, by `keyOf`. */
  readonly #strangers = new Map<unknown, Socket>();

  constructor(count_max: number) {
    this.#count_max = count_max;
  }

  /** Resolves when none is open. */
  async drained(): Promise<void> {
    while (this.#open.size > 0) {
      const [socket] = this.#open;
      await new Promise((resolve) => socket!.once("close", resolve));
    }
  }

  get count(): number {
    return this.#all.size;
  }

  /** Takes a new connection, and closes the oldest of a stranger where there are too many; it may be this one. */
  add(socket: Socket): void {
    const key = keyOf(socket);
    this.#all.add(socket);
    this.#open.add(socket);
    this.#strangers.set(key, socket);
    socket.once("close", () => {
      this.#all.delete(socket);
      this.#open.delete(socket);
      if (this.#strangers.get(key) === socket) this.#strangers.delete(key);
    });
    if (this.#all.size <= this.#count_max) return;
    for (const [oldest, stranger] of this.#strangers) {
      // Out of the books at once: `close` comes later, and many may be added before it.
      this.#all.delete(stranger);
      this.#strangers.delete(oldest);
      stranger.destroy();
      return;
    }
  }

  /** Says that the connection has shown a valid token. */
  trust(socket: Socket): void {
    if (this.#strangers.size > 0) this.#strangers.delete(keyOf(socket));
  }

  destroyStrangers(): void {
    for (const stranger of this.#strangers.values()) stranger.destroy();
  }

  destroyAll(): void {
    for (const socket of this.#all) socket.destroy();
  }
}

/** The same for a connection and for the TLS session in it, which is an object of its own. */
function keyOf(socket: Socket): unknown {
  const { remoteAddress, remotePort } = socket;
  return remotePort === undefined ? socket : `${remoteAddress} ${remotePort}`;
}
