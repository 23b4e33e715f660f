/**
 * Has a receiver's server listen: on a port, on a UNIX socket that it makes, or on a socket that systemd handed over.
 */
import type { Server } from "node:net";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import type { InheritedSocket } from "../../platform/listen-fds.ts";
import { backlog_max, SocketFile } from "../../platform/socket-file.ts";
import { formatListenAddress, type ListenAddress } from "../../platform/listen-address.ts";

const default_mode = 0o660;

export interface ListenFacts {
  readonly address: ListenAddress;
  /** Of a UNIX socket that is made. */
  readonly mode: number | undefined;
  /** Listened on instead of the address. */
  readonly handed: InheritedSocket | undefined;
}

/**
 * Gives the file of the socket, where one was made. Throws TallymanError listen_failed, or what SocketFile throws.
 */
export async function listen(server: Server, facts: ListenFacts): Promise<SocketFile | undefined> {
  const { address, mode = default_mode, handed } = facts;
  if (handed === undefined && address.kind === "unix") {
    return SocketFile.listen(server, { path: address.path, mode });
  }
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once("error", reject);
  try {
    const place = handed === undefined ? portOf(address) : { fd: handed.fd };
    server.listen({ ...place, backlog: backlog_max }, () => resolve(undefined));
    return await promise;
  } catch (cause) {
    const where = handed === undefined ? formatListenAddress(address) : "the socket from systemd";
    const message = `cannot listen on ${where}: ${messageOf(cause)}`;
    throw new TallymanError("listen_failed", message, {}, { cause });
  } finally {
    server.off("error", reject);
  }
}

function portOf(address: ListenAddress): { port?: number; host?: string } {
  if (address.kind === "unix") return {};
  const { host, port } = address;
  return host === undefined ? { port } : { port, host };
}
