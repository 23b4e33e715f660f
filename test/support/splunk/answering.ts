/** Puts on a real connection what a model says that the sender sees. */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Wire } from "./behaviour.ts";
import type { HecReply } from "./replies.ts";

export function answerOn(socket: Socket, response: ServerResponse, wire: Wire): void {
  switch (wire.kind) {
    case "reply": {
      const { reply, delay_ms } = wire;
      const send = (): void => {
        if (!socket.destroyed) response.writeHead(reply.status, reply.headers).end(reply.body);
      };
      if (delay_ms > 0) setTimeout(send, delay_ms).unref();
      else send();
      return;
    }
    case "reset":
      if (wire.during === undefined) {
        socket.resetAndDestroy();
        return;
      }
      socket.write(beginningOf(wire.during), () => socket.resetAndDestroy());
      return;
    case "close":
      socket.end();
      return;
    case "silence":
      return;
    case "wrong_length": {
      const { reply, bytes } = wire;
      socket.end(headOf(reply, Buffer.byteLength(reply.body) + bytes) + reply.body);
      return;
    }
    case "half_answer":
      socket.write(beginningOf(wire.reply));
      return;
    case "drip":
      response.writeHead(wire.status, { "content-length": "100000" });
      drip(response);
      return;
    case "garbage":
      socket.end(wire.bytes);
  }
}

function headOf({ status }: HecReply, length: number): string {
  return `HTTP/1.1 ${status} OK\r\nContent-Length: ${length}\r\n\r\n`;
}

function beginningOf(reply: HecReply): string {
  return headOf(reply, Buffer.byteLength(reply.body)) + reply.body.slice(0, reply.body.length >> 1);
}

function drip(response: ServerResponse): void {
  if (response.destroyed) return;
  response.write("x");
  setTimeout(() => drip(response), 20);
}
