/** Connections that are kept: no answer is taken for another one, and none is used that should not be. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { hecClient } from "../../../support/hec/hec-client.ts";

const answered = (body: string, status = "200 OK"): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** A server that does with each connection what is given, for each piece that comes in; counts the connections. */
async function startServer(
  onData: (socket: Socket, connection: number, text: string) => void,
): Promise<{ url: string; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    const connection = sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (data) => onData(socket, connection, data.toString("latin1")));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

const bodyOf = (outcome: unknown): unknown =>
  (outcome as { answer?: { body: string } }).answer?.body;

test("connection pool - what comes while no request is made is no answer to the next one", async () => {
  const { url, sockets } = await startServer((socket, connection) => {
    socket.write(answered(`real ${connection}`));
  });
  const { post } = hecClient(url);
  expect(bodyOf(await post())).toBe("real 1");
  const closed = once(sockets[0]!, "close");
  sockets[0]!.write(answered("fake"));
  await closed;
  expect(bodyOf(await post())).toBe("real 2");
});

test("connection pool - nor is the second of two answers to one request", async () => {
  const { url, sockets } = await startServer((socket, connection) => {
    socket.write(answered(`real ${connection}`) + (connection === 1 ? answered("fake") : ""));
  });
  const { post } = hecClient(url);
  const first = await post();
  // It may have cost the first one as well: then that counts as not taken.
  if (!("failure" in first)) expect(bodyOf(first)).toBe("real 1");
  expect(bodyOf(await post())).toBe("real 2");
  expect(sockets).toHaveLength(2);
});

test("connection pool - an interim answer that nobody asked for is passed over", async () => {
  const { url } = await startServer((socket) => {
    socket.write(`HTTP/1.1 100 Continue\r\n\r\n${answered("real")}`);
  });
  expect(bodyOf(await hecClient(url).post())).toBe("real");
});

test("connection pool - an answer before the request was read is taken, on a connection that is not used again", async () => {
  const { url, sockets } = await startServer((socket, connection, text) => {
    if (connection > 1) return void socket.write(answered("later"));
    if (!text.startsWith("POST")) return;
    socket.pause();
    socket.write(answered("too large", "413 Content Too Large"));
  });
  const { client, post } = hecClient(url);
  const body = Buffer.alloc(20_000_000, " ");
  const early = await client.request({ method: "POST", path: "/services/collector/event", body });
  expect(early).toMatchObject({ answer: { status: 413, body: "too large" } });
  expect(bodyOf(await post())).toBe("later");
  expect(sockets).toHaveLength(2);
});

test.each([
  [
    "switches protocols",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
  ],
  ["ends within its head", "HTTP/1.1 200 OK\r\nContent-Le"],
  ["ends within its body", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nno"],
])("connection pool - an answer that %s is a failure", async (_, text) => {
  const { url } = await startServer((socket) => void socket.end(text));
  expect(await hecClient(url).post()).toMatchObject({ failure: { code: "ECONNRESET" } });
});

test("connection pool - a server that closes idle connections early is not surprised by a request", async () => {
  const { url, sockets } = await startServer((socket) => {
    socket.write("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n");
  });
  const { post } = hecClient(url);
  await post();
  // With less than a second left it is not kept at all.
  await once(sockets[0]!, "close");
  await post();
  expect(sockets).toHaveLength(2);
});

test("connection pool - after the end no connection is opened", async () => {
  const { url, sockets } = await startServer((socket) => void socket.write(answered("real")));
  const { client, post } = hecClient(url);
  await client.close();
  expect(await post()).toMatchObject({ failure: { code: "ABORT_ERR" } });
  expect(sockets).toHaveLength(0);
});
