/**
 * A way through a proxy: the CONNECT request (RFC 9110, 9.3.6) and what its answers mean.
 *
 * The proxy learns the server's name and port, and the proxy's own credentials; nothing of what goes through.
 */
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { isIP, type Socket } from "node:net";
import { version } from "../../platform/version.ts";
import { ConnectionError } from "./failure.ts";
import type { Proxy } from "./proxy.ts";

export interface TunnelOptions {
  readonly proxy: Proxy;
  /** Where to: a name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

/** Has the proxy connect `socket` to the server. Throws ConnectionError, or what the socket says. */
export async function openTunnel(socket: Socket, options: TunnelOptions): Promise<void> {
  const { proxy, host, port, signal } = options;
  const target = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const { authorization } = proxy;
  const connecting = request({
    method: "CONNECT",
    path: target,
    headers: {
      host: target,
      "user-agent": `tallyman/${version}`,
      ...(authorization !== undefined && { "proxy-authorization": authorization }),
    },
    createConnection: () => socket,
    signal,
  });
  // Once nobody waits any more, an error of it must not end the process.
  connecting.on("error", () => undefined);
  connecting.end();
  const [answer, , early] = (await once(connecting, "connect")) as [
    IncomingMessage,
    Socket,
    Buffer,
  ];
  const refusal = refusalOf(answer, proxy, target);
  if (refusal !== undefined) throw refusal;
  // Neither a TLS nor an HTTP server speaks first, so this is a page of the proxy's own; and nobody is asked to read it.
  if (early.length > 0) {
    const said = `the proxy ${proxy.shown} answered CONNECT ${target} with more than headers`;
    throw new ConnectionError("PROXY_ERROR", `${said}: it is not usable as a proxy`);
  }
}

function refusalOf(
  { statusCode: status = 0, headers }: IncomingMessage,
  proxy: Proxy,
  target: string,
): ConnectionError | undefined {
  if (status >= 200 && status < 300) return undefined;
  const said = `the proxy ${proxy.shown} answered HTTP ${status} to CONNECT ${target}`;
  if (status === 407) {
    const wants = [headers["proxy-authenticate"] ?? []].flat().join();
    const scheme = /^[A-Za-z]{1,20}/.exec(wants)?.[0];
    const wanted = scheme === undefined ? "" : ` (${scheme})`;
    const remedy =
      proxy.authorization === undefined
        ? "it requires a user and a password"
        : "it rejects the user and the password";
    return new ConnectionError("PROXY_AUTHENTICATION", `${said}: ${remedy}${wanted}`);
  }
  if (status >= 400 && status < 500) {
    return new ConnectionError(
      "PROXY_REFUSED",
      `${said}: it does not allow connections to that host or port`,
    );
  }
  const cause = status >= 500 ? "it cannot reach the server" : "no answer to that";
  return new ConnectionError("PROXY_ERROR", `${said}: ${cause}`);
}
