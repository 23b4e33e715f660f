/**
 * Where a socket input gets its connections from: a file that it makes, or a socket that systemd handed over.
 */
import { createServer } from "node:net";
import { groupId, userId } from "../../platform/accounts.ts";
import { messageOf } from "../../platform/errors.ts";
import type {
  ConnectionTaker,
  InheritedListener,
} from "../../platform/sockets/inherited-listener.ts";
import { SocketFile, unavailable } from "../../platform/sockets/socket-file.ts";
import { permissionsOf, type SocketInputOptions } from "./options.ts";

/** What stands between an input and its place; both calls may be made at any time, and more than once. */
export interface Listening {
  /** Nobody finds the place any more. Who has found it is accepted still, where nobody else would. */
  stopListening(): Promise<void>;
  /** No connection comes after it. */
  close(): void;
}

/** Listens at the path of the options. Throws a TallymanError where it cannot be had. */
export async function listenOnPath(
  { path, mode, owner, group }: Pick<SocketInputOptions, "path" | "mode" | "owner" | "group">,
  taker: ConnectionTaker,
): Promise<Listening> {
  const uid = owner === undefined ? undefined : await userId(owner);
  const gid = group === undefined ? undefined : await groupId(group);
  if (owner !== undefined && uid === undefined) {
    throw unavailable(path, `there is no user ${owner} in /etc/passwd`);
  }
  if (group !== undefined && gid === undefined) {
    throw unavailable(path, `there is no group ${group} in /etc/group`);
  }
  const options = { allowHalfOpen: true, pauseOnConnect: true };
  const server = createServer(options, (socket) => taker.connected(socket));
  const file_options = { path, mode: Number.parseInt(permissionsOf({ mode }), 8), uid, gid };
  const file = await SocketFile.listen(server, file_options);
  server.on("error", (cause) => taker.failed(cause));
  return { stopListening: () => file.remove(), close: () => void server.close() };
}

/** Takes a socket from systemd. Throws a TallymanError where it cannot be used. */
export async function listenOnInherited(
  listener: InheritedListener,
  path: string,
  taker: ConnectionTaker,
): Promise<Listening> {
  try {
    await listener.take(taker);
  } catch (cause) {
    throw unavailable(path, `the socket from systemd cannot be used: ${messageOf(cause)}`, cause);
  }
  const close = (): void => listener.release(taker);
  // Who waits to be accepted is accepted by the next one, be it in this process or after it.
  return { stopListening: async () => close(), close };
}
