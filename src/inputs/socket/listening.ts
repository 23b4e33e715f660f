/**
 * Has a socket input's server listen: on a file that it makes, or on a socket that systemd handed over.
 */
import type { Server } from "node:net";
import { groupId, userId } from "../../platform/accounts.ts";
import { messageOf } from "../../platform/errors.ts";
import type { InheritedSocket } from "../../platform/listen-fds.ts";
import { backlog_max, SocketFile, unavailable } from "../../platform/socket-file.ts";
import type { SocketInputOptions } from "./options.ts";

/** Listens at the path of the options, and gives the call that takes the path away again. */
export async function listenOnPath(
  server: Server,
  { path, mode, owner, group }: Pick<SocketInputOptions, "path" | "mode" | "owner" | "group">,
): Promise<() => Promise<void>> {
  const uid = owner === undefined ? undefined : await userId(owner);
  const gid = group === undefined ? undefined : await groupId(group);
  if (owner !== undefined && uid === undefined) {
    throw unavailable(path, `there is no user ${owner} in /etc/passwd`);
  }
  if (group !== undefined && gid === undefined) {
    throw unavailable(path, `there is no group ${group} in /etc/group`);
  }
  const file = await SocketFile.listen(server, { path, mode: Number.parseInt(mode, 8), uid, gid });
  return () => file.remove();
}

/** Listens on a socket from systemd. There is nothing to take away: it stays when this process ends. */
export async function listenOnInherited(
  server: Server,
  { fd }: InheritedSocket,
  path: string,
): Promise<undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  server.once("error", reject);
  try {
    server.listen({ fd, backlog: backlog_max }, () => resolve(undefined));
    await promise;
  } catch (cause) {
    throw unavailable(path, `the socket from systemd cannot be used: ${messageOf(cause)}`, cause);
  } finally {
    server.off("error", reject);
  }
}
