/** What a real server deletes of a stream, and what it keeps since nobody has read it. */
import { jetstream, type JsMsg } from "@nats-io/jetstream";
import { describe, expect, test } from "vitest";
import { ReadMessages } from "../../../../src/inputs/nats/read-messages.ts";
import { default_plan } from "../../../../src/platform/nats/stream.ts";
import { BatchClient } from "../../../support/nats/batch-client.ts";
import { has_nats } from "../../../support/nats/cluster.ts";
import { Fleet, stream } from "../../../support/nats/fleet.ts";

const { consumer } = default_plan;

class Stream {
  readonly #fleet: Fleet;
  readonly #client: BatchClient;
  readonly read: ReadMessages;

  private constructor(fleet: Fleet, client: BatchClient) {
    this.#fleet = fleet;
    this.#client = client;
    this.read = new ReadMessages({ stream, consumer }, client);
  }

  static async start(): Promise<Stream> {
    const fleet = await Fleet.start({ servers: 1 });
    return new Stream(fleet, new BatchClient(await fleet.cluster.connect()));
  }

  async makeAgain(): Promise<void> {
    await this.#fleet.manager.streams.delete(stream);
    await this.#fleet.setUp();
  }

  async publish(count: number): Promise<void> {
    for (let first = 0; first < count; first += 1) await this.#client.publish(first, 1);
  }

  /** Reads as many as there are, and acknowledges the first ones. */
  async acknowledge(count: number): Promise<void> {
    const source = await jetstream(this.#client.connection).consumers.get(stream, consumer);
    const messages: JsMsg[] = [];
    for await (const message of await source.fetch({ max_messages: 3, expires: 1000 }))
      messages.push(message);
    for (const message of messages.slice(0, count)) expect(await message.ackAck()).toBe(true);
  }

  /** The places in the stream that are left after it has forgotten what was read. */
  async left(): Promise<number[]> {
    this.read.noteMore();
    await this.read.purge();
    const { first_seq, last_seq } = (await this.#fleet.manager.streams.info(stream)).state;
    return [first_seq, last_seq];
  }
}

describe.runIf(has_nats)("of a stream", () => {
  test("all that was not read stays, though only its first message was", async () => {
    const made = await Stream.start();
    await made.publish(3);
    await made.acknowledge(1);
    expect(await made.left()).toEqual([1, 3]);
  });

  test("what was read is deleted, and nothing of one that is made again", async () => {
    const made = await Stream.start();
    await made.publish(3);
    await made.acknowledge(2);
    expect(await made.left()).toEqual([2, 3]);
    await made.makeAgain();
    await made.publish(3);
    expect(await made.left()).toEqual([1, 3]);
  });
});
