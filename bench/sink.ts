/**
 * The sink of the benchmarks: takes what an HTTP Event Collector takes, counts lines, and keeps nothing.
 *
 *     node bench/sink.ts [--latency-ms N] [--hang]
 *
 * Prints {"port":N} on stdout when it listens, and its totals on GET /totals and on SIGTERM. Of events with "mark":N in them it
 * notes when they came, for GET /marks. It understands just enough HTTP, so that what a benchmark measures is the sender and not
 * the sink.
 */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { parseArgs } from "node:util";
import { createGunzip, type Gunzip } from "node:zlib";

const { values } = parseArgs({
  options: {
    "latency-ms": { type: "string", default: "0" },
    /** Takes everything in, and never answers. */
    hang: { type: "boolean", default: false },
  },
});
const latency_ms = Number(values["latency-ms"]);
const line_feed = 10;
const healthy = '{"text":"HEC is healthy","code":17}';
const success = '{"text":"Success","code":0}';

const totals = { events: 0, bytes: 0, requests: 0, first_at_ms: 0, last_at_ms: 0 };
/** When each mark came. One that is split between two chunks is missed. */
let marks: [mark: number, at_ms: number][] = [];
const mark_text = Buffer.from('"mark":');
const sockets = new Set<Socket>();

const server = createServer({ noDelay: true }, (socket) => {
  const connection = new Connection(socket);
  sockets.add(socket);
  socket.on("data", (bytes: Buffer) => connection.take(bytes));
  socket.on("error", () => undefined);
  socket.on("close", () => sockets.delete(socket));
});

/** Reads the requests of one connection, one after the other. */
class Connection {
  readonly socket: Socket;
  /** The head of the next request as far as it has come. */
  #head = "";
  /** Bytes of the body that are still to come; undefined while a head is read. */
  #left: number | undefined;
  #gunzip: Gunzip | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  take(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left === undefined) {
        at = this.#takeHead(bytes, at);
      } else {
        const end = Math.min(at + this.#left, bytes.length);
        this.#left -= end - at;
        this.#takeBody(bytes.subarray(at, end));
        at = end;
      }
    }
  }

  #takeHead(bytes: Buffer, at: number): number {
    const before = this.#head.length;
    this.#head += bytes.toString("latin1", at);
    const end = this.#head.indexOf("\r\n\r\n");
    if (end === -1) return bytes.length;
    const head = this.#head.slice(0, end);
    this.#head = "";
    if (head.startsWith("GET /totals")) {
      this.#answer(JSON.stringify(totals));
    } else if (head.startsWith("GET /marks")) {
      this.#answer(JSON.stringify(marks));
      marks = [];
    } else if (head.startsWith("GET ")) {
      this.#answerLate(healthy);
    } else {
      if (totals.first_at_ms === 0) totals.first_at_ms = now_ms();
      this.#left = Number(/^content-length: *(\d+)/im.exec(head)![1]);
      this.#gunzip = /^content-encoding: *gzip/im.test(head) ? this.#openGunzip() : undefined;
    }
    return at + end + 4 - before;
  }

  #takeBody(part: Buffer): void {
    if (this.#gunzip === undefined) count(part);
    else this.#gunzip.write(part);
    if (this.#left !== 0) return;
    this.#left = undefined;
    if (this.#gunzip === undefined) this.#taken();
    else this.#gunzip.end();
  }

  #openGunzip(): Gunzip {
    const gunzip = createGunzip();
    gunzip.on("data", count);
    gunzip.on("end", () => this.#taken());
    gunzip.on("error", () => this.socket.destroy());
    return gunzip;
  }

  #taken(): void {
    totals.requests += 1;
    totals.last_at_ms = now_ms();
    this.#answerLate(success);
  }

  #answerLate(body: string): void {
    if (values.hang) return;
    if (latency_ms === 0) this.#answer(body);
    else setTimeout(() => this.#answer(body), latency_ms);
  }

  #answer(body: string): void {
    const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
    this.socket.write(`${head}\r\n\r\n${body}`);
  }
}

function count(chunk: Buffer): void {
  totals.bytes += chunk.length;
  for (let at = chunk.indexOf(line_feed); at !== -1; at = chunk.indexOf(line_feed, at + 1)) {
    totals.events += 1;
  }
  for (let at = chunk.indexOf(mark_text); at !== -1; at = chunk.indexOf(mark_text, at + 1)) {
    const number = parseInt(chunk.toString("latin1", at + mark_text.length, at + 20), 10);
    if (!Number.isNaN(number)) marks.push([number, now_ms()]);
  }
}

/** Wall-clock time, so that another process can compare it with its own. */
function now_ms(): number {
  return performance.timeOrigin + performance.now();
}

server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});

process.on("SIGTERM", () => {
  console.log(JSON.stringify(totals));
  server.close();
  for (const socket of sockets) socket.destroy();
});
