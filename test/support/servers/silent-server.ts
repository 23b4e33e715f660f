/** A server on 127.0.0.1 that takes connections, listens, and never says anything. */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface SilentServer {
  readonly port: number;
  /** Resolves when a client has sent something. */
  readonly heard: Promise<void>;
}

/** Starts one that ends with the test. */
export async function startSilentServer(): Promise<SilentServer> {
  const sockets: Socket[] = [];
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    sockets.push(socket.on("error", () => undefined).on("data", () => resolve()));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, heard };
}
