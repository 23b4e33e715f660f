/** An aggregator whose Splunk refuses an index: what goes to others is delivered, and what goes to that one waits, and is not lost. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Status } from "../../../src/admin/status/status.ts";
import { tallyman } from "../../support/command-line.ts";
import { eventually } from "../../support/eventually.ts";
import { BatchClient, batchBody } from "../../support/nats/batch-client.ts";
import { has_nats } from "../../support/nats/cluster.ts";
import { Fleet } from "../../support/nats/fleet.ts";
import { Splunk } from "../../support/splunk.ts";

const lanes = { main: "aaaabbbb", gone: "ccccdddd", lost: "eeeeffff" } as const;

interface Case {
  readonly what: string;
  /** Of each batch. */
  readonly count: number;
  readonly filler: string;
  /** Batches to each of the indexes that are refused. */
  readonly batches: number;
  readonly chain: keyof typeof chains;
}

const chains = {
  "no steps": [],
  "steps that leave the index": ['redact: { fields: ["password"] }'],
  "a step that sets the index": [
    `metadata: { index: { value: "{to}", allow: [${Object.keys(lanes).join(", ")}] } }`,
  ],
} as const;

const amounts = [
  { what: "more batches than it has at once", count: 1, filler: "", batches: 12 },
  { what: "more bytes than may be set aside", count: 100, filler: "x".repeat(800), batches: 6 },
] as const;

const cases: readonly Case[] = (Object.keys(chains) as Case["chain"][]).flatMap((chain) =>
  amounts.map((amount) => ({ ...amount, chain })),
);

describe.runIf(has_nats)("an aggregator whose Splunk refuses an index", () => {
  test.each(cases)(
    "delivers to others, with $chain and $what for it, and all once it is taken",
    async ({ chain, count, filler, batches }) => {
      const fleet = await Fleet.start({ servers: 1 });
      const splunk = await Splunk.start({ indexes: ["main"] });
      const client = new BatchClient(await fleet.cluster.connect());
      const aggregator = await fleet.aggregator("ag-1", splunk.url, {
        input: ["max_in_flight: 8"],
        output: ["batch: { max_bytes: 64KiB }"],
        chain: [...chains[chain]],
      });
      const publish = (index: keyof typeof lanes, number: number): Promise<string> => {
        const body = batchBody(number * count, count, filler).toString();
        const lane = lanes[index];
        if (chain === "a step that sets the index") {
          const text = body.replaceAll('{"number"', `{"to":"${index}","number"`);
          const more = { text: Buffer.from(text), head: { lane } };
          return client.publish(number * count, count, more);
        }
        const text = Buffer.from(body.replaceAll('{"host"', `{"index":"${index}","host"`));
        return client.publish(number * count, count, { text, head: { index, lane } });
      };
      const refused: string[] = [];
      for (let number = 0; number < batches; number += 1)
        refused.push(await publish("gone", number), await publish("lost", number));
      const taken: string[] = [];
      for (let number = 0; number < 20; number += 1) taken.push(await publish("main", number));
      await eventually(() => client.receipts.length === taken.length);
      expect(client.receipts.toSorted()).toEqual(taken.toSorted());
      const { out } = await tallyman(["status", "--json", "-c", fleet.configOf("ag-1")]);
      const { put_off } = (JSON.parse(out) as Status).inputs[0]!.batches!;
      expect(put_off).toBeGreaterThan(0);
      for (const token of splunk.tokens.keys())
        splunk.tokens.add(token, { ack: false, indexes: new Set(Object.keys(lanes)) });
      await eventually(() => client.receipts.length === taken.length + refused.length);
      expect(client.receipts.toSorted()).toEqual([...taken, ...refused].toSorted());
      expect(splunk.indexed).toHaveLength((taken.length + refused.length) * count);
      expect(await aggregator.stop()).toBe(0);
      const events = splunk.indexed.length;
      const total = { received: events, delivered: events, in_flight: 0, quarantined: 0 };
      expect(aggregator.books).toMatchObject({ balanced: true, total });
    },
  );

  test("holds up no other input of an agent, however much of one waits for the index", async () => {
    const fleet = await Fleet.start({ servers: 1 });
    const splunk = await Splunk.start({ indexes: ["main"] });
    const folder = fleet.folderOf("agent-1");
    const count = 2000;
    for (const name of ["gone", "main"]) {
      const lines = Array.from({ length: count }, (_, number) =>
        JSON.stringify({ name, number, filler: "x".repeat(1000) }),
      );
      writeFileSync(join(folder, `${name}.log`), `${lines.join("\n")}\n`);
    }
    const inputs = ["gone", "main"].flatMap((name) => [
      `${name}:`,
      `  paths: ["${join(folder, `${name}.log`)}"]`,
      `  metadata: { index: ${name} }`,
    ]);
    await fleet.agent("agent-1", {
      output: ["max_unconfirmed: 1MiB", "batch: { max_bytes: 64KiB }"],
      inputs,
    });
    await fleet.aggregator("ag-1", splunk.url);
    await splunk.until(() => splunk.indexed.length === count);
    const booksOf = async (name: string): Promise<Status["books"]["total"]> => {
      const { out } = await tallyman(["status", "--json", "-c", fleet.configOf(name)]);
      return (JSON.parse(out) as Status).books.total;
    };
    await eventually(async () => (await booksOf("agent-1")).delivered === count);
    expect(await booksOf("agent-1")).toMatchObject({ quarantined: 0, dropped: 0 });
  });
});
