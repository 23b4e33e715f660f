/** The admin listener, asked over real sockets, by clients good and bad. */
import { once } from "node:events";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { createServer, connect, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { AdminServer } from "../../../src/admin/admin-server.ts";
import { ask } from "../../../src/admin/ask.ts";
import { textAnswer, type Route } from "../../../src/admin/route.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { CollectedLog } from "../../support/collected-log.ts";
import { eventually } from "../../support/eventually.ts";
import { ManualClock } from "../../support/clocks/manual-clock.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const loopback = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
const secret = "Splunk 6d15a8e4";

async function setUp(path = join(temporaryDirectory(), "admin.sock")) {
  const log = new CollectedLog();
  const calls: string[] = [];
  const route = (method: Route["method"], at: string, unix_only = false): Route => ({
    method,
    path: at,
    unix_only,
    answer: () => {
      calls.push(`${method} ${at}`);
      return Promise.resolve(textAnswer(200, `this is ${at}`));
    },
  });
  const broken: Route = {
    ...route("GET", "/broken"),
    answer: () => Promise.reject(new Error(secret)),
  };
  const say: Route = {
    ...route("POST", "/say"),
    body_bytes_max: 100,
    answer: ({ body }) => Promise.resolve(textAnswer(200, body)),
  };
  const server = new AdminServer({
    socket: { path, mode: 0o660 },
    listen: loopback,
    routes: [route("GET", "/status"), route("POST", "/reload", true), broken, say],
    clock: systemClock,
    log,
  });
  onTestFinished(() => server.close());
  await server.start();
  return { server, path, log, calls, url: `http://127.0.0.1:${server.port!}` };
}

/** What a connection gets for what is written on it, until it is closed. */
async function talk(port: number | string, text: string): Promise<string> {
  const socket = await connected(port);
  let received = "";
  socket.setEncoding("latin1").on("data", (more: string) => (received += more));
  socket.write(text);
  await once(socket, "close");
  return received;
}

async function connected(port: number | string): Promise<Socket> {
  const socket = typeof port === "string" ? connect(port) : connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

test("admin server - answers on the socket and on loopback, and the socket has its mode", async () => {
  const { path, url } = await setUp();
  expect(statSync(path).mode & 0o777).toBe(0o660);
  const question = { method: "GET", path: "/status?x=1" } as const;
  expect(await ask({ ...question, at: path }, systemClock)).toEqual({
    status: 200,
    body: "this is /status\n",
  });
  const answer = await fetch(`${url}/status`);
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    connection: "close",
  });
});

test("admin server - HEAD gets the head alone, other paths and methods are refused", async () => {
  const { url, calls } = await setUp();
  const head = await fetch(`${url}/status`, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([
    200,
    "16",
    "",
  ]);
  expect((await fetch(`${url}/other`)).status).toBe(404);
  expect((await fetch(`${url}/status`, { method: "DELETE" })).status).toBe(405);
  expect((await fetch(`${url}/status`, { method: "POST", body: "x".repeat(1e6) })).status).toBe(
    405,
  );
  expect(calls).toEqual(["GET /status"]);
});

test("admin server - what is for the socket alone is not there on loopback", async () => {
  const { url, path, calls } = await setUp();
  expect((await fetch(`${url}/reload`, { method: "POST" })).status).toBe(404);
  expect(calls).toEqual([]);
  const question = { method: "POST", path: "/reload", at: path } as const;
  expect((await ask(question, systemClock)).status).toBe(200);
});

test.each([
  ["another name", "Host: evil.example.com"],
  ["a name that begins like loopback", "Host: 127.0.0.1.evil.example.com"],
  ["a page", "Host: localhost\r\nOrigin: https://evil.example.com"],
  ["a page, without an origin", "Host: localhost\r\nSec-Fetch-Site: cross-site"],
  ["a page of another port of this machine", "Host: localhost:80\r\nOrigin: http://localhost:81"],
  ["a page of the same name over TLS", "Host: localhost:80\r\nOrigin: https://localhost:80"],
  ["a page that hides its origin", "Host: localhost:80\r\nOrigin: null"],
])("admin server - a browser that asks for %s gets nothing", async (_, headers) => {
  const { server, path, calls } = await setUp();
  // Somebody may have forwarded the socket to a port.
  for (const at of [server.port!, path]) {
    for (const asked of ["GET /status", "POST /reload"]) {
      const answer = await talk(at, `${asked} HTTP/1.1\r\n${headers}\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    }
  }
  expect(calls).toEqual([]);
});

test("admin server - the agent's own page may ask", async () => {
  const { server } = await setUp();
  const headers =
    "Host: localhost:9464\r\nOrigin: http://localhost:9464\r\nSec-Fetch-Site: same-origin";
  const answer = await talk(server.port!, `GET /status HTTP/1.1\r\n${headers}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
});

test("admin server - a body is read where it is wanted, and only so much of it", async () => {
  const { url, calls } = await setUp();
  const send = (body: string) => fetch(`${url}/say`, { method: "POST", body });
  expect(await (await send("ä".repeat(50))).text()).toBe(`${"ä".repeat(50)}\n`);
  expect((await send("x".repeat(101))).status).toBe(413);
  expect((await send("x".repeat(1_000_000))).status).toBe(413);
  expect(calls).toEqual([]);
});

test.each(["localhost:9464", "127.0.0.1", "[::1]:9464"])(
  "admin server - %s is a name of loopback",
  async (host) => {
    const { server } = await setUp();
    const answer = await talk(server.port!, `GET /status HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  },
);

test("admin server - one request a connection: what is sent behind it is not answered", async () => {
  const { server, calls } = await setUp();
  const request = "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n";
  await talk(server.port!, request.repeat(100));
  expect(calls).toEqual(["GET /status"]);
});

test("admin server - silent clients and one with an endless header keep nobody out", async () => {
  const { server, url } = await setUp();
  for (let client = 0; client < 20; client += 1) {
    (await connected(server.port!)).write("GET /status HTTP/1.1\r\nHo");
  }
  const endless = await talk(server.port!, `GET / HTTP/1.1\r\nx: ${"y".repeat(10_000)}`);
  expect(endless).toMatch(/^HTTP\/1\.1 431 /);
  expect((await fetch(`${url}/status`)).status).toBe(200);
});

test("admin server - connections are bounded", async () => {
  const { server } = await setUp();
  let closed = 0;
  for (let client = 0; client < 40; client += 1) {
    const socket = connect(server.port!, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.resume().on("error", () => undefined);
    socket.on("close", () => (closed += 1));
  }
  await eventually(() => closed === 8);
});

test("admin server - answers are paced: requests as fast as they come take little of the event loop", async () => {
  const clock = new ManualClock();
  const server = new AdminServer({
    socket: undefined,
    listen: loopback,
    routes: [
      {
        method: "GET",
        path: "/status",
        unix_only: false,
        answer: () => Promise.resolve(textAnswer(200, "x")),
      },
    ],
    clock,
    log: new CollectedLog(),
  });
  onTestFinished(() => server.close());
  await server.start();
  let answers = 0;
  const url = `http://127.0.0.1:${server.port!}/status`;
  const asked = Array.from({ length: 5 }, async () => {
    expect((await fetch(url)).status).toBe(200);
    answers += 1;
  });
  await eventually(() => answers === 1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(answers).toBe(1);
  await eventually(() => {
    clock.pass(20);
    return answers === 5;
  });
  await Promise.all(asked);
});

test("admin server - a few small answers come at once, and after them all are paced", async () => {
  const clock = new ManualClock();
  const route = (path: string, is_small: boolean): Route => ({
    method: "GET",
    path,
    unix_only: false,
    is_small,
    answer: () => Promise.resolve(textAnswer(200, "x")),
  });
  const server = new AdminServer({
    socket: undefined,
    listen: loopback,
    routes: [route("/small", true), route("/status", false)],
    clock,
    log: new CollectedLog(),
  });
  onTestFinished(() => server.close());
  await server.start();
  let answers = 0;
  const askFor = async (path: string): Promise<void> => {
    expect((await fetch(`http://127.0.0.1:${server.port!}${path}`)).status).toBe(200);
    answers += 1;
  };
  const asked = Array.from({ length: 13 }, () => askFor("/small"));
  await eventually(() => answers === 11);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(answers).toBe(11);
  clock.pass(20);
  await eventually(() => answers === 12);
  clock.pass(20);
  await Promise.all(asked);
  // What may be large waits for the pauses of all before.
  const large = askFor("/status");
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (let pauses = 0; pauses < 10; pauses += 1) {
    clock.pass(20);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(answers).toBe(13);
  }
  clock.pass(20);
  await large;
});

test("admin server - who asks and goes leaves no wait behind for the next one", async () => {
  const clock = new ManualClock();
  let came = 0;
  const server = new AdminServer({
    socket: undefined,
    listen: loopback,
    routes: [
      {
        method: "GET",
        path: "/status",
        get unix_only() {
          came += 1;
          return false;
        },
        answer: () => Promise.resolve(textAnswer(200, "x")),
      },
    ],
    clock,
    log: new CollectedLog(),
  });
  onTestFinished(() => server.close());
  await server.start();
  expect((await fetch(`http://127.0.0.1:${server.port!}/status`)).status).toBe(200);
  for (let batch = 0; batch < 4; batch += 1) {
    const sockets = await Promise.all(Array.from({ length: 20 }, () => connected(server.port!)));
    for (const socket of sockets) socket.write("GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n");
    // Each connection has a time limit until it is closed. All of them have asked before they go.
    await eventually(() => clock.alarms >= sockets.length);
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const socket of sockets) socket.destroy();
    await eventually(() => clock.alarms === clock.sleeping);
  }
  came = 0;
  const answer = fetch(`http://127.0.0.1:${server.port!}/status`);
  let pauses = 0;
  await eventually(() => {
    if (came === 0 && clock.sleeping > 0) {
      clock.pass(20);
      pauses += 1;
    }
    return came === 1;
  });
  expect((await answer).status).toBe(200);
  // Its own, and that of the one whose turn it was.
  expect(pauses).toBeLessThanOrEqual(2);
});

test("admin server - a bug in an answer is a 500, and neither it nor the log holds what was thrown", async () => {
  const { url, log } = await setUp();
  const answer = await fetch(`${url}/broken`);
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain(secret);
  expect(log.text).not.toContain(secret);
});

test("admin server - takes over a socket that a crash has left, and not one that lives", async () => {
  const directory = temporaryDirectory();
  const path = join(directory, "admin.sock");
  const { server } = await setUp(path);
  await expect(setUp(path)).rejects.toMatchObject({ code: "socket_in_use" });
  await server.close();
  expect(existsSync(path)).toBe(false);
});

test("admin server - says which port is taken", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void taken.close());
  await once(taken, "listening");
  const { port } = taken.address() as { port: number };
  const server = new AdminServer({
    socket: undefined,
    listen: { ...loopback, port },
    routes: [],
    clock: systemClock,
    log: new CollectedLog(),
  });
  onTestFinished(() => server.close());
  await expect(server.start()).rejects.toMatchObject({
    code: "listen_failed",
    message: expect.stringContaining(`127.0.0.1:${port}`) as unknown,
  });
});

test("admin server - a path that is too long for an address works all the same", async () => {
  const directory = join(temporaryDirectory(), "d".repeat(100));
  mkdirSync(directory);
  const { path } = await setUp(join(directory, "admin.sock"));
  const question = { method: "GET", path: "/status", at: path } as const;
  expect((await ask(question, systemClock)).status).toBe(200);
});

test("ask - reaches an agent that has no socket on loopback", async () => {
  const { server } = await setUp();
  const at = { ...loopback, port: server.port! };
  const { status } = await ask({ method: "GET", path: "/status", at }, systemClock);
  expect(status).toBe(200);
});

test("ask - says that no agent runs, and gives up on one that does not answer", async () => {
  const directory = temporaryDirectory();
  const question = { method: "GET", path: "/status" } as const;
  const at = join(directory, "none.sock");
  await expect(ask({ ...question, at }, systemClock)).rejects.toMatchObject({
    code: "agent_unreachable",
    message: `cannot ask the agent at ${at}: no agent is running there`,
  });
  const silent = createServer((socket) => socket.resume()).listen(join(directory, "silent.sock"));
  onTestFinished(() => void silent.close());
  await once(silent, "listening");
  const late = { ...question, at: join(directory, "silent.sock"), wait_ms_max: 50 };
  await expect(ask(late, systemClock)).rejects.toMatchObject({ code: "agent_unreachable" });
});
