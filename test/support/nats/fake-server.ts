/** A server that a test has say anything, or nothing, to whoever connects to it. It ends with the test. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What a server says first; without authentication. */
export const info_line = `INFO ${JSON.stringify({
  server_id: "FAKE",
  server_name: "fake",
  version: "2.9.0",
  proto: 1,
  headers: true,
  max_payload: 1024 ** 2,
})}\r\n`;

export class FakeNatsServer {
  readonly url: string;
  readonly #sockets: ReadonlySet<Socket>;
  #accepted = 0;

  private constructor(port: number, sockets: ReadonlySet<Socket>) {
    this.url = `nats://127.0.0.1:${port}`;
    this.#sockets = sockets;
  }

  /** `serve` gets each connection, with how many came before it. */
  static async start(serve: (socket: Socket, before: number) => void): Promise<FakeNatsServer> {
    const sockets = new Set<Socket>();
    const listener = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => sockets.delete(socket));
      socket.resume();
      server.#accepted += 1;
      serve(socket, server.#accepted - 1);
    });
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const server = new FakeNatsServer((listener.address() as AddressInfo).port, sockets);
    onTestFinished(() => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    });
    return server;
  }

  /** Connections that there ever were. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Connections that there are. */
  get open(): number {
    return this.#sockets.size;
  }
}

/** Speaks as a server does to who only connects, and hands over what else is said. */
export function greet(socket: Socket, onLine: (line: string) => void = () => undefined): void {
  socket.write(info_line);
  socket.on("data", (data) => {
    for (const line of data.toString("latin1").split("\r\n").filter(Boolean)) {
      if (line === "PING") socket.write("PONG\r\n");
      else onLine(line);
    }
  });
}
