/** What a real server deletes of a stream, and what it keeps since nobody has read it. */
import { jetstream, type JsMsg } from "@nats-io/jetstream";
import { describe, expect, test } from "vitest";
import { ConsumerIdentity } from "../../../../src/inputs/nats/consumer-identity.ts";
import { ReadMessages } from "../../../../src/inputs/nats/read-messages.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { default_plan } from "../../../../src/platform/nats/stream.ts";
import { eventually } from "../../../support/eventually.ts";
import { BatchClient } from "../../../support/nats/batch-client.ts";
import { has_nats } from "../../../support/nats/cluster.ts";
import { Fleet, stream } from "../../../support/nats/fleet.ts";

const { consumer } = default_plan;

class Stream {
  readonly #fleet: Fleet;
  readonly #client: BatchClient;
  readonly read: ReadMessages;
  readonly identity: ConsumerIdentity;
  /** Of the consumer that was read from last. */
  made: string | undefined;

  private constructor(fleet: Fleet, client: BatchClient) {
    this.#fleet = fleet;
    this.#client = client;
    this.identity = new ConsumerIdentity({ stream, consumer }, client, systemClock);
    this.read = new ReadMessages({ stream, consumer }, client, this.identity);
  }

  static async start(): Promise<Stream> {
    const fleet = await Fleet.start({ servers: 1 });
    return new Stream(fleet, new BatchClient(await fleet.cluster.connect()));
  }

  async makeAgain(): Promise<void> {
    await this.#fleet.manager.streams.delete(stream);
    await this.#fleet.setUp();
  }

  async restart(): Promise<void> {
    const { cluster } = this.#fleet;
    // A server that is killed forgets acknowledgements of the last moments: then messages come again.
    await cluster.servers[0]!.kill("SIGTERM");
    cluster.servers[0]!.start();
    await cluster.ready();
    // Both connections come back by themselves.
    for (const answer of [
      () => this.#client.connection.flush(),
      () => this.#fleet.manager.streams.info(stream),
    ])
      await eventually(() =>
        answer().then(
          () => true,
          () => false,
        ),
      );
  }

  async publish(count: number): Promise<void> {
    for (let first = 0; first < count; first += 1) await this.#client.publish(first, 1);
  }

  /** Reads as many as there are, acknowledges the first ones, and gives the others. */
  async acknowledge(count: number, read = this.read): Promise<JsMsg[]> {
    const source = await jetstream(this.#client.connection).consumers.get(stream, consumer);
    const made = await this.identity.made();
    this.made = made;
    const messages: JsMsg[] = [];
    for await (const message of await source.fetch({ max_messages: 3, expires: 1000 })) {
      this.identity.note(message, made);
      messages.push(message);
    }
    for (const message of messages.slice(0, count)) {
      expect(await message.ackAck()).toBe(true);
      read.note(message);
    }
    return messages.slice(count);
  }

  /** Of another aggregator. */
  another(): ReadMessages {
    return new ReadMessages({ stream, consumer }, this.#client, this.identity);
  }

  /** How many are with somebody, as the server knows. */
  async pending(): Promise<number> {
    return (await this.#fleet.manager.consumers.info(stream, consumer)).num_ack_pending;
  }

  /** The places in the stream that are left after it has forgotten what was read. */
  async left(): Promise<number[]> {
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
    const [first] = await made.left();
    expect(first).toBeLessThanOrEqual(2);
  });

  test("what was read is deleted, and nothing of one that is made again", async () => {
    const made = await Stream.start();
    await made.publish(3);
    await made.acknowledge(2);
    const [first, last] = await made.left();
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThanOrEqual(3);
    expect(last).toBe(3);
    await made.publish(3);
    await made.acknowledge(3);
    await made.makeAgain();
    await made.publish(3);
    // What was asked a moment ago is not known to be outdated.
    await eventually(async () => (await made.identity.made()) !== made.made);
    expect(await made.left()).toEqual([1, 3]);
  });

  test("the numbers go on after a restart of the server, though all was read", async () => {
    const made = await Stream.start();
    await made.publish(3);
    await made.acknowledge(3);
    const [first] = await made.left();
    expect(first).toBe(3);
    await made.restart();
    await made.publish(1);
    const [next] = await made.acknowledge(0);
    expect(next?.seq).toBe(4);
  });

  test("of what several aggregators have acknowledged, the stream's last message alone stays", async () => {
    const made = await Stream.start();
    const other = made.another();
    await made.publish(3);
    await made.acknowledge(3);
    await made.publish(3);
    await made.acknowledge(3, other);
    // The time has come for both, and one of them is stopped just then.
    await Promise.all([made.read.purge(), made.read.purge(), other.purge(), other.purge()]);
    expect(await made.left()).toEqual([6, 6]);
  });

  test("what an aggregator has at that time stays with it, and comes again if it is given back", async () => {
    const made = await Stream.start();
    await made.publish(3);
    const open = await made.acknowledge(2);
    expect(open).toHaveLength(1);
    await made.left();
    expect(await made.pending()).toBe(1);
    for (const message of open) message.nak();
    const [again] = await made.acknowledge(0);
    expect(again?.seq).toBe(3);
  });
});
