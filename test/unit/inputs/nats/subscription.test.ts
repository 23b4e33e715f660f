/** How an aggregator gets batches of a real server, whatever is slow. */
import { spawn } from "node:child_process";
import type { JsMsg } from "@nats-io/jetstream";
import { describe, expect, onTestFinished, test } from "vitest";
import { natsInputShape } from "../../../../src/inputs/nats/options.ts";
import { Subscription } from "../../../../src/inputs/nats/subscription.ts";
import { systemClock, type Clock } from "../../../../src/platform/clock.ts";
import { writeReceipt } from "../../../../src/platform/nats/batch-head.ts";
import { z } from "zod";
import { fastClock } from "../../../support/clocks/fast-clock.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { longTest } from "../../../support/effort.ts";
import { eventually } from "../../../support/eventually.ts";
import { BatchClient } from "../../../support/nats/batch-client.ts";
import { has_nats } from "../../../support/nats/cluster.ts";
import { Fleet } from "../../../support/nats/fleet.ts";
import { freePort } from "../../../support/servers/free-port.ts";

interface TakenFacts {
  max_in_flight?: number;
  /** More servers. */
  others?: readonly string[];
  clock?: Clock;
}

class Taken {
  readonly fleet: Fleet;
  readonly client: BatchClient;
  readonly messages: JsMsg[] = [];
  readonly aside = new Set<JsMsg>();
  /** Lets the message go on that was taken on last. */
  go: () => void = () => undefined;
  readonly log = new CollectedLog();
  readonly subscription: Subscription;

  private constructor(
    fleet: Fleet,
    client: BatchClient,
    { others = [], clock = systemClock, ...options }: TakenFacts,
  ) {
    this.fleet = fleet;
    this.client = client;
    const given = { type: "nats", servers: [...fleet.cluster.urls, ...others], ...options };
    this.subscription = new Subscription(z.strictObject(natsInputShape()).parse(given), {
      name: "ag-1",
      clock,
      log: this.log,
      logged: {},
      take: (message) => {
        this.messages.push(message);
        return new Promise((resolve) => (this.go = resolve));
      },
      isAside: (message) => this.aside.has(message),
      onReceipt: () => undefined,
      report: () => {
        throw new Error("nobody asks for books");
      },
      onIdle: () => undefined,
    });
    onTestFinished(() => this.subscription.close());
  }

  static async start(options: TakenFacts = {}): Promise<Taken> {
    const fleet = await Fleet.start({ servers: 1 });
    const client = new BatchClient(await fleet.cluster.connect());
    return new Taken(fleet, client, options);
  }

  /** Resolves when the next one is being taken on, and there is nothing that the subscription could do beside it. */
  async next(): Promise<JsMsg> {
    const count = this.messages.length;
    await eventually(() => this.messages.length > count);
    await this.client.publish(1000 + count, 1);
    return this.messages.at(-1)!;
  }

  settle(message: JsMsg): void {
    const receipt = writeReceipt({ id: "aaaabbbb.1.0.1", sum: "0".repeat(32) });
    this.subscription.settle(message, "agent-1", receipt);
  }
}

describe.runIf(has_nats)("a subscription", () => {
  test("goes on after it had as many batches as it may have, and waited for the last to be taken on", async () => {
    const taken = await Taken.start({ max_in_flight: 1 });
    await taken.client.publish(0, 1);
    taken.subscription.start();
    for (let number = 0; number < 3; number += 1) {
      const message = await taken.next();
      expect(message.seq).toBe(number + 1);
      taken.go();
      await eventually(() => taken.subscription.open === 1);
      taken.settle(message);
    }
  });

  test("acknowledges nothing of a stream that was made again for what came of the one before", async () => {
    const taken = await Taken.start();
    const { manager } = taken.fleet;
    const pending = async (): Promise<number> =>
      (await manager.consumers.info("TALLY", "tallyman")).num_ack_pending;
    await taken.client.publish(0, 1);
    taken.subscription.start();
    await eventually(() => taken.messages.length === 1);
    const [before] = taken.messages;
    taken.go();
    await manager.streams.delete("TALLY");
    await taken.fleet.setUp();
    await taken.client.publish(7, 1);
    await eventually(() => taken.messages.length > 1);
    const after = taken.messages[1]!;
    expect([before!.seq, after.seq]).toEqual([1, 1]);
    taken.settle(before!);
    await taken.subscription.settled();
    // Its events are delivered all the same.
    await eventually(() => taken.client.receipts.length > 0);
    expect(taken.client.receipts).toHaveLength(1);
    expect(await pending()).toBe(1);
    taken.subscription.refuse(before!, "it is refused");
    await eventually(() => taken.client.refusals.length === 1);
    expect(await pending()).toBe(1);
    taken.settle(after);
    await eventually(async () => (await pending()) === 0);
  });

  test("that reads no more waits for no server that is gone for good", async () => {
    const taken = await Taken.start({ clock: fastClock(20) });
    const { subscription } = taken;
    await taken.client.publish(0, 1);
    subscription.start();
    await eventually(() => taken.messages.length === 1);
    await taken.fleet.cluster.servers[0]!.kill();
    const stopped = subscription.stop();
    taken.go();
    await stopped;
    expect(subscription.open).toBe(1);
    await subscription.empty();
    await subscription.close();
    expect(subscription.open).toBe(0);
    // Its events are settled when they are; nobody waits for that here any more.
    taken.settle(taken.messages[0]!);
    await subscription.settled();
  });

  longTest(
    "leaves a server that cannot read the stream for one that can, after its connection was lost",
    async () => {
      const port = await freePort();
      const taken = await Taken.start({ others: [`nats://127.0.0.1:${port}`] });
      const { cluster } = taken.fleet;
      const { link } = taken.subscription;
      taken.subscription.start();
      await eventually(() => link.server !== undefined);
      const without_streams = ["-a", "127.0.0.1", "-p", `${port}`];
      const other = spawn("nats-server", without_streams, { stdio: "ignore" });
      onTestFinished(() => void other.kill("SIGKILL"));
      await cluster.servers[0]!.kill();
      await eventually(() => link.server === `127.0.0.1:${port}`);
      cluster.servers[0]!.start();
      await cluster.ready();
      await taken.client.publish(0, 1);
      await eventually(() => taken.messages.length > 0);
    },
  );
});
