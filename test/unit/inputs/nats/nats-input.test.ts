/** The input of agents' batches before a real server. */
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { Block } from "../../../../src/event/block.ts";
import { AgentLanes } from "../../../../src/inputs/nats/agent-lanes.ts";
import { HeardReceipts } from "../../../../src/inputs/nats/heard-receipts.ts";
import { NatsInput } from "../../../../src/inputs/nats/nats-input.ts";
import { natsInputShape } from "../../../../src/inputs/nats/options.ts";
import { Ledger } from "../../../../src/ledger/ledger.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { silentLogger } from "../../../../src/platform/log.ts";
import { eventually } from "../../../support/eventually.ts";
import { CollectedLog } from "../../../support/collected-log.ts";
import { BatchClient } from "../../../support/nats/batch-client.ts";
import { has_nats } from "../../../support/nats/cluster.ts";
import { Fleet } from "../../../support/nats/fleet.ts";

describe.runIf(has_nats)("an input of agents' batches", () => {
  test("stops though there is no room behind it, as in an outage, and keeps what it has taken on", async () => {
    const fleet = await Fleet.start({ servers: 1 });
    const client = new BatchClient(await fleet.cluster.connect());
    const given = { type: "nats", servers: fleet.cluster.urls };
    const ledger = new Ledger();
    const input = new NatsInput("fleet", z.strictObject(natsInputShape()).parse(given), {
      services: { ledger, clock: systemClock, log: silentLogger },
      known: { lanes: new AgentLanes(ledger, "fleet"), heard: new HeardReceipts() },
      origin: { metadata: {} },
    });
    onTestFinished(() => input.close());
    const blocks: Block[] = [];
    await input.start({
      accept: (block) => {
        blocks.push(block);
        return new Promise(() => undefined);
      },
      room: () => undefined,
      idle: () => undefined,
    });
    await client.publish(0, 2);
    await client.publish(2, 2);
    await eventually(() => blocks.length > 0);
    await input.stop();
    expect(blocks).toHaveLength(1);
    expect(ledger.books().inputs["fleet"]).toMatchObject({ received: 2, in_flight: 2 });
    expect(input.status().batches).toMatchObject({ open: 1 });
  });

  test("says that two agents of one name publish at the same time, and on which hosts", async () => {
    const fleet = await Fleet.start({ servers: 1 });
    const client = new BatchClient(await fleet.cluster.connect());
    const given = { type: "nats", servers: fleet.cluster.urls };
    const [ledger, log] = [new Ledger(), new CollectedLog()];
    const input = new NatsInput("fleet", z.strictObject(natsInputShape()).parse(given), {
      services: { ledger, clock: systemClock, log },
      known: { lanes: new AgentLanes(ledger, "fleet"), heard: new HeardReceipts() },
      origin: { metadata: {} },
    });
    onTestFinished(() => input.close());
    await input.start({ accept: () => undefined, room: () => undefined, idle: () => undefined });
    for (let number = 0; number < 6; number += 1) {
      const run = number % 2 === 0 ? "a" : "b";
      await client.publish(number, 1, { head: { run: { instance: run, host: `host-${run}` } } });
    }
    await eventually(() => log.of("nats_agent_shared").length > 0);
    const [{ facts } = { facts: {} }] = log.of("nats_agent_shared");
    const shared = { agent: "agent-1", hosts: ["host-a", "host-b"] };
    expect(facts).toMatchObject(shared);
    expect(input.status().batches!.shared.map(({ agent }) => agent)).toEqual(["agent-1"]);
    await input.stop();
  });
});
