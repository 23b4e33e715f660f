/**
 * The sink of the benchmarks: takes what an HTTP Event Collector takes, counts lines, and keeps nothing.
 *
 *     node bench/sink.ts [--latency-ms N]
 *
 * Prints {"port":N} on stdout when it listens, and its totals on GET /totals and on SIGTERM.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { createGunzip } from "node:zlib";

const { values } = parseArgs({ options: { "latency-ms": { type: "string", default: "0" } } });
const latency_ms = Number(values["latency-ms"]);
const line_feed = 10;
const success = '{"text":"Success","code":0}';

const totals = { events: 0, bytes: 0, requests: 0, first_at_ms: 0, last_at_ms: 0 };

const server = createServer((request, response) => {
  if (request.url === "/totals") {
    answer(response, JSON.stringify(totals));
    return;
  }
  take(request, response);
});

server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});

process.on("SIGTERM", () => {
  console.log(JSON.stringify(totals));
  server.close();
  server.closeAllConnections();
});

function take(request: IncomingMessage, response: ServerResponse): void {
  const gzip = request.headers["content-encoding"] === "gzip";
  const body = gzip ? request.pipe(createGunzip()) : request;
  if (totals.first_at_ms === 0) totals.first_at_ms = now_ms();
  body.on("data", (chunk: Buffer) => {
    totals.bytes += chunk.length;
    totals.events += countLines(chunk);
  });
  body.on("error", () => response.destroy());
  body.on("end", () => {
    totals.requests += 1;
    totals.last_at_ms = now_ms();
    if (latency_ms === 0) answer(response, success);
    else setTimeout(() => answer(response, success), latency_ms);
  });
}

function answer(response: ServerResponse, text: string): void {
  response.writeHead(200, { "content-type": "application/json", "content-length": text.length });
  response.end(text);
}

function countLines(chunk: Buffer): number {
  let lines = 0;
  for (let at = chunk.indexOf(line_feed); at !== -1; at = chunk.indexOf(line_feed, at + 1)) {
    lines += 1;
  }
  return lines;
}

/** Wall-clock time, so that another process can compare it with its own. */
function now_ms(): number {
  return performance.timeOrigin + performance.now();
}
