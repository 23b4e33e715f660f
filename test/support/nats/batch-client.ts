/** A client of NATS that publishes batches as an agent does, but for what a test changes, and listens to all receipts and refusals. */
import { gzipSync } from "node:zlib";
import { headers } from "@nats-io/transport-node";
import { expect } from "vitest";
import {
  batchId,
  message_id_header,
  messageIdOf,
  readReceipt,
  sumOf,
  writeHead,
  type BatchHead,
} from "../../../src/platform/nats/batch-head.ts";
import { readRefusal, type RefusalText } from "../../../src/platform/nats/refusal.ts";
import { answered } from "./sending.ts";
import type { Fleet } from "./fleet.ts";

/** The body of a batch of so many events with numbers, each of them with so much more text. */
export const batchBody = (first: number, count: number, filler = ""): Buffer =>
  Buffer.from(
    Array.from(
      { length: count },
      (_, number) =>
        `{"host":"h","time":1.5,"event":{"number":${first + number}${filler && `,"filler":"${filler}"`}}}\n`,
    ).join(""),
  );

export class BatchClient {
  readonly connection: Awaited<ReturnType<Fleet["cluster"]["connect"]>>;
  readonly receipts: string[] = [];
  readonly refusals: (RefusalText & { agent: string })[] = [];
  #published = 0;

  constructor(connection: BatchClient["connection"]) {
    this.connection = connection;
    connection.subscribe("tally.rcpt.*", {
      callback: (_, message) => {
        const refusal = readRefusal(message.string());
        if (refusal === undefined) this.receipts.push(readReceipt(message.string())!.id);
        else this.refusals.push({ ...refusal, agent: message.subject.split(".").at(-1)! });
      },
    });
  }

  async publish(
    first: number,
    count: number,
    more: { head?: Partial<BatchHead>; subject?: string; data?: Buffer; text?: Buffer } = {},
  ): Promise<string> {
    const text = more.text ?? batchBody(first, count);
    const data = more.data ?? gzipSync(text);
    const head: BatchHead = {
      agent: "agent-1",
      lane: "aaaabbbb",
      epoch: 1,
      first,
      count,
      bytes: text.length,
      sum: sumOf(data),
      packing: "gzip",
      index: undefined,
      placed: false,
      ...more.head,
    };
    const written = headers();
    writeHead(head, (name, value) => written.set(name, value));
    this.#published += 1;
    written.set(message_id_header, messageIdOf(head.agent, batchId(head), this.#published));
    const subject = more.subject ?? `tally.ev.${head.agent}.${head.lane}`;
    const answer = await answered(this.connection, subject, data, written);
    expect(answer.json()).toMatchObject({ stream: "TALLY" });
    return batchId(head);
  }
}
