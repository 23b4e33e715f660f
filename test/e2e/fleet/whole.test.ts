/**
 * Batches that an aggregator posts as they came: they are booked, settled and acknowledged as those whose events it looks at, and
 * where Splunk refuses one of their events, that one is found.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { BatchesReport } from "../../../src/admin/status/input-reports.ts";
import type { Status } from "../../../src/admin/status/status.ts";
import { readNumbered, Tally, writeEvents } from "../../support/files/audit-files.ts";
import { tallyman } from "../../support/command-line.ts";
import { longTest, sampled, sampledCases } from "../../support/effort.ts";
import { readEnvelopes, type Reading } from "../../support/events/envelopes.ts";
import { eventually } from "../../support/eventually.ts";
import { BatchClient, batchBody } from "../../support/nats/batch-client.ts";
import { has_nats } from "../../support/nats/cluster.ts";
import { Fleet } from "../../support/nats/fleet.ts";
import { Splunk } from "../../support/splunk.ts";

/** Events of a batch that is large enough to go as it is. */
const count = 200;
const filler = "x".repeat(300);
const text = (first: number): Buffer => batchBody(first, count, filler);

function numbersIn(splunk: Splunk): number[] {
  return splunk.events
    .map((event) => (JSON.parse(event) as { number: number }).number)
    .toSorted((a, b) => a - b);
}

const upTo = (end: number): number[] => Array.from({ length: end }, (_, number) => number);

async function statusOf(fleet: Fleet, name: string): Promise<Status> {
  const { out } = await tallyman(["status", "--json", "-c", fleet.configOf(name)]);
  return JSON.parse(out) as Status;
}

async function batchesOf(fleet: Fleet, name: string): Promise<BatchesReport> {
  return (await statusOf(fleet, name)).inputs[0]!.batches!;
}

/** Reads a body as Splunk does, but refuses these events. */
function refusing(numbers: readonly number[]): (body: Buffer) => Reading {
  const isRefused = ({ event }: { event: Buffer }): boolean =>
    numbers.some((number) => event.includes(`"number":${number},`));
  return (body) => {
    const reading = readEnvelopes(body);
    const number = reading.events.findIndex(isRefused);
    if (number === -1) return reading;
    return { events: reading.events.slice(0, number), code: 6, invalid_event_number: number };
  };
}

describe.runIf(has_nats)("batches that go as they came", () => {
  test.each(sampledCases(["gzip", "none"], 2))(
    "with %s, and the refused event in one is found",
    async (compression) => {
      const fleet = await Fleet.start({ servers: 1, wait_ms: 600_000 });
      const splunk = await Splunk.start({ read: refusing([2 * count + 77]) });
      const client = new BatchClient(await fleet.cluster.connect());
      const output = [`compression: ${compression}`];
      const aggregator = await fleet.aggregator("ag-1", splunk.url, { output });
      const ids: string[] = [];
      for (let number = 0; number < 5; number += 1)
        ids.push(await client.publish(number * count, count, { text: text(number * count) }));
      await eventually(() => client.receipts.length === 5);
      expect(client.receipts.toSorted()).toEqual(ids.toSorted());
      const events = 5 * count;
      expect(numbersIn(splunk)).toEqual(upTo(events).filter((number) => number !== 2 * count + 77));
      // The first of a lane is looked at.
      expect(await batchesOf(fleet, "ag-1")).toMatchObject({ whole: 4, unpacked: { look: 1 } });
      expect(await aggregator.stop()).toBe(0);
      expect(aggregator.of("nats_batches_whole")).toHaveLength(1);
      expect(aggregator.books).toMatchObject({
        balanced: true,
        total: { received: events, delivered: events - 1, quarantined: 1, in_flight: 0 },
      });
      const lines = readFileSync(
        join(fleet.folderOf("ag-1"), "state/quarantine/quarantine.jsonl"),
        "utf8",
      );
      expect(JSON.parse(lines)).toMatchObject({
        input: "fleet",
        stream: "agent-1/aaaabbbb",
        offset: 2 * count + 77,
        reason: "splunk_invalid_data_format",
      });
    },
  );

  test("one that is not what it said is refused once Splunk refuses it, and its numbers are free", async () => {
    const fleet = await Fleet.start({ servers: 1, wait_ms: 600_000 });
    const splunk = await Splunk.start({ read: refusing([count + 5]) });
    const client = new BatchClient(await fleet.cluster.connect());
    const output = ["compression: gzip"];
    const aggregator = await fleet.aggregator("ag-1", splunk.url, { output });
    const publish = (first: number, more: object = {}): Promise<string> =>
      client.publish(first, count, { text: text(first), ...more });
    const ids = [await publish(0)];
    await eventually(() => client.receipts.length === 1);
    const more = { head: { count: count + 1 } };
    const forged = await publish(count, more);
    const refused = await aggregator.logged("nats_batch_refused");
    expect(refused).toMatchObject({ reason: "it does not have as many events as its headers say" });
    ids.push(await publish(count), await publish(2 * count));
    await eventually(() => client.receipts.length === 3);
    expect(client.receipts.toSorted()).toEqual(ids.toSorted());
    expect(client.receipts).not.toContain(forged);
    // Once is enough: nothing of that lane goes as it is any more.
    expect(await batchesOf(fleet, "ag-1")).toMatchObject({ whole: 1, unpacked: { look: 3 } });
    expect(await aggregator.stop()).toBe(0);
    const total = { received: 3 * count, delivered: 3 * count - 1, quarantined: 1 };
    expect(aggregator.books).toMatchObject({ balanced: true, total });
    const known = new Set(numbersIn(splunk));
    expect(upTo(3 * count).filter((number) => !known.has(number))).toEqual([count + 5]);
  });

  longTest(
    "a refused index holds up its own batches alone, and a step that comes is there for them",
    async () => {
      const fleet = await Fleet.start({ servers: 1, wait_ms: 600_000 });
      const splunk = await Splunk.start({ indexes: ["main"] });
      const client = new BatchClient(await fleet.cluster.connect());
      const output = ["compression: gzip"];
      const aggregator = await fleet.aggregator("ag-1", splunk.url, { output });
      const inIndex = (first: number, index: string): Buffer =>
        Buffer.from(text(first).toString().replaceAll('{"host"', `{"index":"${index}","host"`));
      const lanes = { main: "aaaabbbb", gone: "ccccdddd" };
      const publish = (first: number, index: keyof typeof lanes): Promise<string> =>
        client.publish(first, count, {
          text: inIndex(first, index),
          head: { index, lane: lanes[index] },
        });
      await publish(0, "main");
      await publish(0, "gone");
      await publish(count, "gone");
      await publish(count, "main");
      await publish(2 * count, "main");
      await eventually(() => client.receipts.length === 3);
      expect(splunk.indexed).toHaveLength(3 * count);
      expect(await batchesOf(fleet, "ag-1")).toMatchObject({ whole: 3 });
      fleet.aggregatorConfig("ag-1", splunk.url, {
        output,
        chain: [`redact: { fields: ["filler"], with: "[GONE]" }`],
      });
      expect((await aggregator.reload()).code).toBe("reloaded");
      for (const token of splunk.tokens.keys())
        splunk.tokens.add(token, { ack: false, indexes: new Set(["main", "gone"]) });
      await eventually(() => client.receipts.length === 5);
      expect(await aggregator.stop()).toBe(0);
      expect(aggregator.books).toMatchObject({ balanced: true, total: { delivered: 5 * count } });
      const gone = splunk.indexed.filter(({ index }) => index === "gone");
      expect(gone).toHaveLength(2 * count);
      for (const { event } of gone) expect(event.toString()).toContain("[GONE]");
    },
  );

  const efforts = { all: { events: 100_000, kills: 6 } };
  sampled(
    ({ kills }) => `aggregator and agent are killed ${kills} times under way, nothing is missing`,
    efforts,
    async ({ events, kills }) => {
      const fleet = await Fleet.start({ servers: 1 });
      const tally = new Tally(events);
      const splunk = await Splunk.start({ read: readNumbered((number) => tally.add(number)) });
      splunk.always({ kind: "normal", delay_ms: 20 });
      const more = { output: ["receipt_timeout: 20s", "batch: { max_bytes: 256KiB }"] };
      const output = ["compression: gzip"];
      writeEvents(join(fleet.folderOf("agent-1"), "audit.log"), 0, events);
      let agent = await fleet.agent("agent-1", more);
      let aggregator = await fleet.aggregator("ag-1", splunk.url, { output });
      for (let kill = 0; kill < kills; kill += 1) {
        const before = tally.distinct;
        await splunk.until(() => tally.distinct > before + 1000 || tally.distinct === events);
        if (kill % 2 === 0) {
          await aggregator.crash();
          aggregator = await fleet.aggregator("ag-1", splunk.url, { output });
        } else {
          await agent.crash();
          agent = await fleet.agent("agent-1", more);
        }
      }
      await splunk.until(() => tally.distinct === events);
      // One that has just started reads again what its checkpoint has not passed.
      await eventually(async () => {
        const { delivered } = (await statusOf(fleet, "agent-1")).books.total;
        return delivered === events && (await batchesOf(fleet, "ag-1")).open === 0;
      });
      expect((await batchesOf(fleet, "ag-1")).whole).toBeGreaterThan(0);
      for (const daemon of [agent, aggregator]) expect(await daemon.stop()).toBe(0);
      expect(tally.missing(() => true)).toEqual([]);
      expect(agent.books.total).toMatchObject({ delivered: events, in_flight: 0 });
      expect(aggregator.books).toMatchObject({ balanced: true });
    },
  );
});
