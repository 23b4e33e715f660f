/**
 * Has a receiver's server listen: on a port, on a UNIX socket that it makes, or on a socket that systemd handed over.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { messageOf, TallymanError } from "../../../platform/errors.ts";
import type { InheritedListener } from "../../../platform/sockets/inherited-listener.ts";
import { backlog_max, SocketFile } from "../../../platform/sockets/socket-file.ts";
import {
  formatListenAddress,
  type ListenAddress,
} from "../../../platform/sockets/listen-address.ts";

const default_mode = 0o660;

export interface ListenOptions {
  readonly address: ListenAddress;
  /** Of a UNIX socket that is made. */
  readonly mode: number | undefined;
  /** Listened on instead of the address. */
  readonly inherited: InheritedListener | undefined;
}

export interface Listening {
  /** Undefined on a UNIX socket. */
  readonly port: number | undefined;
  /** No connection comes after it. */
  close(): Promise<void>;
}

/** Throws TallymanError listen_failed, or what SocketFile throws. */
export async function listen(server: Server, options: ListenOptions): Promise<Listening> {
  const { address, mode = default_mode, inherited } = options;
  if (inherited !== undefined) return listenOnInherited(server, inherited);
  if (address.kind === "tcp") return listenOnPort(server, address);
  const file = await SocketFile.listen(server, { path: address.path, mode });
  const close = async (): Promise<void> => {
    await file.remove();
    server.close();
  };
  return { port: undefined, close };
}

async function listenOnPort(
  server: Server,
  address: Extract<ListenAddress, { kind: "tcp" }>,
): Promise<Listening> {
  const { host, port } = address;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  try {
    const place = host === undefined ? { port } : { port, host };
    server.listen({ ...place, backlog: backlog_max }, resolve);
    await promise;
  } catch (cause) {
    throw listenFailed(formatListenAddress(address), cause);
  } finally {
    server.off("error", reject);
  }
  const bound = server.address();
  return {
    port: typeof bound === "object" ? bound?.port : undefined,
    close: async () => void server.close(),
  };
}

async function listenOnInherited(server: Server, listener: InheritedListener): Promise<Listening> {
  const taker = {
    connected: (socket: Socket): void => {
      server.emit("connection", socket);
      socket.resume();
    },
    failed: (cause: Error): void => void server.emit("error", cause),
  };
  // Only then it looks for clients that are too slow.
  server.emit("listening");
  try {
    await listener.take(taker);
  } catch (cause) {
    server.close();
    throw listenFailed("the socket from systemd", cause);
  }
  return { port: listener.port, close: async () => listener.release(taker) };
}

function listenFailed(where: string, cause: unknown): TallymanError {
  const message = `cannot listen on ${where}: ${messageOf(cause)}`;
  return new TallymanError("listen_failed", message, {}, { cause });
}
