/**
 * A sink that keeps what it takes: the bodies, one after the other, are an export for `tallyman verify`, as an archive is one.
 *
 * Forked by run.ts with the file's path; says its port, and takes a `SinkMode` as a message.
 */
import { openSync, writeSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** `reset` takes requests and breaks their connections instead of an answer, so that all of it comes again. */
export type SinkMode = "normal" | "busy" | "reset";

let mode: SinkMode = "normal";

function serve(file: number, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("error", () => undefined);
  response.on("error", () => undefined);
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    if (request.method === "GET" || mode === "busy") return answer(response);
    for (const chunk of chunks) writeSync(file, chunk);
    writeSync(file, "\n");
    if (mode === "reset") request.socket.resetAndDestroy();
    else answer(response);
  });
}

function answer(response: ServerResponse): void {
  response.writeHead(mode === "busy" ? 503 : 200, { "content-type": "application/json" });
  response.end(
    mode === "busy" ? '{"text":"Server is busy","code":9}' : '{"text":"Success","code":0}',
  );
}

const file = openSync(process.argv[2]!, "w");
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) =>
  serve(file, request, response),
);
server.listen(0, "127.0.0.1", () => process.send!((server.address() as AddressInfo).port));
process.on("message", (next: SinkMode) => (mode = next));
process.on("disconnect", () => process.exit());
