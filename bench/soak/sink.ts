/**
 * The sink of the soak: an HTTP Event Collector in a process of its own that counts how often each number came, and
 * misbehaves when it is told to.
 *
 * Forked by processes.ts; takes a `SinkOrder` as a message, and answers each with its `SinkTotals`.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import { SequenceCounts, socket_numbers_from, type SequenceTotals } from "./sequence-counts.ts";

/** `reset` takes one request and breaks the connection instead of an answer; then it is normal again. */
export type SinkMode = "normal" | "refuse" | "hang" | "busy" | "reset";

export interface SinkOrder {
  id: number;
  mode?: SinkMode;
}

export interface SinkTotals {
  port: number;
  mode: SinkMode;
  file: SequenceTotals;
  socket: SequenceTotals;
  /** Events of tallyman's own, by sourcetype and what they are about. */
  own: Record<string, number>;
  requests: number;
  /** Events that were taken, and no answer given. */
  unanswered: number;
}

const request_id_key = Buffer.from('"requestID":"');
const request_id_digits = 16;
const answer_read_ms = 250;
const file = new SequenceCounts(0);
const socket = new SequenceCounts(socket_numbers_from);
const own: Record<string, number> = {};
const sockets = new Set<Socket>();
let mode: SinkMode = "normal";
let requests = 0;
let unanswered = 0;
let port = 0;
let server: Server | undefined;

function open(): Promise<void> {
  const opened = createServer({ keepAliveTimeout: 60_000 }, serve);
  opened.on("connection", (connection) => {
    sockets.add(connection);
    connection.on("close", () => sockets.delete(connection));
  });
  server = opened;
  return new Promise((resolve) => {
    opened.listen(port, "127.0.0.1", () => {
      port = (opened.address() as AddressInfo).port;
      resolve();
    });
  });
}

/** Takes nothing more at once, and breaks the connections when what was answered has been read. */
async function close(): Promise<void> {
  const closing = server;
  if (closing === undefined) return;
  server = undefined;
  const closed = new Promise((resolve) => closing.close(resolve));
  await new Promise((resolve) => setTimeout(resolve, answer_read_ms));
  for (const connection of sockets) connection.destroy();
  await closed;
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("error", () => undefined);
  response.on("error", () => undefined);
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    if (mode === "hang" || mode === "refuse") return;
    if (mode === "busy") return answer(response, 503, '{"text":"Server is busy","code":9}');
    if (request.method === "GET")
      return answer(response, 200, '{"text":"HEC is healthy","code":17}');
    const bytes = Buffer.concat(chunks);
    const is_zipped = request.headers["content-encoding"] === "gzip";
    const events = take(is_zipped ? gunzipSync(bytes) : bytes);
    requests += 1;
    if (mode !== "reset") return answer(response, 200, '{"text":"Success","code":0}');
    mode = "normal";
    unanswered += events;
    request.socket.resetAndDestroy();
  });
}

function answer(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body);
}

/** Counts the envelopes of a body, one a line, and says how many there are. */
function take(body: Buffer): number {
  let events = 0;
  for (let start = 0; start < body.length; events += 1) {
    const found = body.indexOf(10, start);
    const end = found < 0 ? body.length : found;
    const envelope = body.subarray(start, end);
    const at = envelope.lastIndexOf(request_id_key);
    if (at < 0) takeOwn(envelope);
    else takeNumbered(envelope, at + request_id_key.length);
    start = end + 1;
  }
  return events;
}

function takeNumbered(envelope: Buffer, from: number): void {
  const digits = envelope.toString("latin1", from, from + request_id_digits);
  const number = Number.parseInt(digits, 16);
  (number < socket_numbers_from ? file : socket).add(number);
}

function takeOwn(envelope: Buffer): void {
  const { sourcetype, event } = JSON.parse(envelope.toString()) as {
    sourcetype?: string;
    event: { event?: string; reason?: string; outcome?: string; last_run?: { ended: string } };
  };
  const { event: kind, reason, outcome, last_run } = event;
  const about = [sourcetype, kind, outcome ?? reason ?? last_run?.ended].filter(Boolean).join(" ");
  own[about] = (own[about] ?? 0) + 1;
}

function totals(): SinkTotals {
  const counts = { file: file.totals(), socket: socket.totals() };
  return { port, mode, ...counts, own, requests, unanswered };
}

async function obey(order: SinkOrder): Promise<void> {
  if (order.mode !== undefined) {
    const was_refusing = server === undefined;
    mode = order.mode;
    if (mode === "refuse") await close();
    else if (was_refusing) await open();
  }
  process.send!({ id: order.id, totals: totals() });
}

if (process.send !== undefined) {
  await open();
  process.on("message", (order: SinkOrder) => void obey(order));
  process.on("disconnect", () => process.exit());
  process.send({ id: 0, totals: totals() });
}
