/** A proxy on 127.0.0.1 that takes CONNECT, and keeps what it could read of what went through it. */
import { connect, type AddressInfo, type Socket } from "node:net";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { createServer as createHttpsServer, type ServerOptions } from "node:https";
import { onTestFinished } from "vitest";

/** What it does with CONNECT: goes through, answers something else, is silent, or breaks off. */
export type ProxyBehaviour =
  | { kind: "normal" }
  | { kind: "answer"; head: string; body?: string }
  | { kind: "hang" }
  | { kind: "reset" };

export interface ProxyFacts {
  /** `user:password` that it wants. */
  credentials?: string;
  behaviour?: ProxyBehaviour;
  tls?: ServerOptions;
}

export interface ProxyServer {
  readonly port: number;
  /** Targets and headers of the CONNECT requests. */
  readonly connects: { target: string; headers: IncomingMessage["headers"] }[];
  /** Every byte that clients sent through it. */
  seen: string;
  credentials: string | undefined;
}

/** Starts one that ends with the test. */
export async function startProxy(facts: ProxyFacts = {}): Promise<ProxyServer> {
  const { behaviour = { kind: "normal" }, tls } = facts;
  const sockets = new Set<Socket>();
  const server = tls === undefined ? createHttpServer() : createHttpsServer(tls);
  const state: ProxyServer = { port: 0, connects: [], seen: "", credentials: facts.credentials };
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    sockets.add(client);
    client.on("error", () => undefined);
    const target = request.url!;
    state.connects.push({ target, headers: request.headers });
    if (behaviour.kind === "hang") return;
    if (behaviour.kind === "reset") return void client.destroy();
    if (behaviour.kind === "answer") {
      return void client.end(`HTTP/1.1 ${behaviour.head}\r\n\r\n${behaviour.body ?? ""}`);
    }
    const shown = Buffer.from(state.credentials ?? "").toString("base64");
    if (
      state.credentials !== undefined &&
      request.headers["proxy-authorization"] !== `Basic ${shown}`
    ) {
      const head = "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x";
      return void client.end(`HTTP/1.1 ${head}\r\nContent-Length: 0\r\n\r\n`);
    }
    const [, host = "", port = ""] = /^\[?(.*?)\]?:(\d+)$/.exec(target)!;
    // Names that only the proxy knows.
    const known = host.endsWith(".example.com") ? "127.0.0.1" : host;
    const upstream = connect(Number(port), known, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      client.on("data", (chunk: Buffer) => (state.seen += chunk.toString("latin1")));
      client.pipe(upstream).pipe(client);
    });
    sockets.add(upstream);
    upstream.on("error", () => client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    client.on("close", () => upstream.destroy());
  });
  server.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return Object.assign(state, { port: (server.address() as AddressInfo).port });
}
