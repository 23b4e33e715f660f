/**
 * Opening the place where a receiver listens: a TCP port or a UNIX socket.
 */
import type { Server } from "node:net";
import { messageOf, TallymanError } from "../../platform/errors.ts";
import { backlog_max, SocketFile } from "../../platform/socket-file.ts";
import { formatListenAddress, type ListenAddress } from "./listen-address.ts";

const default_mode = 0o660;

/**
 * Has the server listen; gives the socket's file, where there is one. Throws TallymanError listen_failed for a port,
 * and what SocketFile does.
 */
export async function listen(
  server: Server,
  address: ListenAddress,
  mode: number = default_mode,
): Promise<SocketFile | undefined> {
  if (address.kind === "unix") return SocketFile.listen(server, { path: address.path, mode });
  const { host, port } = address;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port, backlog: backlog_max, ...(host === undefined ? {} : { host }) }, () => {
        server.off("error", reject);
        resolve();
      });
    });
    return undefined;
  } catch (cause) {
    const message = `cannot listen on ${formatListenAddress(address)}: ${messageOf(cause)}`;
    throw new TallymanError("listen_failed", message, {}, { cause });
  }
}
