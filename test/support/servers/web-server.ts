/** A server on 127.0.0.1, with TLS or without, that takes every request as Splunk does and keeps what came. */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import { createServer as createHttpsServer, type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface Came {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface WebServer {
  readonly port: number;
  /** The requests that came whole. */
  readonly requests: Came[];
  /** Connections that were opened to it, and those that are open now. */
  readonly connections: { count: number; open: Set<Socket> };
  /** The names that were asked for by SNI. */
  readonly names: (string | undefined)[];
  readonly server: Server;
}

const success: RequestListener = (_, response) => response.end('{"text":"Success","code":0}');

/** Starts one that ends with the test; with TLS where there are options for it. */
export async function startWebServer(
  tls?: ServerOptions,
  answer: RequestListener = success,
): Promise<WebServer> {
  const requests: Came[] = [];
  const names: (string | undefined)[] = [];
  const connections = { count: 0, open: new Set<Socket>() };
  const server: Server = tls === undefined ? createHttpServer() : createHttpsServer(tls);
  server.on("request", (request: IncomingMessage, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("error", () => undefined);
    request.on("end", () => {
      requests.push({ headers: request.headers, body });
      answer(request, response);
    });
  });
  server.on("tlsClientError", () => undefined);
  server.on("secureConnection", ({ servername }: { servername?: string | false }) =>
    names.push(servername === false ? undefined : servername),
  );
  server.on("connection", (socket: Socket) => {
    connections.count += 1;
    connections.open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => connections.open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    for (const socket of connections.open) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, requests, connections, names, server };
}
