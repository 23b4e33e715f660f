/**
 * Sockets that systemd has opened for this process (socket activation, sd_listen_fds(3)): LISTEN_FDS of them from
 * file descriptor 3 on, their names in LISTEN_FDNAMES, and all that only where LISTEN_PID is this process.
 *
 * Node cannot ask a socket for its address, so its path comes from /proc: the descriptor's link names the socket's
 * inode, and the kernel's list of UNIX sockets (proc_net_unix(5)) has the path beside it.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { pathOf } from "../files/descriptor-path.ts";

export interface InheritedSocket {
  readonly fd: number;
  /** FileDescriptorName= of the socket unit; without it the unit's own name, such as `audit.socket`. */
  readonly name: string | undefined;
  /** Of a UNIX socket, where it is known. */
  readonly path: string | undefined;
  /** The same. */
  readonly kind: UnixSocketKind | undefined;
}

export type UnixSocketKind = "stream" | "datagram" | "seqpacket";

const first_fd = 3;
const count_max = 1000;

/** The sockets that were handed to this process; none where it was started otherwise. */
export function inheritedSockets(
  environment: NodeJS.ProcessEnv = process.env,
  pid = process.pid,
): InheritedSocket[] {
  const { LISTEN_PID, LISTEN_FDS = "", LISTEN_FDNAMES = "" } = environment;
  if (LISTEN_PID !== String(pid) || !/^\d{1,4}$/.test(LISTEN_FDS)) return [];
  const names = LISTEN_FDNAMES.split(":");
  const sockets = unixSocketsByInode();
  return Array.from({ length: Math.min(Number(LISTEN_FDS), count_max) }, (_, number) => {
    const fd = first_fd + number;
    const { path, kind } = sockets.get(inodeOf(fd) ?? "") ?? {};
    return { fd, name: names[number] || undefined, path, kind };
  });
}

function inodeOf(fd: number): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(pathOf(fd)))?.[1];
  } catch {
    // Not open, or no /proc: then the name has to do.
    return undefined;
  }
}

/** As the kernel numbers them. */
const kinds: Readonly<Record<string, UnixSocketKind>> = {
  "0001": "stream",
  "0002": "datagram",
  "0005": "seqpacket",
};

export interface UnixSocket {
  readonly path: string;
  readonly kind: UnixSocketKind | undefined;
}

/** Those that have a path, by inode. `Num: RefCount Protocol Flags Type St Inode Path` a line. */
export function unixSocketsByInode(): Map<string, UnixSocket> {
  const sockets = new Map<string, UnixSocket>();
  for (const line of listOfSockets().split("\n")) {
    const match = /^\w+: \w+ \w+ \w+ (\w+) \w+ +(\d+) (\/.*)$/.exec(line);
    if (match !== null) sockets.set(match[2]!, { path: match[3]!, kind: kinds[match[1]!] });
  }
  return sockets;
}

function listOfSockets(): string {
  try {
    return readFileSync("/proc/self/net/unix", "utf8");
  } catch {
    return "";
  }
}
