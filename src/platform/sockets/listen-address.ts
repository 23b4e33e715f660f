/**
 * Where a receiver listens, as users write it: `127.0.0.1:8088`, `[::1]:8088`, `:8088` or `unix:/path`.
 */
import { socket_path_bytes_max } from "./socket-file.ts";

export type ListenAddress =
  | { readonly kind: "tcp"; readonly host: string | undefined; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** What is said of anything else. */
export const address_wanted =
  "expected an address and a port, such as 127.0.0.1:8088, [::1]:8088 or :8088, or unix:/path";

const port_max = 65_535;

const tcp_pattern = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([\w.-]*)):(\d{1,5})$/;

/** What the text names, or what is wrong with it in words. Port 0 is any free one. */
export function parseListenAddress(text: string): ListenAddress | string {
  if (text.startsWith("unix:")) return unixAddress(text.slice("unix:".length));
  const match = tcp_pattern.exec(text);
  if (match === null) {
    return address_wanted;
  }
  const host = match[1] ?? match[2];
  const port = Number(match[3]);
  if (port > port_max) return `expected a port up to ${port_max}`;
  return { kind: "tcp", host: host === "" ? undefined : host, port };
}

/** The address as users write it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  const { host = "", port } = address;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function unixAddress(path: string): ListenAddress | string {
  if (!path.startsWith("/")) return "expected an absolute path after unix:";
  if (Buffer.byteLength(path) > socket_path_bytes_max) {
    return `expected a path of at most ${socket_path_bytes_max} bytes, the longest that a socket can have`;
  }
  return { kind: "unix", path };
}
