/**
 * Requests on kept connections to a server that answers in all ways, also twice, or not at all: each request fails, or
 * has the answer that was meant for it; none hangs, and there are never more connections than allowed.
 */
import fc from "fast-check";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect } from "vitest";
import { ConnectionPool } from "../../src/output/network/connection-pool.ts";
import { exchange } from "../../src/output/network/exchange.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { sampled } from "../support/effort.ts";

/** What the server does with a request whose body is complete. */
const ways = [
  "answers",
  "answers",
  "answers in pieces",
  "answers in chunks",
  "answers and closes",
  "answers until it closes",
  "answers before it has read all",
  "answers twice",
  "answers after an interim answer",
  "says nothing and closes",
  "breaks off",
  "resets",
  "talks nonsense",
] as const;
type Way = (typeof ways)[number];

interface Exchange {
  way: Way;
  body_bytes: number;
  /** When the client gives up, in turns of the event loop; undefined for never. */
  patience: number | undefined;
}

const exchanges: fc.Arbitrary<Exchange[]> = fc.array(
  fc.record({
    way: fc.constantFrom(...ways),
    body_bytes: fc.constantFrom(0, 10, 10, 200_000),
    patience: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined, freq: 8 }),
  }),
  { minLength: 1, maxLength: 12 },
);

const lengthed = (text: string, headers = ""): string =>
  `HTTP/1.1 200 OK\r\n${headers}Content-Length: ${text.length}\r\n\r\n${text}`;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function answer(socket: Socket, way: Way, id: string): Promise<void> {
  const write = (text: string): boolean => socket.writable && socket.write(text, "latin1");
  const text = lengthed(id);
  if (way === "answers" || way === "answers before it has read all") write(text);
  if (way === "answers twice") write(text + lengthed("twice"));
  if (way === "answers after an interim answer") write(`HTTP/1.1 100 Continue\r\n\r\n${text}`);
  if (way === "answers and closes") socket.end(lengthed(id, "Connection: close\r\n"));
  if (way === "answers until it closes") socket.end(`HTTP/1.1 200 OK\r\n\r\n${id}`);
  if (way === "says nothing and closes") socket.end();
  if (way === "breaks off") socket.end(text.slice(0, -1));
  if (way === "resets") socket.resetAndDestroy();
  if (way === "talks nonsense") write("ERR\r\n");
  if (way === "answers in chunks") {
    const chunk = `${id.length.toString(16)}\r\n${id}\r\n0\r\n\r\n`;
    write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`);
  }
  if (way === "answers in pieces") {
    for (const piece of text.match(/[^]{1,9}/g)!) {
      write(piece);
      await turn();
    }
  }
}

/** Reads requests by hand: each has its id and its way in its path. */
async function serve(socket: Socket): Promise<void> {
  socket.on("error", () => undefined);
  let text = "";
  for await (const bytes of socket) {
    text += (bytes as Buffer).toString("latin1");
    for (;;) {
      const head = /^[A-Z]+ \/(\d+)\/(\d+) [^]*?content-length: (\d+)\r\n[^]*?\r\n\r\n/.exec(text);
      if (head === null) break;
      const [all, id, way, length] = head;
      const does = ways[Number(way)]!;
      const end = all.length + Number(length);
      if (text.length < end && does !== "answers before it has read all") break;
      text = text.slice(end);
      await answer(socket, does, id!);
      if (does === "answers before it has read all" && Number(length) > 0) return;
    }
  }
}

async function run(script: readonly Exchange[], connections: number): Promise<string[]> {
  const served = new Set<Socket>();
  const server = createServer((socket) => {
    served.add(socket);
    serve(socket).catch(() => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const open = new Set<Socket>();
  let most = 0;
  const connector = {
    open: async (): Promise<Socket> => {
      const socket = connect(port, "127.0.0.1");
      open.add(socket);
      socket.on("close", () => open.delete(socket));
      most = Math.max(most, open.size);
      await once(socket, "connect");
      return socket;
    },
  };
  const pool = new ConnectionPool({ connector, connections, age_ms_max: 3e5, clock: systemClock });
  const results = await Promise.all(
    script.map(async ({ way, body_bytes, patience }, id) => {
      const abort = new AbortController();
      if (patience !== undefined) {
        void (async (): Promise<void> => {
          for (let left = patience; left > 0; left -= 1) await turn();
          abort.abort(new Error("no patience"));
        })();
      }
      try {
        const { status, body } = await exchange({
          pool,
          clock: systemClock,
          method: "POST",
          path: `/${id}/${ways.indexOf(way)}`,
          headers: { host: "here" },
          body: Buffer.alloc(body_bytes, "b"),
          signal: abort.signal,
          headers_timeout: undefined,
          body_timeout: undefined,
          answer_bytes_max: 1000,
        });
        return `${status} ${body}`;
      } catch (thrown) {
        return (thrown as { code?: string }).code ?? String(thrown);
      }
    }),
  );
  pool.close();
  server.close();
  for (const socket of served) socket.destroy();
  expect(most).toBeLessThanOrEqual(connections);
  return results;
}

const failures = ["ECONNRESET", "EPIPE", "ABORT_ERR", "HPE_INVALID_CONSTANT"];

sampled(
  "exchanges - each request fails or has its own answer, whatever the server does",
  { sample: 60, all: 1500 },
  async (numRuns) => {
    await fc.assert(
      fc.asyncProperty(exchanges, fc.integer({ min: 1, max: 4 }), async (script, connections) => {
        for (const [id, result] of (await run(script, connections)).entries())
          expect([`200 ${id}`, ...failures]).toContain(result);
      }),
      { numRuns },
    );
  },
);
