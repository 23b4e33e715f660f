/**
 * Which process listens at a place, as far as this user may see: /proc has the inodes of listening sockets by address
 * (proc_net_tcp(5), proc_net_unix(5)), and as links of every process the sockets that it holds.
 */
import { readdir, readFile, readlink } from "node:fs/promises";

export interface Holder {
  readonly pid: number;
  /** Its command, as `ps` shows it; not to be trusted. */
  readonly name: string;
}

/** State of a listening socket in /proc/net/tcp. */
const tcp_listen = "0A";

export async function holderOfPort(port: number): Promise<Holder | undefined> {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes: string[] = [];
  for (const file of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    for (const line of await linesOf(file)) {
      const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
      if (state === tcp_listen && local.endsWith(`:${wanted}`)) inodes.push(inode);
    }
  }
  return holderOf(inodes);
}

export async function holderOfPath(path: string): Promise<Holder | undefined> {
  const lines = await linesOf("/proc/net/unix");
  const fields = lines.map((line) => line.trim().split(/\s+/));
  return holderOf(fields.filter(([, , , , , , , at]) => at === path).map((line) => line[6]!));
}

async function holderOf(inodes: readonly string[]): Promise<Holder | undefined> {
  if (inodes.length === 0) return undefined;
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  // In the order of the numbers, so that systemd (1) comes before whom it gave the socket to.
  const pids = (await namesIn("/proc")).map(Number).filter((pid) => pid > 0);
  for (const pid of pids.sort((one, other) => one - other)) {
    for (const descriptor of await namesIn(`/proc/${pid}/fd`)) {
      const link = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => "");
      if (!links.has(link)) continue;
      const [name = ""] = await linesOf(`/proc/${pid}/comm`);
      return { pid, name };
    }
  }
  return undefined;
}

/** Nothing where it may not be read: it belongs to another user, or its process has ended. */
async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

async function linesOf(file: string): Promise<string[]> {
  return (await readFile(file, "utf8").catch(() => "")).split("\n");
}
