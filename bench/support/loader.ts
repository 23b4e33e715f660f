/**
 * The sender of the receiving benchmarks: as much as the daemon takes, over a UNIX socket or as HTTP requests.
 *
 *     node bench/support/loader.ts socket PATH EVENTS
 *     node bench/support/loader.ts hec PORT EVENTS CONNECTIONS
 *
 * Prints {"seconds":N} when all is written, for `hec` with {"median_ms":N,"p99_ms":N} from request to answer. It
 * speaks just enough HTTP, and makes its requests beforehand, so that what is measured is the daemon.
 */
import { once } from "node:events";
import { createConnection } from "node:net";
import { wekaEvent } from "../../src/cli/demo/weka-events.ts";

const [kind, target = "", count = "0", connections = "1"] = process.argv.slice(2);
const events = Number(count);
/** Events that are sent again and again: making each anew would cost more than sending it. */
const samples = Array.from({ length: 512 }, (_, number) => wekaEvent(number));

async function loadSocket(path: string): Promise<object> {
  const chunk = Buffer.from(
    samples
      .slice(0, 64)
      .map((event) => `${event}\n`)
      .join(""),
  );
  const socket = createConnection(path);
  await once(socket, "connect");
  const begun_ms = performance.now();
  for (let sent = 0; sent < events; sent += 64) {
    if (!socket.write(chunk)) await once(socket, "drain");
  }
  socket.end();
  await once(socket, "close");
  return { seconds: (performance.now() - begun_ms) / 1000 };
}

async function loadHec(port: number): Promise<object> {
  const requests = samples.map((event) => {
    const body = `{"event":${event}}`;
    return Buffer.from(
      "POST /services/collector/event HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Splunk bench\r\n" +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  const latencies_ms: number[] = [];
  let next = 0;
  const begun_ms = performance.now();
  await Promise.all(
    Array.from({ length: Number(connections) }, async () => {
      const socket = createConnection(port, "127.0.0.1");
      socket.setNoDelay(true);
      await once(socket, "connect");
      while (next < events) {
        const request = requests[next % requests.length]!;
        next += 1;
        const sent_ms = performance.now();
        socket.write(request);
        const [answer] = (await once(socket, "data")) as [Buffer];
        if (!answer.subarray(0, 12).equals(ok)) throw new Error(answer.toString("latin1"));
        latencies_ms.push(performance.now() - sent_ms);
      }
      socket.destroy();
    }),
  );
  const seconds = (performance.now() - begun_ms) / 1000;
  const sorted = latencies_ms.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
  return { seconds, median_ms: at(0.5), p99_ms: at(0.99) };
}

const ok = Buffer.from("HTTP/1.1 200");
const result = kind === "socket" ? await loadSocket(target) : await loadHec(Number(target));
console.log(JSON.stringify(result));
