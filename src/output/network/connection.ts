/**
 * Opens connections to one server: name, TCP, proxy, TLS, all within one deadline, and says which of them failed.
 *
 * Nothing is remembered from one connection to the next: the name is looked up again, and a TLS session is never
 * resumed, since that would skip the look at the certificate.
 */
import assert from "node:assert";
import { once } from "node:events";
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net";
import type { SecureContext, TLSSocket } from "node:tls";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";
import { atMost, unlessAborted } from "../../platform/patience.ts";
import { builtinTls } from "../../platform/sockets/builtin-tls.ts";
import { ConnectionError, failureOf, inShort } from "./failure.ts";
import type { NetworkOptions } from "./network-options.ts";
import { chooseProxy, parseProxy, type Proxy, type ProxyChoice } from "./proxy.ts";
import { TlsContext } from "./tls-context.ts";
import { openTunnel } from "./tunnel.ts";

/** Node's own 250 ms give up on every server farther away than that, but for its last address. */
const address_timeout_ms = 1000;
const tcp_keep_alive_ms = 60_000;
/** The former proxy is used where its file cannot even be looked at within this time, on a network that hangs. */
const proxy_look_ms_max = 1000;
const proxy_tls = { min_version: "1.2", verify: true } as const;

export interface ConnectorDeps {
  /** Of the server; the path does not matter. */
  url: string;
  network: NetworkOptions;
  clock: Clock;
  log: Logger;
  /** Where a proxy may be named. */
  environment?: NodeJS.ProcessEnv;
  /** In the place of the system's way to look up names. */
  lookup?: LookupFunction;
}

type Stage = "files" | "name" | "tcp" | "proxy_tls" | "tunnel" | "tls";

/** One attempt to open a connection. */
interface Attempt {
  readonly abort: AbortController;
  state: "in_time" | "late";
  stage: Stage;
  proxy: Proxy | undefined;
  /** What was opened so far. */
  readonly sockets: Socket[];
}

export class Connector {
  readonly #deps: ConnectorDeps;
  readonly #host: string;
  readonly #port: number;
  readonly #tls: TlsContext | undefined;
  readonly #proxy: ProxyChoice | undefined;
  readonly #proxy_tls: TlsContext;
  readonly #attempts = new Set<Attempt>();
  #wants_certificate = false;

  constructor(deps: ConnectorDeps) {
    this.#deps = deps;
    const { url, network, environment = process.env } = deps;
    const { hostname, protocol, port } = new URL(url);
    const is_secure = protocol === "https:";
    this.#host = hostname.replace(/^\[(.*)\]$/, "$1");
    this.#port = port === "" ? (is_secure ? 443 : 80) : Number(port);
    this.#tls = is_secure
      ? new TlsContext(network.tls, deps.clock, deps.log, { endpoint: url })
      : undefined;
    this.#proxy = chooseProxy(url, network, environment);
    this.#proxy_tls = new TlsContext(proxy_tls, deps.clock, deps.log, {});
  }

  /** The proxy that connections go through, without its credentials, and where it is set. */
  get proxy(): { shown: string; origin: string } | undefined {
    if (this.#proxy === undefined) return undefined;
    const { address, origin } = this.#proxy;
    return { shown: parseProxy(address.reveal()).shown, origin };
  }

  /** Whether the server of the last connection asked for a client certificate, and there is none. */
  get wantsCertificate(): boolean {
    return this.#wants_certificate;
  }

  /**
   * A connection on which requests to the server can be made at once. Rejects with a ConnectionError, or with what
   * Node says where that says enough: see failureOf.
   */
  async open(): Promise<Socket> {
    const { clock, network } = this.#deps;
    const abort = new AbortController();
    const attempt: Attempt = {
      abort,
      state: "in_time",
      stage: "files",
      proxy: undefined,
      sockets: [],
    };
    const timer = clock.after(network.connect_timeout, () => {
      attempt.state = "late";
      abort.abort();
    });
    this.#attempts.add(attempt);
    try {
      const socket = await this.#connect(attempt);
      // Nobody would hear of it any more.
      if (socket.destroyed)
        throw new ConnectionError("ECONNRESET", "closed as soon as it was open");
      return socket;
    } catch (thrown) {
      for (const socket of attempt.sockets) socket.destroy();
      throw this.#explain(attempt.state === "late" ? this.#timeout(attempt) : thrown, attempt);
    } finally {
      timer.cancel();
      this.#attempts.delete(attempt);
    }
  }

  /** Gives up all connections that are being opened. */
  close(): void {
    for (const { abort } of this.#attempts) abort.abort();
  }

  async #connect(attempt: Attempt): Promise<Socket> {
    const { signal } = attempt.abort;
    const host = this.#host;
    const port = this.#port;
    const proxy = this.#proxy && (await unlessAborted(this.#refreshProxy(this.#proxy), signal));
    attempt.proxy = proxy;
    // Before anything is sent: what cannot be encrypted need not be connected.
    const context = this.#tls && (await unlessAborted(this.#tls.current(), signal));
    let socket = await this.#openTcp(proxy ?? { host, port }, attempt);
    if (proxy !== undefined) {
      if (proxy.protocol === "https:") socket = await this.#openProxyTls(socket, proxy, attempt);
      attempt.stage = "tunnel";
      await openTunnel(socket, { proxy, host, port, signal });
    }
    if (this.#tls === undefined) return socket;
    assert(context !== undefined, "nothing is sent to an https:// URL without TLS");
    return this.#openTls(socket, context, attempt);
  }

  /** The proxy as it is now: its address may be in a file. */
  async #refreshProxy({ address }: ProxyChoice): Promise<Proxy> {
    const { url, clock, log } = this.#deps;
    const wrong = await atMost(address.refresh(), proxy_look_ms_max, clock);
    if (wrong !== undefined) {
      const message =
        "The proxy file has changed and cannot be used. The previous proxy stays in use.";
      log.warn("proxy_file_unusable", { endpoint: url, wrong }, message);
    }
    return parseProxy(address.reveal());
  }

  async #openTcp(to: { host: string; port: number }, attempt: Attempt): Promise<Socket> {
    const { lookup } = this.#deps;
    attempt.stage = isIP(to.host) === 0 ? "name" : "tcp";
    const socket = connectTcp({
      host: to.host,
      port: to.port,
      autoSelectFamilyAttemptTimeout: address_timeout_ms,
      ...(lookup !== undefined && { lookup }),
    });
    socket.on("lookup", () => (attempt.stage = "tcp"));
    await opened(socket, "connect", attempt);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, tcp_keep_alive_ms);
    return socket;
  }

  /** A proxy is what the machine's administrator trusts, whatever authorities are named for the server. */
  async #openProxyTls(socket: Socket, { host }: Proxy, attempt: Attempt): Promise<Socket> {
    attempt.stage = "proxy_tls";
    const secured = builtinTls().connect({
      socket,
      host,
      // Whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED): the proxy's password goes there.
      rejectUnauthorized: true,
      secureContext: await unlessAborted(this.#proxy_tls.current(), attempt.abort.signal),
      ...(isIP(host) === 0 && { servername: host }),
    });
    await opened(secured, "secureConnect", attempt);
    return secured;
  }

  async #openTls(socket: Socket, context: SecureContext, attempt: Attempt): Promise<TLSSocket> {
    attempt.stage = "tls";
    const { server_name, verify, cert_file } = this.#deps.network.tls;
    const host = this.#host;
    // Without the dot that may end a name (RFC 6066, 3).
    const name = server_name ?? (isIP(host) === 0 ? host.replace(/\.$/, "") : undefined);
    const secured = builtinTls().connect({
      socket,
      host,
      secureContext: context,
      rejectUnauthorized: verify,
      ALPNProtocols: ["http/1.1"],
      ...(name !== undefined && { servername: name }),
    });
    await opened(secured, "secureConnect", attempt);
    // A client learns of these only where the server asked for a certificate.
    const asked = secured.getSharedSigalgs().length > 0;
    this.#wants_certificate = asked && cert_file === undefined;
    return secured;
  }

  #timeout({ stage }: Attempt): Error {
    const bound = `${this.#deps.network.connect_timeout} ms`;
    if (stage === "name") {
      return new ConnectionError("EAI_AGAIN", `the name was not found within ${bound}`);
    }
    return new ConnectionError(
      "ETIMEDOUT",
      `no connection after ${bound}, at ${said_by_stage[stage]}`,
    );
  }

  /** What failed before the server itself was reached is the proxy's doing, and said to be. */
  #explain(thrown: unknown, { stage, proxy }: Attempt): unknown {
    if (proxy === undefined || stage === "tls" || stage === "files") return thrown;
    const code = proxy_code_by_stage[stage];
    const is_told = thrown instanceof ConnectionError && thrown.code.startsWith("PROXY_");
    if (is_told) return thrown;
    const what = `${said_by_proxy_stage[stage]} the proxy ${proxy.shown}`;
    // What is to be done about a server's certificate does not help with a proxy's.
    const why = stage === "proxy_tls" ? failureOf(thrown).code : inShort(thrown);
    return new ConnectionError(code, `${what}: ${why}`, { cause: thrown });
  }
}

const proxy_code_by_stage = {
  name: "PROXY_UNREACHABLE",
  tcp: "PROXY_UNREACHABLE",
  proxy_tls: "PROXY_TLS",
  tunnel: "PROXY_ERROR",
} as const;

const said_by_proxy_stage = {
  name: "no connection to",
  tcp: "no connection to",
  proxy_tls: "no TLS with",
  tunnel: "no answer to CONNECT from",
} as const;

const said_by_stage = {
  files: "reading the files of TLS or the proxy",
  tcp: "TCP",
  proxy_tls: "TLS with the proxy",
  tunnel: "waiting for the proxy's answer",
  tls: "the TLS handshake",
} as const;

/** Waits until the socket is open; destroying it is left to whoever catches what this throws. */
async function opened(socket: Socket, event: string, attempt: Attempt): Promise<void> {
  attempt.sockets.push(socket);
  // Once nobody waits any more, an error of the socket must not end the process.
  socket.on("error", () => undefined);
  await once(socket, event, { signal: attempt.abort.signal });
}
