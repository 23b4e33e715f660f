/**
 * Where a datagram input gets its socket from: systemd hands it over, as Node can make none.
 */
import { messageOf } from "../../../platform/errors.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { InheritedListener } from "../../../platform/sockets/inherited-listener.ts";
import { unavailable } from "../../../platform/sockets/socket-file.ts";
import { DatagramReader } from "./datagram-reader.ts";

export interface DatagramSocket {
  readonly fd: number;
  readonly path: string;
  readonly listener: InheritedListener;
  /** Lets go of it. */
  close(): void;
}

/** Takes the socket. Throws a TallymanError where there is none, or it cannot be used. */
export function openDatagramSocket(
  listener: InheritedListener | undefined,
  path: string,
): DatagramSocket {
  if (listener === undefined) throw unavailable(path, howToGetOne(path));
  const reader = {};
  try {
    const fd = listener.takeReader(reader);
    const close = (): void => listener.releaseReader(reader);
    return { fd, path: listener.inherited.path ?? path, listener, close };
  } catch (cause) {
    throw unavailable(path, `the socket from systemd cannot be used: ${messageOf(cause)}`, cause);
  }
}

/** Has a thread read the socket. Rejects with a TallymanError where that cannot be. */
export async function readerOf(
  socket: DatagramSocket,
  path: string,
  clock: Clock,
): Promise<DatagramReader> {
  try {
    return await DatagramReader.start(socket.fd, clock);
  } catch (cause) {
    throw unavailable(path, `its datagrams cannot be read: ${messageOf(cause)}`, cause);
  }
}

/** What a user is to do who starts tallyman without the socket. */
export function howToGetOne(path: string): string {
  return (
    "a datagram socket has to be opened by systemd, and none was handed over; enable tallyman-datagram.socket, or start " +
    `tallyman with: systemd-socket-activate --datagram -l ${path} tallyman run -c FILE`
  );
}
