/** Connections that are kept: no answer is taken for another one, and none is used that should not be. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import {
  ConnectionPool,
  type ConnectionPoolDeps,
} from "../../../../src/output/network/connection-pool.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { ManualClock } from "../../../support/clocks/manual-clock.ts";
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

/** A pool whose connections are real ones to a server that says nothing, or fail with what `fails` gives. */
async function startPool(facts: Partial<ConnectionPoolDeps> = {}): Promise<{
  pool: ConnectionPool;
  opened: () => number;
  fails: { next: Error | undefined };
}> {
  const { url } = await startServer(() => undefined);
  const fails: { next: Error | undefined } = { next: undefined };
  let opened = 0;
  const connector = {
    open: async (): Promise<Socket> => {
      opened += 1;
      if (fails.next !== undefined) throw fails.next;
      const socket = connect(Number(new URL(url).port), "127.0.0.1");
      await once(socket, "connect");
      return socket;
    },
  };
  const limits = { connections: 2, age_ms_max: 300_000, clock: systemClock };
  const pool = new ConnectionPool({ connector, ...limits, ...facts });
  onTestFinished(() => pool.close());
  return { pool, opened: () => opened, fails };
}

const forever = new AbortController().signal;

test("connection pool - who finds none free waits, in the order of asking", async () => {
  const { pool, opened } = await startPool();
  const [first, second] = await Promise.all([pool.take(forever), pool.take(forever)]);
  const order: string[] = [];
  const third = pool.take(forever).then((taken) => order.push(`third ${taken === second}`));
  const fourth = pool.take(forever).then((taken) => order.push(`fourth ${taken === first}`));
  pool.give(second);
  await third;
  pool.give(first);
  await fourth;
  expect([order, opened()]).toEqual([["third true", "fourth true"], 2]);
});

test("connection pool - who gives up takes none from those who wait behind", async () => {
  const { pool } = await startPool({ connections: 1 });
  const first = await pool.take(forever);
  const abort = new AbortController();
  const second = pool.take(abort.signal);
  const third = pool.take(forever);
  abort.abort(new Error("no patience"));
  pool.give(first);
  await expect(second).rejects.toMatchObject({
    code: "ABORT_ERR",
    cause: { message: "no patience" },
  });
  expect(await third).toBe(first);
});

test("connection pool - each attempt that fails is one request's, and the next one has its own", async () => {
  const { pool, opened, fails } = await startPool({ connections: 1 });
  fails.next = new Error("refused");
  const both = await Promise.allSettled([pool.take(forever), pool.take(forever)]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(opened()).toBe(2);
  fails.next = undefined;
  expect((await pool.take(forever)).is_usable).toBe(true);
});

test("connection pool - one that is closed while in use makes room for another", async () => {
  const { pool, opened } = await startPool({ connections: 1 });
  const first = await pool.take(forever);
  const second = pool.take(forever);
  first.destroy();
  pool.give(first);
  expect(await second).not.toBe(first);
  expect(opened()).toBe(2);
});

test("connection pool - one that is idle too long, or too old, is closed and not used again", async () => {
  const clock = new ManualClock();
  const { pool } = await startPool({ clock, age_ms_max: 120_000 });
  const first = await pool.take(forever);
  pool.give(first);
  clock.pass(49_000);
  expect(await pool.take(forever)).toBe(first);
  pool.give(first);
  clock.pass(51_000);
  expect(first.is_usable).toBe(false);
  const second = await pool.take(forever);
  clock.pass(119_000);
  pool.give(second);
  expect(second.is_usable).toBe(true);
  clock.pass(2000);
  expect(second.is_usable).toBe(false);
});

test("connection pool - after its end nobody waits, and what is given back is closed", async () => {
  const { pool } = await startPool({ connections: 1 });
  const first = await pool.take(forever);
  const second = pool.take(forever);
  pool.close();
  await expect(second).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(first.is_usable).toBe(false);
});

test("connection pool - one that ends sooner than those that are idle already is closed in time", async () => {
  const clock = new ManualClock();
  const { pool } = await startPool({ clock });
  const [first, second] = await Promise.all([pool.take(forever), pool.take(forever)]);
  pool.give(first);
  second.keep_alive_ms = 5000;
  pool.give(second);
  clock.pass(4000);
  expect([first.is_usable, second.is_usable]).toEqual([true, false]);
});

test("connection pool - after its end nobody gets one", async () => {
  const { pool, opened } = await startPool();
  pool.close();
  await expect(pool.take(forever)).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(opened()).toBe(0);
});
