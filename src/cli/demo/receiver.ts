/**
 * The demo's replacement for Splunk: an HTTP Event Collector on loopback that counts what it is sent.
 *
 * It answers as Splunk does and keeps one event, for the demo to show.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** How much of a body's start is looked at for the event to show. */
const head_bytes_max = 64 * 1024;

const new_line = 10;

export class DemoReceiver {
  readonly url: string;
  events = 0;
  bytes = 0;
  requests = 0;
  /** Called with each body that was taken. */
  onBody: ((body: string) => void) | undefined;
  /** The envelope of the event to show, once it has come. */
  sample: string | undefined;
  readonly #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  /** Takes requests with this token, and keeps the envelope of the event that has this text in it. */
  static async start(token: string, sample_text: string): Promise<DemoReceiver> {
    const server = createServer((request, response) => {
      const reply = (status: number, body: object): void => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      };
      if (request.headers.authorization !== `Splunk ${token}`) {
        request.resume();
        return reply(403, { text: "Invalid token", code: 4 });
      }
      readBody(request, receiver, (head) => {
        receiver.sample ??= head.split("\n").find((line) => line.includes(sample_text));
        reply(200, { text: "Success", code: 0 });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const receiver = new DemoReceiver(`http://127.0.0.1:${port}`, async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    });
    return receiver;
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** Events are counted when the whole body is in: a request that breaks off was not taken. */
function readBody(
  request: IncomingMessage,
  receiver: DemoReceiver,
  done: (head: string) => void,
): void {
  let head = "";
  const chunks: Buffer[] = [];
  let events = 0;
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (receiver.onBody !== undefined) chunks.push(chunk);
    for (let at = chunk.indexOf(new_line); at >= 0; at = chunk.indexOf(new_line, at + 1))
      events += 1;
    if (receiver.sample === undefined && head.length < head_bytes_max) head += chunk.toString();
  });
  request.on("error", () => undefined);
  request.on("end", () => {
    receiver.requests += 1;
    receiver.events += events;
    receiver.bytes += bytes;
    receiver.onBody?.(Buffer.concat(chunks).toString());
    done(head);
  });
}
