/** What clients of NATS do that are no part of the fleet, or a faulty one: it is refused and logged, and nothing changes. */
import { gzipSync } from "node:zlib";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sumOf, writeReceipt } from "../../../src/platform/nats/batch-head.ts";
import { permissionsOf, permissionsText } from "../../../src/platform/nats/permissions.ts";
import { longTest } from "../../support/effort.ts";
import { eventually } from "../../support/eventually.ts";
import { answered } from "../../support/nats/sending.ts";
import { BatchClient, batchBody } from "../../support/nats/batch-client.ts";
import { has_nats } from "../../support/nats/cluster.ts";
import { Fleet } from "../../support/nats/fleet.ts";
import { Splunk } from "../../support/splunk.ts";

const numbersIn = (splunk: Splunk): number[] =>
  splunk.events
    .map((event) => (JSON.parse(event) as { number: number }).number)
    .toSorted((a, b) => a - b);

describe.runIf(has_nats)("fleet against forged messages", () => {
  test("a batch that is not what it says is refused, logged and taken out; those beside it are delivered", async () => {
    const fleet = await Fleet.start({ servers: 1 });
    const splunk = await Splunk.start();
    const client = new BatchClient(await fleet.cluster.connect());
    const aggregator = await fleet.aggregator("ag-1", splunk.url);
    const before = await client.publish(0, 3);
    const other = gzipSync(batchBody(90, 3));
    await client.publish(10, 3, { head: { sum: sumOf(other) } });
    await client.publish(20, 3, { data: other, head: { bytes: 1 } });
    await client.publish(30, 3, { head: { count: 2 } });
    await client.publish(40, 3, { head: { count: 4 } });
    await client.publish(50, 3, { subject: "tally.ev.agent-2.aaaabbbb" });
    await client.publish(60, 3, { subject: "tally.ev.agent-1.ccccdddd" });
    await client.publish(70, 3, { data: Buffer.from("no gzip at all") });
    await client.publish(80, 1, { data: gzipSync(Buffer.from('{"a":1}\n')), head: { bytes: 8 } });
    await answered(client.connection, "tally.ev.agent-1.aaaabbbb", "no headers");
    const after = await client.publish(3, 2);
    await eventually(() => client.receipts.length === 2);
    expect(client.receipts).toEqual([before, after]);
    expect(numbersIn(splunk)).toEqual([0, 1, 2, 3, 4]);
    // Each agent hears of what was published in its own name, and of nothing else.
    await eventually(() => client.refusals.length === 9);
    const told = client.refusals.map(({ agent, lane, reason }) => `${agent}/${lane}: ${reason}`);
    expect(told).toContain("agent-1/aaaabbbb: its checksum is that of another body");
    expect(told).toContain("agent-1/aaaabbbb: it has no headers of a batch");
    expect(told).toContain("agent-2/aaaabbbb: its agent is not the one that its subject names");
    expect(told).toContain("agent-1/ccccdddd: its lane is not the one that its subject names");
    const refusals = aggregator.of("nats_batch_refused");
    expect(refusals[0]).toMatchObject({ reason: "its checksum is that of another body" });
    await eventually(async () => (await fleet.manager.streams.info("TALLY")).state.messages <= 1);
    expect(await aggregator.stop()).toBe(0);
    expect(aggregator.books.total).toMatchObject({ received: 5, delivered: 5 });
  });

  longTest(
    "what was delivered is recognised by its numbers, and gets its receipt again",
    async () => {
      const fleet = await Fleet.start({ servers: 1 });
      const splunk = await Splunk.start();
      const client = new BatchClient(await fleet.cluster.connect());
      const aggregator = await fleet.aggregator("ag-1", splunk.url);
      const first = await client.publish(0, 3);
      await eventually(() => client.receipts.length === 1);
      const again = await client.publish(0, 3);
      const overlapping = await client.publish(1, 4);
      await eventually(() => client.receipts.length === 3);
      expect(client.receipts).toEqual([first, again, overlapping]);
      expect(numbersIn(splunk)).toEqual([0, 1, 2, 3, 4]);
      // And after a restart, by another epoch not.
      expect(await aggregator.stop()).toBe(0);
      const next = await fleet.aggregator("ag-1", splunk.url);
      await client.publish(2, 3);
      await client.publish(0, 1, { head: { epoch: 2 } });
      await eventually(() => client.receipts.length === 5);
      expect(numbersIn(splunk)).toEqual([0, 0, 1, 2, 3, 4]);
      expect(await next.stop()).toBe(0);
    },
  );

  longTest("while Splunk is down there is no receipt, and nothing leaves the stream", async () => {
    const fleet = await Fleet.start({ servers: 1 });
    const splunk = await Splunk.start();
    splunk.always({ kind: "answer", status: 503, body: '{"text":"Server is busy","code":9}' });
    const client = new BatchClient(await fleet.cluster.connect());
    await fleet.aggregator("ag-1", splunk.url);
    await client.publish(0, 3);
    await splunk.until(() => splunk.requests.length > 3);
    expect(client.receipts).toEqual([]);
    expect((await fleet.manager.streams.info("TALLY")).state.messages).toBe(1);
    splunk.always({ kind: "normal" });
    await eventually(() => client.receipts.length === 1);
    expect(numbersIn(splunk)).toEqual([0, 1, 2]);
  });

  longTest(
    "with the permissions that `fleet setup` prints, an agent can be nobody else",
    async () => {
      const names = { prefix: "tally", stream: "TALLY", consumer: "tallyman" };
      const user = (name: string, permissions: string): string =>
        `{ user: "${name}", password: "secret", ${permissions} }`;
      const users = [
        user("admin", 'permissions { publish: ">", subscribe: ">" }'),
        user("setup", permissionsText(permissionsOf("setup", names), "")),
        user("aggregators", permissionsText(permissionsOf("aggregator", names), "")),
        ...["agent-1", "agent-2"].map((name) =>
          user(name, permissionsText(permissionsOf("agent", names, name), "")),
        ),
      ];
      const fleet = await Fleet.start({
        servers: 1,
        more: `authorization { users: [${users.join(",\n")}] }`,
        client: { user: "admin", pass: "secret" },
      });
      const splunk = await Splunk.start();
      const as = (name: string): string[] => [`user: ${name}`, "password: secret"];
      writeFileSync(join(fleet.folderOf("agent-1"), "audit.log"), '{"number":1}\n{"number":2}\n');
      const aggregator = await fleet.aggregator("ag-1", splunk.url, { input: as("aggregators") });
      const agent = await fleet.agent("agent-1", { output: as("agent-1") });
      await splunk.until(() => splunk.events.length === 2);
      // One that says that it is another is held up, and says why.
      writeFileSync(join(fleet.folderOf("agent-3"), "audit.log"), '{"number":3}\n');
      const impostor = await fleet.agent("agent-3", { output: as("agent-2") });
      await impostor.logged(
        (entry) => entry.code === "nats_not_taken" && entry["reason"] === "forbidden",
      );
      // Its own client can forge neither batches nor receipts of others, nor read theirs.
      const connection = await fleet.cluster.connect({ user: "agent-2", pass: "secret" });
      const refusals: string[] = [];
      void (async () => {
        for await (const status of connection.status())
          if (status.type === "error") refusals.push(status.error.message);
      })();
      connection.publish("tally.ev.agent-1.aaaabbbb", "x");
      connection.publish("tally.rcpt.agent-1", writeReceipt({ id: "aaaabbbb.1.0.1", sum: "" }));
      for (const subject of ["tally.rcpt.agent-1", "tally.ev.>", "_INBOX_tally_agent.agent-1.>"])
        connection.subscribe(subject, { callback: () => undefined });
      connection.publish("$JS.API.STREAM.PURGE.TALLY", "");
      await eventually(() => refusals.length === 6);
      expect(await agent.stop()).toBe(0);
      expect(await aggregator.stop()).toBe(0);
      expect(agent.books.total).toMatchObject({ delivered: 2, in_flight: 0 });
      expect(splunk.events).toHaveLength(2);
    },
  );
});
