/**
 * The sink of the benchmarks: takes what an HTTP Event Collector takes, counts lines, and keeps nothing.
 *
 *     node bench/support/sink.ts [--latency-ms N] [--hang] [--port N] [--marker TEXT]
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
    /** To listen on; by default any that is free. */
    port: { type: "string", default: "0" },
    /** Stands once in each event, however it is spelt. By default line ends are counted. */
    marker: { type: "string", default: "\n" },
  },
});
const latency_ms = Number(values["latency-ms"]);
const marker = Buffer.from(values.marker);
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
  /** The last bytes of the body, in which a marker may begin. */
  #rest: Buffer = Buffer.alloc(0);

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
      if (/^expect: *100-continue/im.test(head)) this.socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      this.#gunzip = /^content-encoding: *gzip/im.test(head) ? this.#openGunzip() : undefined;
    }
    return at + end + 4 - before;
  }

  #takeBody(part: Buffer): void {
    if (this.#gunzip === undefined) this.#count(part);
    else this.#gunzip.write(part);
    if (this.#left !== 0) return;
    this.#left = undefined;
    if (this.#gunzip === undefined) this.#taken();
    else this.#gunzip.end();
  }

  #openGunzip(): Gunzip {
    const gunzip = createGunzip();
    gunzip.on("data", (part: Buffer) => this.#count(part));
    gunzip.on("end", () => this.#taken());
    gunzip.on("error", () => this.socket.destroy());
    return gunzip;
  }

  /** Counts the markers, those that reach over two parts as well. */
  #count(part: Buffer): void {
    totals.bytes += part.length;
    const kept = marker.length - 1;
    if (this.#rest.length > 0) {
      totals.events += markersIn(Buffer.concat([this.#rest, part.subarray(0, kept)]));
    }
    totals.events += markersIn(part);
    noteMarks(part);
    if (kept === 0) return;
    const end = part.length < kept ? Buffer.concat([this.#rest, part]) : part;
    this.#rest = Buffer.from(end.subarray(Math.max(0, end.length - kept)));
  }

  #taken(): void {
    this.#rest = Buffer.alloc(0);
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

function markersIn(bytes: Buffer): number {
  let found = 0;
  const [byte] = marker;
  // A search for one byte is faster by its number.
  const wanted = marker.length === 1 ? byte! : marker;
  for (let at = bytes.indexOf(wanted); at !== -1; at = bytes.indexOf(wanted, at + 1)) found += 1;
  return found;
}

function noteMarks(bytes: Buffer): void {
  for (let at = bytes.indexOf(mark_text); at !== -1; at = bytes.indexOf(mark_text, at + 1)) {
    const number = parseInt(bytes.toString("latin1", at + mark_text.length, at + 20), 10);
    if (!Number.isNaN(number)) marks.push([number, now_ms()]);
  }
}

/** Wall-clock time, so that another process can compare it with its own. */
function now_ms(): number {
  return performance.timeOrigin + performance.now();
}

server.listen(Number(values.port), "127.0.0.1", () => {
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port }));
});

process.on("SIGTERM", () => {
  console.log(JSON.stringify(totals));
  server.close();
  for (const socket of sockets) socket.destroy();
});
